#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "core/aligned_doubles.hpp"
#include "kernels/accumulate.hpp"
#include "kernels/distance.hpp"
#include "kernels/draw.hpp"
#include "kernels/exponents.hpp"
#include "mixture/e_step_block.hpp"
#include "support/models.hpp"
#include "support/simd_targets.hpp"
#include "varimix/core/constants.hpp"

namespace varimix::tests {
namespace {

using LongVector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;
using LongMatrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;

constexpr double kTolerance = 1e-13;

/// Rows stored as columns about an origin, a law, and what the distance kernel computes.
struct Rows {
  Rows(Index n, Index d, Matrix cholesky)
      : count(n), columns(kBlockRows, d), factor(std::move(cholesky)), direction(gaussian_rows(1, d, 3).transpose()) {
    columns.setConstant(std::numeric_limits<double>::quiet_NaN());  // beyond the rows
    const RowMatrix whitened = gaussian_rows(n, d, 7);
    for (Index i = 0; i < n; ++i) columns.row(i) = (factor * whitened.row(i).transpose()).transpose();
  }
  void compute() {
    kernels::distance(law(), columns.data(), count, kBlockRows, columns.cols(), v.data(),
                      {q.data(), projection.data(), misalignment.data()});
  }
  Index compute_with_exponents(const kernels::PosteriorLaw& posterior, double floor, Vector& out_q,
                               Vector& out_exponent) {
    return kernels::distances_and_exponents(law(), posterior, direction.squaredNorm(), floor, columns.data(), count,
                                            kBlockRows, columns.cols(), v.data(), out_q.data(), out_exponent.data(),
                                            {});
  }
  [[nodiscard]] kernels::RowLaw law() const {
    return {mu.data(), factor.data(), factor.rows(), direction.data(), 1.25, 0.75};
  }
  Index count;
  Matrix columns, factor;
  Vector direction;
  Vector mu = Vector::Zero(columns.cols());
  Matrix v = Matrix::Zero(kBlockRows, columns.cols());
  Vector q = Vector::Zero(kBlockRows), projection = q, misalignment = q;
};

TEST(RowKernels, DistancesAreThoseOfLongDoublesOnEveryTarget) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    for (const Index d : {1, 2, 3, 4, 5, 7, 10, 31}) {
      for (const Index n : {1, 3, 8, 37, 256}) {
        Rows rows(n, d, some_factor(d, 5));
        rows.compute();
        const LongMatrix factor = rows.factor.cast<long double>();
        const LongVector g = rows.direction.cast<long double>();
        for (Index i = 0; i < n; ++i) {
          const LongVector x = rows.columns.row(i).transpose().cast<long double>();
          const LongVector v = factor.triangularView<Eigen::Lower>().solve(x);
          const long double q = v.squaredNorm();
          const long double misalignment =
              (0.75L * g - 1.25L * v).squaredNorm() + g.squaredNorm() * q - g.dot(v) * g.dot(v);
          EXPECT_NEAR(rows.q(i), static_cast<double>(q), kTolerance * static_cast<double>(q)) << target_name(target);
          EXPECT_NEAR(rows.projection(i), static_cast<double>(g.dot(v)),
                      kTolerance * static_cast<double>(g.norm() * v.norm()));
          EXPECT_NEAR(rows.misalignment(i), static_cast<double>(misalignment),
                      kTolerance * static_cast<double>(g.squaredNorm() * (1.0L + q)));
        }
      }
    }
  }
}

// Its results do not depend on the rows beside it.
TEST(RowKernels, ARowHasTheSameBitsAloneOnEveryTarget) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    Rows rows(41, 5, some_factor(5, 5));
    rows.compute();
    for (Index i = 0; i < rows.count; ++i) {
      Rows alone = rows;
      alone.count = 1;
      alone.columns.row(0) = rows.columns.row(i);
      alone.compute();
      EXPECT_EQ(alone.q(0), rows.q(i)) << target_name(target) << ", " << i;
      EXPECT_EQ(alone.misalignment(0), rows.misalignment(i)) << target_name(target) << ", " << i;
    }
  }
}

