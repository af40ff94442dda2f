#include "mixture/natural_gradient/model_frame.hpp"

#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "mixture/matrix_kernels.hpp"
#include "mixture/natural_gradient/information_blocks.hpp"
#include "support/close.hpp"
#include "support/models.hpp"
#include "varimix/core/types.hpp"

namespace varimix::tests {
namespace {

constexpr double kRounding = 1e-12;

/// Sigma's factor, gamma and the share of the rows that show each column.
struct Case {
  Matrix factor;
  Vector gamma;
  Vector shown;
  std::string name;
  [[nodiscard]] Index d() const { return gamma.size(); }
  [[nodiscard]] Matrix sigma() const { return factor * factor.transpose(); }
  [[nodiscard]] ModelFrame frame() const { return {factor, gamma, shown}; }
};

/// Returns shares in no order, with two equal ones.
Vector some_shares(Index d) {
  Vector shares(d);
  for (Index j = 0; j < d; ++j) shares(j) = j % 2 == 0 ? 0.5 : 0.2 + 0.1 * static_cast<double>(j);
  return shares;
}

/// Returns models of 1, 2 and 5 dimensions, with gamma along the first axis of the frame, against it, at 0 and
/// elsewhere, without an order of columns and with one.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Index d : {1, 2, 5}) {
    const Matrix factor = some_factor(d, 3);
    const Vector somewhere = gaussian_rows(1, d, 4).transpose();
    for (const Vector& gamma : {somewhere, Vector(-somewhere), Vector(Vector::Zero(d)), Vector(2.0 * factor.col(0)),
                                Vector(-2.0 * factor.col(0)), Vector(1e-9 * somewhere)}) {
      for (const Vector& shown : {Vector(), some_shares(d)}) {
        std::ostringstream name;
        name << "gamma = " << gamma.transpose() << (shown.size() > 0 ? ", ordered" : "");
        all.push_back({factor, gamma, shown, name.str()});
      }
    }
  }
  return all;
}

/// Returns the matrix Q.
Matrix q_of(const ModelFrame& frame, Index d) {
  Matrix q(d, d);
  for (Index j = 0; j < d; ++j) q.col(j) = frame.out_of(Vector(Vector::Unit(d, j)));
  return q;
}

Vector some_vector(Index d, std::int64_t seed) { return gaussian_rows(1, d, seed).transpose(); }

Matrix some_symmetric(Index d, std::int64_t seed) {
  const Matrix m = gaussian_rows(d, d, seed);
  return m + m.transpose();
}

/// Returns a direction, or a gradient, with two shapes.
Direction some_direction(Index d, std::int64_t seed) {
  return {some_vector(d, seed), some_vector(d, seed + 1), some_symmetric(d, seed + 2), some_vector(2, seed + 3)};
}

double product(const Direction& gradient, const Direction& direction) {
  return gradient.m.dot(direction.m) + gradient.g.dot(direction.g) + gradient.a.cwiseProduct(direction.a).sum() +
         gradient.shape.dot(direction.shape);
}

::testing::AssertionResult are_close(const Direction& actual, const Direction& expected) {
  for (const auto& [one, other] : {std::pair<Matrix, Matrix>(actual.m, expected.m),
                                   {actual.g, expected.g},
                                   {actual.a, expected.a},
                                   {actual.shape, expected.shape}}) {
    const auto result = close_in_scale(one, other, kRounding, 1.0);
    if (!result) return result;
  }
  return ::testing::AssertionSuccess();
}

TEST(ModelFrame, IsAFactorOfSigma) {
  for (const Case& c : cases()) {
    const Matrix q = q_of(c.frame(), c.d());
    EXPECT_TRUE(all_close(q * q.transpose(), c.sigma(), kRounding)) << c.name;
  }
}

TEST(ModelFrame, HasGammaAlongItsFirstAxis) {
  for (const Case& c : cases()) {
    const ModelFrame frame = c.frame();
    const double g = c.factor.triangularView<Eigen::Lower>().solve(c.gamma).norm();
    EXPECT_NEAR(frame.skewness(), g, kRounding * g) << c.name;
    EXPECT_TRUE(close_in_scale(frame.into(c.gamma), g * Vector::Unit(c.d(), 0), kRounding, g > 0.0 ? g : 1.0))
        << c.name;
  }
}

TEST(ModelFrame, IntoAndOutOfUndoEachOther) {
  for (const Case& c : cases()) {
    const ModelFrame frame = c.frame();
    const Vector v = some_vector(c.d(), 5);
    EXPECT_TRUE(all_close(frame.out_of(frame.into(v)), v, kRounding)) << c.name;
    EXPECT_TRUE(all_close(frame.into(frame.out_of(v)), v, kRounding)) << c.name;
    EXPECT_TRUE(all_close(frame.dual_out_of(frame.dual_into(v)), v, kRounding)) << c.name;
    EXPECT_TRUE(all_close(frame.dual_into(frame.dual_out_of(v)), v, kRounding)) << c.name;
  }
}

