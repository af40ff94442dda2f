#include "kernels/add_rest.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/close.hpp"
#include "support/models.hpp"
#include "support/simd_targets.hpp"

namespace varimix::tests {
namespace {

constexpr Index kColumns = 12;
constexpr Index kStride = 40;  // a vector more than there are rows

/// Rows that miss as many columns each, and what add_rest makes of them.
struct Rest {
  Rest(Index rows, Index missing)
      : gamma(gaussian_rows(kStride, missing, 1)),
        mean(gaussian_rows(kStride, missing, 2)),
        covariance(gaussian_rows(kStride, missing * (missing + 1) / 2, 3)),
        of_row(gaussian_rows(kStride, 3, 4).cwiseAbs()),
        columns(static_cast<std::size_t>(kStride * missing), -1) {  // no row beyond the last has a column
    for (Index i = 0; i < rows; ++i) {
      for (Index k = 0; k < missing; ++k)
        columns[static_cast<std::size_t>(k * kStride + i)] = k + i % (kColumns - missing + 1);
    }
    gamma(0, 0) = 0.0;
    if (missing == 1) of_row(0, 2) = std::numeric_limits<double>::infinity();  // y where nothing depends on it
    kernels::add_rest({rows,
                       missing,
                       columns.data(),
                       {kStride, mean.data(), gamma.data(), covariance.data()},
                       of_row.col(0).data(),
                       of_row.col(1).data(),
                       of_row.col(2).data()},
                      mu.data(), unit.data(), x.data(), kStride, kColumns, sums.data());
  }
  [[nodiscard]] Index column(Index i, Index k) const { return columns[static_cast<std::size_t>(k * kStride + i)]; }

  Matrix gamma, mean, covariance, of_row;  // by row; of_row has the weight, E[1/Y|x] and E[Y|x]
  std::vector<std::int64_t> columns;
  Vector mu = Vector::LinSpaced(kColumns, 1.0, 2.0), unit = Vector::LinSpaced(kColumns, 0.5, 4.0);
  Matrix x = Matrix::Zero(kStride, kColumns);
  Matrix sums = Matrix::Zero(kColumns, kColumns + 1);
};

TEST(AddRest, IsWhatTheFormulasSayOnEveryTarget) {
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    for (const Index missing : {1, 2, 3, 6, 7, 11}) {
      for (const Index rows : {1, 7, 8, 29}) {
        SCOPED_TRACE(::testing::Message() << target_name(target) << ", " << missing << " of " << rows << " rows");
        Rest actual(rows, missing);
        Matrix x = Matrix::Zero(kStride, kColumns);
        Matrix sums = Matrix::Zero(kColumns, kColumns + 1);
        for (Index i = 0; i < rows; ++i) {
          const double weight = actual.of_row(i, 0);
          const double inverse_w = 1.0 / actual.of_row(i, 1);
          Index pair = 0;
          for (Index k = 0; k < missing; ++k) {
            const double g = actual.gamma(i, k);
            const double part = g == 0.0 ? 0.0 : weight * (actual.of_row(i, 2) - inverse_w) * g;
            const Index j = actual.column(i, k);
            x(i, j) = actual.mu(j) + actual.unit(j) * (actual.mean(i, k) + g * inverse_w);
            sums(j, kColumns) += part;
            for (Index l = 0; l <= k; ++l) {
              sums(j, actual.column(i, l)) += weight * actual.covariance(i, pair++) + part * actual.gamma(i, l);
            }
          }
        }
        EXPECT_TRUE(all_close(actual.x, x, 1e-13));
        EXPECT_LT((actual.sums - sums).cwiseAbs().maxCoeff(), 1e-13 * sums.cwiseAbs().maxCoeff());
      }
    }
  }
}

}  // namespace
}  // namespace varimix::tests