/// Returns the exponent of a row in long doubles, for its distance q and projection r.
long double exponent_of(const kernels::PosteriorLaw& law, long double q, long double r) {
  const long double u = law.a * (law.b + q);
  return r + law.z_prior - (u < kScaledNormalizerFrom ? 0.0L : std::sqrt(u));
}

// z_prior is that of the rows' law, and a that of the posterior, 1.25^2 + g'g.
kernels::PosteriorLaw posterior_of(const Rows& rows) {
  const kernels::RowLaw law = rows.law();
  return {.order = -1.5,
          .a = law.root_a * law.root_a + rows.direction.squaredNorm(),
          .b = law.root_b * law.root_b,
          .z_prior = law.root_a * law.root_b,
          .log_constant = 0.0};
}

TEST(RowKernels, DistancesAreTheSameBitsWithExponentsAndRaisedToAFloorOnEveryTarget) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    for (const Index d : {1, 2, 5, 10}) {
      for (const Index n : {1, 8, 37, 256}) {
        for (const double floor : {0.0, 0.5 * static_cast<double>(d)}) {
          Rows rows(n, d, some_factor(d, 5));
          if (n > 8) rows.columns.row(8).setConstant(1e200);  // its distance overflows
          if (n > 9) rows.columns(9, 0) = std::numeric_limits<double>::quiet_NaN();
          rows.compute();
          const Index expected =
              raise_distances(posterior_of(rows).a, floor, n, rows.q.data(), rows.misalignment.data());
          EXPECT_EQ(n > 8 && expected > 0, n > 8 && floor > 0.0) << n;  // few rows may all be far off
          Vector q = Vector::Zero(kBlockRows);
          Vector exponent = q;
          EXPECT_EQ(rows.compute_with_exponents(posterior_of(rows), floor, q, exponent), expected);
          for (Index i = 0; i < n; ++i) {
            EXPECT_TRUE(q(i) == rows.q(i) || (std::isnan(q(i)) && std::isnan(rows.q(i))))
                << target_name(target) << ", " << i << ": " << q(i) << ", " << rows.q(i);
          }
        }
      }
    }
  }
}

TEST(RowKernels, ExponentsAreThoseOfLongDoublesOnBothSidesOfTheScaledNormalizer) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    for (const Index d : {1, 2, 5, 10}) {
      Rows rows(256, d, some_factor(d, 5));
      for (Index i = 0; i < 256; ++i) rows.columns.row(i) *= std::exp2(static_cast<double>(i % 37) / 3.0 - 4.0);
      const kernels::PosteriorLaw law = posterior_of(rows);
      Vector q = Vector::Zero(kBlockRows);
      Vector exponent = q;
      EXPECT_EQ(rows.compute_with_exponents(law, 0.0, q, exponent), 0);
      const LongMatrix factor = rows.factor.cast<long double>();
      const LongVector g = rows.direction.cast<long double>();
      Index scaled = 0;
      for (Index i = 0; i < 256; ++i) {
        const LongVector x = rows.columns.row(i).transpose().cast<long double>();
        const LongVector v = factor.triangularView<Eigen::Lower>().solve(x);
        const bool is_scaled = law.a * (law.b + q(i)) >= kScaledNormalizerFrom;
        const double size = 1.0 + std::sqrt(law.a * (law.b + q(i)));
        EXPECT_NEAR(exponent(i), static_cast<double>(exponent_of(law, q(i), g.dot(v))), kTolerance * size)
            << target_name(target) << ", " << i;
        scaled += is_scaled ? 1 : 0;
      }
      EXPECT_TRUE(scaled > 20 && scaled < 236) << scaled;
    }
  }
}