TEST(ModelFrame, DualVectorsKeepTheirProducts) {
  for (const Case& c : cases()) {
    const ModelFrame frame = c.frame();
    const Vector v = some_vector(c.d(), 5);
    const Vector dual = some_vector(c.d(), 6);
    EXPECT_NEAR(frame.dual_into(dual).dot(frame.into(v)), dual.dot(v), 1e-11) << c.name;
    EXPECT_NEAR(frame.dual_out_of(dual).dot(frame.out_of(v)), dual.dot(v), 1e-11) << c.name;
  }
}

TEST(ModelFrame, TakesAMatrixAsItDoesItsColumns) {
  for (const Case& c : cases()) {
    const ModelFrame frame = c.frame();
    EXPECT_TRUE(all_close(frame.into(c.sigma()), Matrix::Identity(c.d(), c.d()), kRounding)) << c.name;
    const Vector v = some_vector(c.d(), 5);
    const Vector in = frame.into(v);
    EXPECT_TRUE(all_close(frame.into(Matrix(v * v.transpose())), in * in.transpose(), kRounding)) << c.name;
  }
}

TEST(ModelFrame, TheMovedFactorIsTheCholeskyFactorOfTheMovedSigma) {
  for (const Case& c : cases()) {
    const ModelFrame frame = c.frame();
    const Matrix q = q_of(frame, c.d());
    for (const double size : {0.0, 1e-3, 1.0, 10.0}) {
      const Matrix a = size * some_symmetric(c.d(), 7);
      const Matrix factor = frame.moved_factor(a);
      const Matrix sigma = q * (Matrix::Identity(c.d(), c.d()) + a + 0.5 * a * a) * q.transpose();
      EXPECT_TRUE(all_close(factor * factor.transpose(), sigma, kRounding)) << c.name << ", " << size;
      EXPECT_GT(factor.diagonal().minCoeff(), 0.0) << c.name << ", " << size;
      EXPECT_EQ(factor, Matrix(factor.triangularView<Eigen::Lower>())) << c.name << ", " << size;
    }
    EXPECT_TRUE(all_close(frame.moved_factor(Matrix::Zero(c.d(), c.d())), c.factor, kRounding)) << c.name;
  }
}

TEST(ModelFrame, AGradientOfAnotherFrameKeepsItsProducts) {
  for (const Case& c : cases()) {
    const ModelFrame frame = c.frame();
    const ModelFrame other(some_factor(c.d(), 11), some_vector(c.d(), 12), c.d() > 2 ? some_shares(c.d()) : Vector());
    const Direction gradient = some_direction(c.d(), 20);
    const Direction direction = some_direction(c.d(), 30);
    const Matrix q = q_of(frame, c.d());
    const Direction in_other = {other.into(Vector(q * direction.m)), other.into(Vector(q * direction.g)),
                                other.into(Matrix(q * direction.a * q.transpose())), direction.shape};
    const double expected = product(gradient, in_other);
    EXPECT_TRUE(is_close(product(frame.gradient_from(other, gradient), direction), expected, 1e-11)) << c.name;
  }
}

TEST(ModelFrame, AGradientOfTheSameFrameStays) {
  for (const Case& c : cases()) {
    const ModelFrame frame = c.frame();
    const Direction gradient = some_direction(c.d(), 20);
    EXPECT_TRUE(are_close(frame.gradient_from(frame, gradient), gradient)) << c.name;
  }
}

// The columns that are shown most come first, so that the last axes of L move the columns that few rows show.
TEST(ModelFrame, ScalesTheColumnsInTheirOrder) {
  for (const Case& c : cases()) {
    const ModelFrame frame = c.frame();
    std::vector<Index> order(static_cast<std::size_t>(c.d()));
    for (Index j = 0; j < c.d(); ++j) order[static_cast<std::size_t>(j)] = j;
    if (c.shown.size() > 0) {
      const auto key = [&](Index j) { return std::pair(c.shown(j), std::abs(c.gamma(j)) / c.factor.row(j).norm()); };
      std::stable_sort(order.begin(), order.end(), [&](Index i, Index j) { return key(i) > key(j); });
    }
    Matrix permutation = Matrix::Zero(c.d(), c.d());
    for (Index j = 0; j < c.d(); ++j) permutation(j, order[static_cast<std::size_t>(j)]) = 1.0;
    const Matrix factor = Matrix(permutation * c.sigma() * permutation.transpose()).llt().matrixL();
    // Q = P' L O'
    const Matrix rotation = factor.triangularView<Eigen::Lower>().solve(permutation * q_of(frame, c.d())).transpose();
    ASSERT_TRUE(all_close(rotation * rotation.transpose(), Matrix::Identity(c.d(), c.d()), kRounding)) << c.name;
    Vector r(c.d());  // of the columns of X: the more they are shown, the larger
    Vector in_order(c.d());
    for (Index j = 0; j < c.d(); ++j) {
      in_order(j) = 1.0 / static_cast<double>(1 + j);
      r(order[static_cast<std::size_t>(j)]) = in_order(j);
    }
    const Direction before = some_direction(c.d(), 40);
    Direction after = before;
    frame.scale_columns(r, 0.25, after);
    const auto scaled = [&](const Vector& v) {
      return Vector(rotation * in_order.asDiagonal() * rotation.transpose() * v);
    };
    Matrix a = rotation.transpose() * before.a * rotation;
    for (Index i = 0; i < c.d(); ++i) {
      for (Index j = 0; j < c.d(); ++j) a(i, j) *= i == j ? in_order(i) : in_order(i) * in_order(j);
    }
    const Direction expected = {scaled(before.m), scaled(before.g), rotation * a * rotation.transpose(),
                                0.25 * before.shape};
    EXPECT_TRUE(are_close(after, expected)) << c.name;
  }
}

