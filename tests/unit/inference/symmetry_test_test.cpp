#include "varimix/inference/symmetry_test.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/families.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"

namespace varimix::tests {
namespace {

template <class S>
class SymmetryTestOf : public ::testing::Test {};
TYPED_TEST_SUITE(SymmetryTestOf, Families, FamilyNames);

TYPED_TEST(SymmetryTestOf, FindsThatSkewedRowsAreSkewed) {
  const RowMatrix x = model_with_law(2, 3, some_law<TypeParam>(0.7, 1)).rvs(800, Seed{1});
  const auto found = symmetry_test<TypeParam>(x, {.max_iter = 300});
  EXPECT_LT(found.test.p_value, 1e-6) << found.free.status;
  EXPECT_EQ(found.test.degrees, 2);
  EXPECT_TRUE(found.symmetric.model.gamma().isZero(0.0));
  EXPECT_GT(*found.free.log_likelihood, *found.symmetric.log_likelihood);
}

TEST(SymmetryTest, DoesNotDependOnUnitOrOrigin) {
  const RowMatrix x = tutorial_model().rvs(300, Seed{2});
  const Matrix scale = Vector{{1e-3, 40.0}}.asDiagonal();
  const double ratio = symmetry_test<InverseGaussian>(x).test.statistic;
  EXPECT_NEAR(symmetry_test<InverseGaussian>(transformed(x, scale, Vector{{5.0, -3.0}})).test.statistic, ratio, 1e-7);
}

TEST(SymmetryTest, WeightsCountRows) {
  const RowMatrix x = tutorial_model().rvs(200, Seed{3});
  RowMatrix twice(400, 2);
  twice << x, x;
  const std::vector<double> two(200, 2.0);
  const auto weighted = symmetry_test<InverseGaussian>(x, {}, two);
  EXPECT_NEAR(weighted.test.statistic, symmetry_test<InverseGaussian>(twice).test.statistic, 1e-8);
  EXPECT_NEAR(weighted.test.statistic, 2.0 * symmetry_test<InverseGaussian>(x).test.statistic, 1e-8);
}

TEST(SymmetryTest, TakesWhatRowsShow) {
  RowMatrix x = tutorial_model().rvs(400, Seed{4});
  for (Index i = 0; i < x.rows(); i += 5) x(i, i % 2) = std::nan("");
  EXPECT_THROW((void)symmetry_test<InverseGaussian>(x), std::invalid_argument);
  EXPECT_LT(symmetry_test<InverseGaussian>(x, {.missing = Missing::kExact}).test.p_value, 0.01);
}

TEST(SymmetryTest, HasTheSameBitsForAnyNumberOfThreads) {
  const RowMatrix x = tutorial_model().rvs(3000, Seed{5});
  std::vector<LikelihoodRatio> found;
  for (const int threads : {1, 2, 7}) {
    const ThreadLimit limit(threads);
    found.push_back(symmetry_test<InverseGaussian>(x).test);
  }
  EXPECT_EQ(found[0], found[1]);
  EXPECT_EQ(found[0], found[2]);
}

std::string refusal(const RowMatrix& x, const SymmetryTestOptions& options, const std::vector<double>& weights = {}) {
  try {
    (void)symmetry_test<InverseGaussian>(x, options, weights);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(SymmetryTest, RefusesWhatItCannotTest) {
  const RowMatrix x = tutorial_model().rvs(3, Seed{6});
  EXPECT_NE(refusal(x, {}, {1.0, 0.5, 1.0}).find("weights must be whole numbers"), std::string::npos);
  EXPECT_NE(refusal(x, {}, {1.0, -1.0, 1.0}).find("weight"), std::string::npos);
  EXPECT_NE(refusal(x, {}, {1.0}).find("weights"), std::string::npos);
  EXPECT_NE(refusal(x, {.tol = -1.0}).find("tol"), std::string::npos);
  EXPECT_NE(refusal(x, {.max_iter = 0}).find("max_iter"), std::string::npos);
  EXPECT_NE(refusal(RowMatrix(0, 2), {}).find('X'), std::string::npos);
  EXPECT_NE(refusal(gaussian_rows(3000, 1, 1), {}).find("gaussian_limit"), std::string::npos);
  const RowMatrix nothing = RowMatrix::Constant(30, 2, std::nan(""));
  EXPECT_NE(refusal(nothing, {.missing = Missing::kExact}).find("log-likelihood"), std::string::npos);
}

}  // namespace
}  // namespace varimix::tests
