#include "varimix/mixture/law_difference.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>

#include "support/models.hpp"

namespace varimix::tests {
namespace {

TEST(LawDifference, IsTheLargestChangeOfSigmaInStandardDeviationsWhereSigmaAloneDiffers) {
  for (const Index d : {1, 2, 5, 20}) {
    const NormalInverseGaussian other = some_model(d, 3, 0.7);
    const NormalInverseGaussian model(other.mu(), Vector::Zero(d), some_model(d, 4, 0.7).L_Sigma(),
                                      other.subordinator());
    const NormalInverseGaussian without(other.mu(), Vector::Zero(d), other.L_Sigma(), other.subordinator());
    const Vector deviation = model.sigma().diagonal().cwiseSqrt();
    const Matrix change = (model.sigma() - without.sigma()).array() / (deviation * deviation.transpose()).array();
    const double largest = change.cwiseAbs().maxCoeff();
    EXPECT_GT(largest, 0.1);
    EXPECT_NEAR(law_difference(model, without), largest, 1e-13 * largest) << d;
    EXPECT_EQ(law_difference(model, model), 0.0);
  }
}

TEST(LawDifference, DoesNotCancelBetweenLawsThatAreNear) {
  const NormalInverseGaussian model = some_model(4, 5, 0.7);
  Matrix factor = model.L_Sigma();
  const double small = 0x1p-40;  // the square of 1 + small is 1 + 2 small to rounding
  factor.row(3) *= 1.0 + small;
  const NormalInverseGaussian near(model.mu(), Vector::Zero(4), factor, model.subordinator());
  const NormalInverseGaussian start(model.mu(), Vector::Zero(4), model.L_Sigma(), model.subordinator());
  EXPECT_NEAR(law_difference(start, near), 2.0 * small, 1e-3 * small);
}

}  // namespace
}  // namespace varimix::tests