TEST(BlockCoordinates, KeepTheProductOfAGradientAndADirection) {
  for (const Index d : {1, 2, 5}) {
    const Direction gradient = some_direction(d, 20);
    const Direction direction = some_direction(d, 30);
    const double expected = product(gradient, direction);
    EXPECT_TRUE(is_close(product(of_gradient(gradient), of_direction(direction)), expected, kRounding)) << d;
  }
}

TEST(BlockCoordinates, AreUndone) {
  for (const Index d : {1, 2, 5}) {
    const Direction some = some_direction(d, 20);
    EXPECT_TRUE(are_close(to_direction(of_direction(some)), some)) << d;
    EXPECT_TRUE(are_close(to_gradient(of_gradient(some)), some)) << d;
  }
}

TEST(BlockCoordinates, HaveATracelessPartWithoutTrace) {
  for (const Index d : {2, 5}) {
    EXPECT_NEAR(of_direction(some_direction(d, 20)).traceless.trace(), 0.0, kRounding) << d;
    EXPECT_NEAR(of_gradient(some_direction(d, 20)).traceless.trace(), 0.0, kRounding) << d;
  }
}

TEST(BlockCoordinates, OfADifferenceAreTheDifference) {
  for (const Index d : {1, 2, 5}) {
    const Direction one = some_direction(d, 20);
    const Direction two = some_direction(d, 30);
    const Direction difference = {one.m - two.m, one.g - two.g, one.a - two.a, one.shape - two.shape};
    EXPECT_TRUE(are_close(to_gradient(minus(of_gradient(one), of_gradient(two))), difference)) << d;
  }
}

// With E[1/Y], E[Y] seen: E[1/Y] |m|^2 + 2 m'g + E[Y] |g|^2 + tr(A^2) / 2 + the shape's, in whatever coordinates.
TEST(BlockCoordinates, TheFormOfTheNormalLawIsThatOfItsBlocks) {
  constexpr double kInvY = 3.0;
  constexpr double kY = 2.0;
  constexpr double kShape = 0.7;
  for (const Index d : {1, 2, 5}) {
    const auto across = static_cast<double>(d - 1);
    const Index first_shape = d > 1 ? 4 : 3;
    InformationBlocks blocks;
    blocks.scalars = ScalarMatrix::Zero(first_shape + 2, first_shape + 2);
    blocks.scalars.topLeftCorner<2, 2>() << kInvY, 1.0, 1.0, kY;
    blocks.scalars(2, 2) = 0.5;
    if (d > 1) blocks.scalars(3, 3) = 0.5 * across;
    blocks.scalars.bottomRightCorner(2, 2) = kShape * Matrix::Identity(2, 2);
    blocks.vectors << kInvY, 1.0, 0.0, 1.0, kY, 0.0, 0.0, 0.0, 1.0;
    blocks.traceless = 0.5;
    const Direction one = some_direction(d, 20);
    const Direction two = some_direction(d, 30);
    const double expected = kInvY * one.m.dot(two.m) + one.m.dot(two.g) + one.g.dot(two.m) + kY * one.g.dot(two.g) +
                            0.5 * one.a.cwiseProduct(two.a).sum() + kShape * one.shape.dot(two.shape);
    EXPECT_TRUE(is_close(product(apply(blocks, of_direction(one)), of_direction(two)), expected, kRounding)) << d;
  }
}

TEST(Whitened, IsSAsItIsInTheAxesOfItsRoot) {
  for (const Index d : {1, 2, 3, 8, 21}) {
    const Matrix lower = some_factor(d, 3);
    const Matrix rows = gaussian_rows(d + 2, d, 4);
    const Matrix symmetric = rows.transpose() * rows;
    const Matrix white = whitened(lower, symmetric);
    EXPECT_TRUE(all_close(lower * white * lower.transpose(), symmetric, kRounding)) << d;
    EXPECT_EQ(white, Matrix(white.transpose())) << d;
    Matrix sum = symmetric;
    add_square(rows, 0.5, sum);
    EXPECT_TRUE(all_close(Matrix(sum.selfadjointView<Eigen::Lower>()), 1.5 * symmetric, kRounding)) << d;
  }
}

}  // namespace
}  // namespace varimix::tests
