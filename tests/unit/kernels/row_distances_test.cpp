#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>

#include "kernels/distance.hpp"
#include "kernels/posterior.hpp"
#include "mixture/e_step_block.hpp"
#include "support/kernel_rows.hpp"
#include "support/models.hpp"
#include "support/simd_targets.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix::tests {
namespace {

using namespace kernel_rows;

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

}  // namespace
}  // namespace varimix::tests
