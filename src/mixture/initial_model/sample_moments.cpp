#include "sample_moments.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <string>

#include "column_ranges.hpp"
#include "core/aligned_doubles.hpp"
#include "kernels/accumulate.hpp"
#include "kernels/distance.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/mixture/cholesky.hpp"

namespace varimix {
namespace {

// The standard deviation that a constant column gets, relative to its value.
constexpr double kConstantColumnDeviation = 1e-8;
// A pivot of the correlation's Cholesky factorisation below this is raised to it.
constexpr double kCollinearPivot = 1e-10;

/// Reads blocks of rows as columns, about an origin and divided by a scale.
struct Columns {
  explicit Columns(Index d) : x(d * kBlockStride), ones(kBlockRows), scratch(d * kBlockStride) {
    std::fill_n(ones.data(), ones.size(), 1.0);
  }
  void load(const RowView& rows, Index first, Index count, const Vector& origin) {
    rows.copy_columns(first, count, {origin.data(), static_cast<std::size_t>(origin.size())}, x.data(), kBlockStride);
  }
  void divide(Index count, const Vector& scale) {
    for (Index j = 0; j < scale.size(); ++j) {
      double* column = x.data() + j * kBlockStride;
      for (Index i = 0; i < count; ++i) column[i] /= scale(j);
    }
  }
  AlignedDoubles x, ones, scratch;
};

struct Sums {
  explicit Sums(Index d) : x(Vector::Zero(d)), wx(Vector::Zero(d)), wxx(Matrix::Zero(d, d)) {}
  void add(const Sums& other) {
    x += other.x;
    wx += other.wx;
    wxx += other.wxx;
  }
  Vector x, wx;
  Matrix wxx;  // only the lower triangle
};

/// Returns the means of z and zz' for z = (x - origin) / scale.
Sums first_two_moments(const RowView& x, const Vector& origin, const Vector& scale) {
  const Index d = x.columns();
  Sums sums = block_reduce(
      x.rows(), d * d, Sums(d), [&] { return Columns(d); },
      [&](Sums& partial, Columns& columns, Index first, Index count) {
        columns.load(x, first, count, origin);
        columns.divide(count, scale);
        kernels::accumulate(columns.x.data(), count, kBlockStride, d, nullptr, columns.ones.data(),
                            columns.scratch.data(), partial.x.data(), partial.wx.data(), partial.wxx.data());
      },
      [](Sums& left, const Sums& right) { left.add(right); });
  const auto n = static_cast<double>(x.rows());
  sums.x /= n;
  sums.wxx = Matrix(sums.wxx.selfadjointView<Eigen::Lower>()) / n;
  return sums;
}

struct HigherMoments {
  Vector skewness;
  double kurtosis = 0.0;
};

/// A block of rows and its squared distances.
struct WhitenedColumns {
  explicit WhitenedColumns(Index d)
      : columns(d), whitened(d * kBlockStride), q(kBlockRows), unused(kBlockRows), unused_too(kBlockRows) {}
  Columns columns;
  AlignedDoubles whitened, q, unused, unused_too;
};

void add_higher_moments(const RowView& x, SampleMoments& moments) {
  const Index d = x.columns();
  const Vector zero = Vector::Zero(d);
  const HigherMoments sums = block_reduce(
      x.rows(), d, HigherMoments{Vector::Zero(d)}, [&] { return WhitenedColumns(d); },
      [&](HigherMoments& partial, WhitenedColumns& block, Index first, Index count) {
        block.columns.load(x, first, count, moments.mean);
        block.columns.divide(count, moments.deviation);
        const kernels::RowLaw law{zero.data(), moments.correlation_cholesky.data(), d, zero.data()};
        kernels::distance(law, block.columns.x.data(), count, kBlockStride, d, block.whitened.data(),
                          {block.q.data(), block.unused.data(), block.unused_too.data()});
        const Eigen::Map<const Vector> q(block.q.data(), count);
        const Eigen::Map<const Matrix, 0, Eigen::OuterStride<>> v(block.whitened.data(), count, d,
                                                                  Eigen::OuterStride<>(kBlockStride));
        partial.skewness += v.transpose() * q;
        partial.kurtosis += q.squaredNorm();
      },
      [](HigherMoments& left, const HigherMoments& right) {
        left.skewness += right.skewness;
        left.kurtosis += right.kurtosis;
      });
  const auto n = static_cast<double>(x.rows());
  moments.skewness = sums.skewness / n;
  moments.kurtosis = sums.kurtosis / n;
}

}  // namespace

Vector usable_deviations(const Vector& raw, const Vector& mean, Status& out_status) {
  Vector deviation = raw;
  std::vector<Index> constant;
  for (Index j = 0; j < raw.size(); ++j) {
    if (raw(j) >= kSmallestDeviation) continue;
    constant.push_back(j);
    deviation(j) = std::max(kSmallestDeviation, kConstantColumnDeviation * (mean(j) == 0.0 ? 1.0 : std::abs(mean(j))));
  }
  if (!constant.empty()) out_status.add(StatusCode::kConstantColumn, list_columns(constant));
  return deviation;
}

Matrix usable_correlation_cholesky(const Matrix& correlation, Index n, Status& out_status) {
  const Index d = correlation.rows();
  if (n < d + 1) {
    out_status.add(StatusCode::kTooFewRows, std::to_string(n) + " rows of " + std::to_string(d) + " columns");
    return Matrix::Identity(d, d);
  }
  std::vector<Index> raised;
  Matrix factor = raised_cholesky(correlation, Vector::Constant(d, kCollinearPivot), raised);
  if (!raised.empty()) out_status.add(StatusCode::kCollinearColumns, list_columns(raised) + " given those before");
  return factor;
}

SampleMoments sample_moments(const RowView& x, Status& out_status) {
  const ColumnRanges range = column_ranges(x);
  const Vector middle = 0.5 * range.low + 0.5 * range.high;
  const Vector half_range = 0.5 * range.high - 0.5 * range.low;
  const Vector scale = (half_range.array() < kSmallestDeviation).select(1.0, half_range);
  const Sums sums = first_two_moments(x, middle, scale);

  SampleMoments moments;
  moments.mean = middle + scale.cwiseProduct(sums.x);
  const Matrix covariance = sums.wxx - sums.x * sums.x.transpose();
  const Vector raw = (half_range.array() < kSmallestDeviation)
                         .select(0.0, scale.array() * covariance.diagonal().array().max(0.0).sqrt());
  moments.deviation = usable_deviations(raw, moments.mean, out_status);
  const Vector unit = covariance.diagonal().array().max(0.0).sqrt();
  const Index d = x.columns();
  Matrix correlation = Matrix::Identity(d, d);
  for (Index j = 0; j < d; ++j) {
    for (Index k = 0; k < j; ++k) {
      const double both = unit(j) * unit(k);
      if (raw(j) > 0.0 && raw(k) > 0.0 && both > 0.0) correlation(j, k) = correlation(k, j) = covariance(j, k) / both;
    }
  }
  moments.correlation_cholesky = usable_correlation_cholesky(correlation, x.rows(), out_status);
  moments.rows = static_cast<double>(x.rows());
  add_higher_moments(x, moments);
  return moments;
}

}  // namespace varimix