// The root, the division and the misalignment are spared where a whole group of rows does not need them.
TEST(RowKernels, AnExponentHasTheSameBitsAloneOnEveryTarget) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    Rows rows(101, 3, some_factor(3, 5));
    for (Index i = 0; i < 101; i += 3) rows.columns.row(i) *= 60.0;
    const kernels::PosteriorLaw law = posterior_of(rows);
    Vector q = Vector::Zero(kBlockRows);
    Vector exponent = q;
    (void)rows.compute_with_exponents(law, 0.0, q, exponent);
    for (Index i = 0; i < rows.count; ++i) {
      Rows alone = rows;
      alone.count = 1;
      alone.columns.row(0) = rows.columns.row(i);
      Vector own_q = q;
      Vector own_exponent = q;
      (void)alone.compute_with_exponents(law, 0.0, own_q, own_exponent);
      EXPECT_EQ(own_q(0), q(i)) << target_name(target) << ", " << i;
      EXPECT_EQ(own_exponent(0), exponent(i)) << target_name(target) << ", " << i;
    }
  }
}

TEST(RowKernels, AConditionOf1e12CostsNoMoreThanItsDigits) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    Matrix factor = some_factor(6, 9);
    factor.row(5) *= 1e-6;  // Sigma has the condition 1e12
    Rows rows(100, 6, factor);
    rows.compute();
    const Matrix v = rows.v.topRows(100);
    const Matrix back = v * factor.transpose();
    for (Index j = 0; j < 6; ++j) {
      const double scale = rows.columns.col(j).head(100).cwiseAbs().maxCoeff();
      EXPECT_LT((back.col(j) - rows.columns.col(j).head(100)).cwiseAbs().maxCoeff(), 1e-14 * scale)
          << target_name(target) << ", " << j;
    }
  }
}

TEST(RowKernels, PivotsWithoutAReciprocalDivide) {
  Rows rows(9, 2, Matrix{{1e-310, 0.0}, {0.0, 1.0}});
  rows.columns.col(0).head(9).setConstant(3e-310);
  rows.compute();
  for (Index i = 0; i < 9; ++i) EXPECT_NEAR(rows.v(i, 0), 3.0, 1e-10);
}

TEST(RowKernels, SumsAreThoseOfLongDoublesOnEveryTarget) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    for (const Index d : {1, 2, 3, 4, 5, 6, 9, 30}) {
      for (const Index n : {1, 7, 16, 255}) {
        const Rows rows(n, d, some_factor(d, 5));
        Vector weight = gaussian_rows(1, kBlockRows, 11).transpose().cwiseAbs();
        const Vector w = gaussian_rows(1, kBlockRows, 12).transpose().cwiseAbs();
        weight.tail(kBlockRows - n).setConstant(std::numeric_limits<double>::quiet_NaN());
        for (const bool weighted : {false, true}) {
          Vector x = Vector::Constant(d, 1.0);
          Vector wx = x;
          Matrix wxx = Matrix::Zero(d, d);
          AlignedDoubles scratch(d * kBlockRows);
          kernels::accumulate(rows.columns.data(), n, kBlockRows, d, weighted ? weight.data() : nullptr, w.data(),
                              scratch.data(), x.data(), wx.data(), wxx.data());
          const LongMatrix columns = rows.columns.topRows(n).cast<long double>();
          const LongVector own = weighted ? LongVector(weight.head(n).cast<long double>()) : LongVector::Ones(n);
          const LongMatrix products = columns.transpose() * w.head(n).cast<long double>().asDiagonal() * columns;
          const LongVector sums = columns.transpose() * own + LongVector::Ones(d);
          const double scale = static_cast<double>(products.diagonal().maxCoeff()) + static_cast<double>(n);
          EXPECT_LT((x - sums.cast<double>()).cwiseAbs().maxCoeff(), kTolerance * scale) << target_name(target);
          for (Index j = 0; j < d; ++j) {
            for (Index k = 0; k < d; ++k) {
              const double expected = k <= j ? static_cast<double>(products(j, k)) : 0.0;
              EXPECT_NEAR(wxx(j, k), expected, kTolerance * scale) << target_name(target) << j << k;
            }
          }
        }
      }
    }
  }
}

