#include "kernels/partial_rows.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/aligned_doubles.hpp"
#include "support/gaps.hpp"
#include "support/models.hpp"
#include "support/partial_results.hpp"
#include "support/simd_targets.hpp"
#include "varimix/core/constants.hpp"

namespace varimix::tests {
namespace {

using kernels::kPartialRows;

/// What the kernel computes for rows, of which the first may lie `offset` doubles beyond a multiple of a vector.
struct Results : PartialResults {
  Results(const JointLaw& joint, const RowMatrix& x, Index offset = 0)
      : PartialResults(joint, x, kPartialRows, offset) {
    AlignedDoubles scratch(kernels::partial_rows_scratch(x.rows(), x.cols(), x.cols()));
    const kernels::MissingColumns rest = described();
    kernels::partial_rows(law.kernel(false), columns.data() + offset, x.rows(), columns.rows(), x.cols(),
                          scratch.data(), results_from(offset), &rest, nullptr);
  }
};

TEST(PartialRows, WhatTheyShowAndMissIsThatOfLongDoublesOnEveryTarget) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    for (const Index d : {2, 3, 5, 9, 20}) {
      const JointLaw law = some_joint_law(some_factor(d, 5));
      for (const double share : {0.0, 0.2, 0.6}) {
        for (const Index n : {1, 2, 7, 9, 16}) {
          RowMatrix x = some_partial_rows(law, n, share);
          x.col(0) = x.col(0).array().isNaN().select(law.mu(0), x.col(0));  // a row shows something
          const Results actual(law, x);
          for (Index i = 0; i < n; ++i) {
            SCOPED_TRACE(::testing::Message()
                         << target_name(target) << ", " << d << " columns, row " << i << " of " << n);
            expect_row(law, x.row(i).transpose(), actual, i);
          }
        }
      }
    }
  }
}

TEST(PartialRows, ARowHasTheSameBitsAloneOnEveryTarget) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    const JointLaw law = some_joint_law(some_factor(11, 5));
    const RowMatrix x = some_partial_rows(law, kPartialRows, 0.4);
    const Results all(law, x);
    for (Index i = 0; i < x.rows(); ++i) {
      SCOPED_TRACE(::testing::Message() << target_name(target) << ", row " << i);
      const Results alone(law, x.row(i));
      const Results others(law, x.middleRows(i, std::min(Index{5}, x.rows() - i)), 1);
      for (const auto& [one, at] : {std::pair{&alone, Index{0}}, std::pair{&others, Index{1}}}) {
        EXPECT_EQ(one->q(at), all.q(i));
        EXPECT_EQ(one->projection(at), all.projection(i));
        EXPECT_EQ(one->misalignment(at), all.misalignment(i));
        EXPECT_EQ(one->gamma_squared(at), all.gamma_squared(i));
        EXPECT_EQ(one->log_det_root(at), all.log_det_root(i));
        for (Index k = 0; k < static_cast<Index>(split(Vector(x.row(i).transpose())).missing.size()); ++k) {
          EXPECT_EQ(one->mean(k, 0), all.mean(k, i));
          EXPECT_EQ(one->gamma(k, 0), all.gamma(k, i));
        }
      }
      EXPECT_EQ(others.q(0), 0.0);  // nothing is written beside the rows
    }
  }
}

TEST(PartialRows, UnitsOfColumnsMayLieAtTheEndsOfADoublesRange) {
  const Index d = 12;
  const JointLaw plain = some_joint_law(some_factor(d, 5));
  JointLaw scaled = plain;
  const RowMatrix x = some_partial_rows(plain, 9, 0.3);
  RowMatrix scaled_x = x;
  scale_columns(scaled, scaled_x);
  const Results expected(plain, x);
  const Results actual(scaled, scaled_x);
  EXPECT_EQ(actual.q, expected.q);
  EXPECT_EQ(actual.misalignment, expected.misalignment);
  EXPECT_EQ(actual.gamma_squared, expected.gamma_squared);
  EXPECT_EQ(actual.mean, expected.mean);  // in units
  for (Index i = 0; i < x.rows(); ++i) {
    double log_scale = 0.0;
    for (const Index j : split(Vector(x.row(i).transpose())).shown) log_scale += j % 2 == 0 ? 900.0 : -900.0;
    EXPECT_NEAR(actual.log_det_root(i), expected.log_det_root(i) + log_scale * kLogTwo, 1e-10);
  }
}

// Their product is 1e-360.
TEST(PartialRows, SmallPivotsKeepTheirLogarithm) {
  const Index d = 40;
  Matrix cholesky = Matrix::Identity(d, d);
  cholesky.col(0).setOnes();
  cholesky.diagonal().tail(d - 1).setConstant(1e-9);
  const JointLaw law = some_joint_law(cholesky);
  RowMatrix x = law.mu.transpose();
  EXPECT_NEAR(Results(law, x).log_det_root(0), 39.0 * std::log(1e-9), 1e-10);
  x(0, 0) = kGap;  // Sigma_oo = 11' + 1e-18 I
  EXPECT_NEAR(Results(law, x).log_det_root(0), 38.0 * std::log(1e-9) + 0.5 * std::log(39.0), 1e-6);
}

// Sigma's own entries do not have the digits of this conditional variance.
TEST(PartialRows, AConditionalVarianceMayBeFarBelowRoundingsOfSigma) {
  const JointLaw law = some_joint_law(Matrix{{1.0, 0.0}, {1.0, 1e-9}});
  const Results actual(law, RowMatrix{{0.5, kGap}, {kGap, 0.5}});
  const double own = law.cholesky(1, 1) * law.cholesky(1, 1);
  EXPECT_NEAR(actual.law.unit(1) * actual.law.unit(1) * actual.covariance[0] / own, 1.0, 1e-14);
  // the deviation 1e-9 has an error of a rounding of 1
  EXPECT_NEAR(actual.law.unit(0) * actual.law.unit(0) * actual.covariance[1] / (own / (1.0 + own)), 1.0, 1e-6);
}

TEST(PartialRows, ADistanceThatOverflowsIsInfinite) {
  const JointLaw law = some_joint_law(Matrix{{1e-5, 0.0}, {1e-5, 1e-5}});
  const Results actual(law, RowMatrix{{1e308, kGap}, {0.0, kGap}});
  EXPECT_EQ(actual.q(0), std::numeric_limits<double>::infinity());
  EXPECT_EQ(actual.projection(0), 0.0);
  EXPECT_TRUE(std::isfinite(actual.q(1)));
}

}  // namespace
}  // namespace varimix::tests
