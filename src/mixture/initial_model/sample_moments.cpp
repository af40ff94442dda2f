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
#include "varimix/core/require.hpp"
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

}  // namespace

std::vector<Matrix> products(const RowView& x, const Vector& origin, const Vector& scale) {
  const Index d = x.columns();
  const Sums sums = block_reduce(
      x.rows(), d * d, Sums(d), [&] { return Columns(d); },
      [&](Sums& partial, Columns& columns, Index first, Index count) {
        columns.load(x, first, count, origin);
        columns.divide(count, scale);
        kernels::accumulate(columns.x.data(), count, kBlockStride, d, nullptr, columns.ones.data(),
                            columns.scratch.data(), partial.x.data(), partial.wx.data(), partial.wxx.data());
      },
      [](Sums& left, const Sums& right) { left.add(right); });
  return {sums.x, sums.wxx};
}

std::vector<Matrix> shape(const RowView& x, const Vector& mean, const Vector& deviation, const Matrix& root) {
  const Index d = x.columns();
  const Vector zero = Vector::Zero(d);
  const HigherMoments sums = block_reduce(
      x.rows(), d, HigherMoments{Vector::Zero(d)}, [&] { return WhitenedColumns(d); },
      [&](HigherMoments& partial, WhitenedColumns& block, Index first, Index count) {
        block.columns.load(x, first, count, mean);
        block.columns.divide(count, deviation);
        const kernels::RowLaw law{zero.data(), root.data(), d, zero.data()};
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
  return {sums.skewness, Matrix::Constant(1, 1, sums.kurtosis)};
}

MomentPartial answer_to(const MomentRequest& request, const AskMoments& ask) {
  MaybeMoments answer = ask(request);
  require(answer.has_value(), "X", "one row or more", "none");
  require(answer->pass == request.pass, "partial", "the answer to the request", "another one");
  return *std::move(answer);
}

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

SampleMoments sample_moments(const AskMoments& ask, const MomentPartial& ranges, Status& out_status) {
  const Vector middle = 0.5 * ranges.low + 0.5 * ranges.high;
  const Vector half_range = 0.5 * ranges.high - 0.5 * ranges.low;
  const Vector scale = (half_range.array() < kSmallestDeviation).select(1.0, half_range);
  const MomentPartial sums = answer_to({.pass = MomentPass::kProducts, .origin = middle, .scale = scale}, ask);
  const auto n = static_cast<double>(ranges.rows);
  const Vector mean = sums.sums[0].col(0) / n;
  const Matrix square = Matrix(sums.sums[1].selfadjointView<Eigen::Lower>()) / n;

  SampleMoments moments;
  moments.mean = middle + scale.cwiseProduct(mean);
  const Matrix covariance = square - mean * mean.transpose();
  const Vector raw = (half_range.array() < kSmallestDeviation)
                         .select(0.0, scale.array() * covariance.diagonal().array().max(0.0).sqrt());
  moments.deviation = usable_deviations(raw, moments.mean, out_status);
  const Vector unit = covariance.diagonal().array().max(0.0).sqrt();
  const Index d = mean.size();
  Matrix correlation = Matrix::Identity(d, d);
  for (Index j = 0; j < d; ++j) {
    for (Index k = 0; k < j; ++k) {
      const double both = unit(j) * unit(k);
      if (raw(j) > 0.0 && raw(k) > 0.0 && both > 0.0) correlation(j, k) = correlation(k, j) = covariance(j, k) / both;
    }
  }
  moments.correlation_cholesky = usable_correlation_cholesky(correlation, ranges.rows, out_status);
  moments.rows = n;
  const MomentPartial higher = answer_to({.pass = MomentPass::kShape,
                                          .origin = moments.mean,
                                          .scale = moments.deviation,
                                          .root = moments.correlation_cholesky},
                                         ask);
  moments.skewness = higher.sums[0].col(0) / n;
  moments.kurtosis = higher.sums[1](0, 0) / n;
  return moments;
}

}  // namespace varimix