// The rows of a matrix of odd size are whole vectors nowhere, and nothing may be read behind the last.
TEST(RowKernels, SumsMayBeOfColumnsAtAnyAddressOnEveryTarget) {
  const Matrix x = gaussian_rows(5, 5, 3);
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    const auto memory = std::make_unique<double[]>(26);
    std::copy_n(x.data(), 25, memory.get() + 1);
    std::vector<double> scratch(26);
    const Vector ones = Vector::Ones(5);
    Vector sum = Vector::Zero(5);
    Vector same = sum;
    Matrix square = Matrix::Zero(5, 5);
    kernels::accumulate(memory.get() + 1, 5, 5, 5, nullptr, ones.data(), scratch.data() + 1, sum.data(), same.data(),
                        square.data());
    const Matrix expected = (x.transpose() * x).triangularView<Eigen::Lower>();
    EXPECT_LT((square - expected).cwiseAbs().maxCoeff(), 1e-13) << target_name(target);
    EXPECT_LT((sum - x.colwise().sum().transpose()).cwiseAbs().maxCoeff(), 1e-13) << target_name(target);
  }
}

TEST(RowKernels, DrawsAreThoseOfLongDoublesOnEveryTargetWhateverStandsBesideThem) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    SCOPED_TRACE(target_name(target));
    for (const Index d : {1, 2, 3, 4, 5, 7, 10, 31}) {
      for (const Index n : {1, 3, 8, 37, 256}) {
        const Matrix factor = some_factor(d, 5);
        const Vector mu = gaussian_rows(1, d, 3).transpose();
        const Vector gamma = gaussian_rows(1, d, 4).transpose();
        const Vector y = gaussian_rows(1, n, 5).transpose().cwiseAbs();
        const Vector root_y = y.cwiseSqrt();
        Matrix z = Matrix::Constant(kBlockRows, d, std::numeric_limits<double>::quiet_NaN());
        z.topRows(n) = gaussian_rows(n, d, 6);
        Matrix out = Matrix::Constant(kBlockRows, d, -9.0);
        kernels::draw({mu.data(), gamma.data(), factor.data()}, y.data(), root_y.data(), z.data(), n, kBlockRows, d,
                      out.data());
        EXPECT_TRUE((out.bottomRows(kBlockRows - n).array() == -9.0).all());
        for (Index i = 0; i < n; ++i) {
          const LongVector noise = factor.cast<long double>() * z.row(i).transpose().cast<long double>();
          for (Index j = 0; j < d; ++j) {
            const long double expected = mu(j) + static_cast<long double>(y(i)) * gamma(j) + root_y(i) * noise(j);
            const double scale = std::abs(mu(j)) + y(i) * std::abs(gamma(j)) +
                                 root_y(i) * factor.row(j).cwiseAbs().dot(z.row(i).cwiseAbs());
            EXPECT_NEAR(out(i, j), static_cast<double>(expected), kTolerance * scale);
          }
          Vector alone(d);
          const Vector z_of_row = z.row(i).transpose();
          kernels::draw({mu.data(), gamma.data(), factor.data()}, &y(i), &root_y(i), z_of_row.data(), 1, 1, d,
                        alone.data());
          EXPECT_EQ(Vector(out.row(i).transpose()), alone);
        }
      }
    }
  }
}

TEST(RowKernels, ColumnsBecomeRowsOnEveryTarget) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    SCOPED_TRACE(target_name(target));
    for (const Index d : {1, 2, 3, 4, 7, 10}) {
      for (const Index n : {0, 1, 3, 8, 37, 256}) {
        const Matrix columns = gaussian_rows(kBlockStride, d, 8);
        RowMatrix out = RowMatrix::Constant(n + 1, d, -9.0);
        kernels::columns_to_rows(columns.data(), n, kBlockStride, d, out.data());
        EXPECT_EQ(Matrix(out.topRows(n)), columns.topRows(n));
        EXPECT_TRUE((out.row(n).array() == -9.0).all()) << "row " << n << " is not one of the block";
      }
    }
  }
}

}  // namespace
}  // namespace varimix::tests
