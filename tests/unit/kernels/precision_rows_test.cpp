#include "kernels/precision_rows.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/aligned_doubles.hpp"
#include "support/gaps.hpp"
#include "support/models.hpp"
#include "support/partial_results.hpp"
#include "support/simd_targets.hpp"

namespace varimix::tests {
namespace {

using kernels::kPrecisionRows;

/// Rows of 10 to 40 columns have a law with a precision.
JointLaw some_well_conditioned_law(Index d) {
  return some_joint_law(Matrix((0.6 * Matrix::Identity(d, d) + 0.4 * Matrix::Ones(d, d)).llt().matrixL()));
}

/// What the kernel computes for rows, of which the first may lie `offset` doubles beyond a multiple of a vector, and
/// `more` columns more are allowed than a row misses.
struct Results : PartialResults {
  Results(const JointLaw& joint, const RowMatrix& x, Index offset = 0, Index more = 0)
      : PartialResults(joint, x, kPrecisionRows, offset) {
    const Index d = x.cols();
    Index most = 0;
    for (Index i = 0; i < x.rows(); ++i) most = std::max(most, x.row(i).array().isNaN().count());
    most += more;
    std::vector<std::int64_t> places(static_cast<std::size_t>(most * columns.rows() + kPrecisionRows), 0);
    for (Index i = 0; i < x.rows(); ++i) {
      const auto missing = split(Vector(x.row(i).transpose())).missing;
      for (Index k = 0; k < most; ++k) {
        const bool is_missing = k < static_cast<Index>(missing.size());
        places[static_cast<std::size_t>(k * columns.rows() + i)] =
            is_missing ? missing[static_cast<std::size_t>(k)] : d + k;
      }
    }
    AlignedDoubles scratch(kernels::precision_rows_scratch(d, most));
    const kernels::MissingColumns rest = described();
    kernels::precision_rows(law.precision_kernel(false), columns.data() + offset, x.rows(), columns.rows(), most,
                            places.data(), scratch.data(), results_from(offset), &rest);
  }
};

/// The first value of a row is shown.
RowMatrix some_rows_of(const JointLaw& law, Index n, double share) {
  RowMatrix x = some_partial_rows(law, n, share);
  x.col(0) = x.col(0).array().isNaN().select(law.mu(0), x.col(0));
  return x;
}

TEST(PrecisionRows, WhatTheyShowAndMissIsThatOfLongDoublesOnEveryTarget) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    for (const Index d : {10, 13, 14, 20, 33}) {
      const JointLaw law = some_well_conditioned_law(d);
      for (const double share : {0.0, 0.2, 0.6}) {
        for (const Index n : {1, 2, 7, 9, 16}) {
          const RowMatrix x = some_rows_of(law, n, share);
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

// Cross correlations of a random factor: columns have up to 1 - 1e-3 of their variance explained.
TEST(PrecisionRows, LoseDigitsInProportionToWhatOthersExplain) {
  const JointLaw law = some_joint_law(some_factor(13, 5));
  const RowMatrix x = some_rows_of(law, kPrecisionRows, 0.3);
  const Results actual(law, x);
  ASSERT_GT(actual.law.few_missing(), 0);
  for (Index i = 0; i < x.rows(); ++i) expect_row(law, x.row(i).transpose(), actual, i, 1e-11);
}

TEST(PrecisionRows, ARowHasTheSameBitsAloneOnEveryTarget) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    const JointLaw law = some_well_conditioned_law(15);
    const RowMatrix x = some_rows_of(law, kPrecisionRows, 0.4);
    const Results all(law, x);
    for (Index i = 0; i < x.rows(); ++i) {
      SCOPED_TRACE(::testing::Message() << target_name(target) << ", row " << i);
      const Results alone(law, x.row(i), 1, 2);
      EXPECT_EQ(alone.q(1), all.q(i));
      EXPECT_EQ(alone.projection(1), all.projection(i));
      EXPECT_EQ(alone.misalignment(1), all.misalignment(i));
      EXPECT_EQ(alone.gamma_squared(1), all.gamma_squared(i));
      EXPECT_EQ(alone.log_det_root(1), all.log_det_root(i));
      const auto missing = static_cast<Index>(split(Vector(x.row(i).transpose())).missing.size());
      EXPECT_EQ(alone.mean.col(0).head(missing), all.mean.col(i).head(missing));
      EXPECT_EQ(alone.gamma.col(0).head(missing), all.gamma.col(i).head(missing));
      for (Index pair = 0; pair < missing * (missing + 1) / 2; ++pair) {
        EXPECT_EQ(alone.covariance[static_cast<std::size_t>(pair * kPrecisionRows)],
                  all.covariance[static_cast<std::size_t>(pair * kPrecisionRows + i)]);
      }
      EXPECT_EQ(alone.q(0), 0.0);  // nothing is written beside the row
      EXPECT_EQ(alone.q(2), 0.0);
      EXPECT_EQ(alone.mean(0, 1), 0.0);
    }
  }
}

TEST(PrecisionRows, UnitsOfColumnsMayLieFarFromOne) {
  const Index d = 14;
  const JointLaw plain = some_well_conditioned_law(d);
  JointLaw scaled = plain;
  const RowMatrix x = some_rows_of(plain, 9, 0.3);
  RowMatrix scaled_x = x;
  scale_columns(scaled, scaled_x);
  const Results expected(plain, x);
  const Results actual(scaled, scaled_x);
  EXPECT_EQ(actual.q, expected.q);
  EXPECT_EQ(actual.gamma_squared, expected.gamma_squared);
  EXPECT_EQ(actual.mean, expected.mean);  // in units
  for (Index i = 0; i < x.rows(); ++i) {
    double log_scale = 0.0;
    for (const Index j : split(Vector(x.row(i).transpose())).shown) log_scale += j % 2 == 0 ? 900.0 : -900.0;
    EXPECT_NEAR(actual.log_det_root(i), expected.log_det_root(i) + log_scale * std::log(2.0), 1e-10);
  }
}

TEST(PrecisionRows, ADistanceThatOverflowsIsInfinite) {
  const JointLaw law = some_well_conditioned_law(13);
  RowMatrix x = some_rows_of(law, 2, 0.3);
  x(0, 0) = 1e200;
  const Results actual(law, x);
  EXPECT_EQ(actual.q(0), std::numeric_limits<double>::infinity());
  EXPECT_EQ(actual.projection(0), 0.0);
  EXPECT_TRUE(std::isfinite(actual.q(1)));
}

TEST(PrecisionRows, AreLeftToFactorsWhereAColumnIsExplainedByOthers) {
  const Index d = 13;
  Matrix cholesky = Matrix::Identity(d, d);
  EXPECT_GT(PartialLaw(some_joint_law(cholesky)).few_missing(), 0);
  cholesky(d - 1, 0) = 1.0;
  cholesky(d - 1, d - 1) = 0.02;
  EXPECT_GT(PartialLaw(some_joint_law(cholesky)).few_missing(), 0);
  cholesky(d - 1, d - 1) = 0.009;
  EXPECT_EQ(PartialLaw(some_joint_law(cholesky)).few_missing(), 0);
  EXPECT_EQ(PartialLaw(some_joint_law(Matrix(Matrix::Identity(9, 9)))).few_missing(), 0);
}

}  // namespace
}  // namespace varimix::tests
