#include "inference/conjugate_gradients.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>

#include "inference/dense_information.hpp"
#include "support/models.hpp"

namespace varimix::tests {
namespace {

Vector same(const Vector& v) { return v; }

TEST(ConjugateGradients, SolveToTheirTolerance) {
  const Matrix factor = some_factor(12, 5);
  const Matrix h = factor * factor.transpose();
  const Vector b = gaussian_rows(1, 12, 3).transpose();
  const Solution found = conjugate_gradients([&](const Vector& v) { return Vector(h * v); }, same, b);
  EXPECT_TRUE(found.converged);
  EXPECT_LT((h * found.x - b).norm(), 1e-7 * b.norm());
}

TEST(ConjugateGradients, TakeOneStepWithTheInverseAsPreconditioner) {
  const Matrix factor = some_factor(12, 5);
  const Matrix h = factor * factor.transpose();
  const Vector b = gaussian_rows(1, 12, 3).transpose();
  const Solution found = conjugate_gradients([&](const Vector& v) { return Vector(h * v); },
                                             [&](const Vector& v) { return Vector(h.llt().solve(v)); }, b);
  EXPECT_EQ(found.products, 1);
}

TEST(ConjugateGradients, ReturnADirectionThatIsNotPositive) {
  Vector diagonal = Vector::Ones(5);
  diagonal(3) = -0.5;
  const Solution found =
      conjugate_gradients([&](const Vector& v) { return Vector(diagonal.asDiagonal() * v); }, same, Vector::Ones(5));
  ASSERT_EQ(found.not_positive.size(), 5);
  EXPECT_LE(found.not_positive.dot(diagonal.asDiagonal() * found.not_positive), 0.0);
}

TEST(ConjugateGradients, OfNothingAreNothing) {
  const Solution found = conjugate_gradients(same, same, Vector::Zero(3));
  EXPECT_TRUE(found.converged);
  EXPECT_EQ(found.products, 0);
}

TEST(DenseInformation, SolvesWhateverTheUnits) {
  const Matrix factor = some_factor(6, 2);
  const Matrix well = factor * factor.transpose();
  const Vector units = Vector{{1e-8, 1.0, 1e6, 1.0, 1e-3, 1e9}};
  const Matrix h = units.asDiagonal() * well * units.asDiagonal();
  const DenseInformation information([&](const Vector& v) { return Vector(h * v); }, 6);
  const Matrix product = information.solve(h);
  EXPECT_EQ(information.not_positive().size(), 0);
  for (Index j = 0; j < 6; ++j) {
    for (Index i = 0; i < 6; ++i) EXPECT_NEAR(product(i, j) * units(i) / units(j), i == j ? 1.0 : 0.0, 1e-10);
  }
}

TEST(DenseInformation, NamesTheDirectionThatIsNotPositive) {
  Matrix h = Matrix::Identity(4, 4);
  h(2, 3) = h(3, 2) = 1.5;
  const DenseInformation information(h);
  EXPECT_NEAR(information.least_eigenvalue(), -0.5, 1e-12);
  ASSERT_EQ(information.not_positive().size(), 4);
  EXPECT_NEAR(information.not_positive()(2), -information.not_positive()(3), 1e-12);
}

TEST(DenseInformation, TakesWhatIsNotFiniteAsNotPositive) {
  Matrix h = Matrix::Identity(2, 2);
  h(1, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(DenseInformation(h).not_positive().size(), 2);
}

}  // namespace
}  // namespace varimix::tests
