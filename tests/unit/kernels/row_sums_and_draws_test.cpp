#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "core/aligned_doubles.hpp"
#include "kernels/accumulate.hpp"
#include "kernels/draw.hpp"
#include "support/kernel_rows.hpp"
#include "support/models.hpp"
#include "support/simd_targets.hpp"
#include "varimix/core/constants.hpp"

namespace varimix::tests {
namespace {

using namespace kernel_rows;

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
