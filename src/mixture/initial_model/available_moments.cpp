#include "available_moments.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "column_ranges.hpp"
#include "mixture/missing/gap_passes.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/mixture/default_init.hpp"

namespace varimix {
namespace {

/// The sums of z = (x - middle) / scale over the rows that show both columns of a pair.
struct PairSums {
  explicit PairSums(Index d) : count(Matrix::Zero(d, d)), first(count), square(count), product(count) {}
  /// Takes what pair_products returned.
  explicit PairSums(std::vector<Matrix> of)
      : count(std::move(of[0])), first(std::move(of[1])), square(std::move(of[2])), product(std::move(of[3])) {}
  void add(const PairSums& other) {
    count += other.count;
    first += other.first;
    square += other.square;
    product += other.product;
  }
  Matrix count;    // (j, k): the number of rows
  Matrix first;    // (j, k): the sum of z_j
  Matrix square;   // (j, k): the sum of z_j^2
  Matrix product;  // (j, k): the sum of z_j z_k
};

/// A block of rows: z, with 0 for a missing value, and `shown`, 1 where a value is shown and else 0.
struct ShownBlock {
  explicit ShownBlock(Index d) : z(kBlockStride, d), shown(kBlockStride, d) {}
  Matrix z, shown;
};

/// Returns the correlation of the rows that show both columns, 0 where they are few or one of the columns does not
/// vary.
double pair_correlation(const PairSums& sums, Index j, Index k) {
  const double n = sums.count(j, k);
  if (n < static_cast<double>(sums.count.rows() + 1)) return 0.0;
  const double mean_j = sums.first(j, k) / n;
  const double mean_k = sums.first(k, j) / n;
  const double both = std::sqrt(std::max(0.0, sums.square(j, k) / n - mean_j * mean_j)) *
                      std::sqrt(std::max(0.0, sums.square(k, j) / n - mean_k * mean_k));
  return both > 0.0 ? (sums.product(j, k) / n - mean_j * mean_k) / both : 0.0;
}

/// Returns the correlations, shortened together where they do not form a semidefinite matrix.
Matrix common_correlation(const PairSums& sums, const Vector& deviation) {
  const Index d = sums.count.rows();
  Matrix correlation = Matrix::Identity(d, d);
  for (Index j = 0; j < d; ++j) {
    for (Index k = 0; k < j; ++k) {
      if (deviation(j) > 0.0 && deviation(k) > 0.0) {
        correlation(j, k) = correlation(k, j) = pair_correlation(sums, j, k);
      }
    }
  }
  const double smallest = Eigen::SelfAdjointEigenSolver<Matrix>(correlation, Eigen::EigenvaluesOnly).eigenvalues()(0);
  // Above this the matrix is semidefinite to rounding; collinear columns are found later.
  constexpr double kEigenvalueRounding = 1e-10;
  if (smallest >= -kEigenvalueRounding) return correlation;
  const double share = (kSmallestPairwiseEigenvalue - smallest) / (1.0 - smallest);
  return (1.0 - share) * correlation + share * Matrix::Identity(d, d);
}

/// The sums over rows of q_o^2/(d_o(d_o+2)) and, a column at a time, of q_o (x-m)/(d_o+2) in standard deviations, with
/// q_o and d_o of default_init.hpp.
struct ShapeSums {
  Vector skewness;
  double kurtosis = 0.0;
};

void add_block(const PatternPass& pass, const Vector& deviation, Index first, Index count, PatternBlock& work,
               ShapeSums& sums) {
  work.load(pass, first, count);
  for (const PatternBlock::Batch& batch : work.batches()) (void)work.distances(pass, batch, Rest::kLeaveOut);
  for (const PatternBlock::Run& run : work.runs()) {
    const auto d = static_cast<double>(pass.groups.shown[static_cast<std::size_t>(run.group)]);
    const Eigen::Map<const Vector> q(work.block.q.data() + run.first, run.count);
    sums.kurtosis += q.squaredNorm() / (d * (d + 2.0));
    for (Index j = 0; j < deviation.size(); ++j) {
      const Eigen::Map<const Vector> column(work.block.x.data() + j * kBlockStride + run.first, run.count);
      if (std::isnan(column(0))) continue;
      sums.skewness(j) += (column / deviation(j)).dot(q) / (d + 2.0);
    }
  }
}

/// Returns the median of the standard deviations of the columns that vary, 1 if none does.
double typical_deviation(const Vector& raw) {
  std::vector<double> varying;
  for (const double deviation : raw) {
    if (deviation > 0.0) varying.push_back(deviation);
  }
  if (varying.empty()) return 1.0;
  const auto middle = varying.begin() + static_cast<std::ptrdiff_t>(varying.size() / 2);
  std::nth_element(varying.begin(), middle, varying.end());
  return *middle;
}

}  // namespace

std::vector<Matrix> pair_products(const RowView& x, const Vector& origin, const Vector& scale) {
  const Index d = x.columns();
  PairSums total = block_reduce(
      x.rows(), 4 * d * d, PairSums(d), [&] { return ShownBlock(d); },
      [&](PairSums& sums, ShownBlock& block, Index first, Index count) {
        x.copy_columns(first, count, {origin.data(), static_cast<std::size_t>(d)}, block.z.data(), kBlockStride);
        for (Index j = 0; j < d; ++j) {
          for (Index i = 0; i < count; ++i) {
            const bool is_shown = !std::isnan(block.z(i, j));
            block.shown(i, j) = is_shown ? 1.0 : 0.0;
            block.z(i, j) = is_shown ? block.z(i, j) / scale(j) : 0.0;
          }
        }
        const auto z = block.z.topRows(count);
        const auto shown = block.shown.topRows(count);
        sums.count.noalias() += shown.transpose() * shown;
        sums.first.noalias() += z.transpose() * shown;
        sums.product.noalias() += z.transpose() * z;
        const Matrix squared = z.array().square();
        sums.square.noalias() += squared.transpose() * shown;
      },
      [](PairSums& left, const PairSums& right) { left.add(right); });
  return {std::move(total.count), std::move(total.first), std::move(total.square), std::move(total.product)};
}

std::vector<Matrix> available_shape(const RowView& x, const Vector& mean, const Vector& deviation, const Matrix& root,
                                    Index& out_rows) {
  const Index d = x.columns();
  const JointLaw joint(Vector::Zero(d), deviation.asDiagonal() * root);
  ShapeSums total{Vector::Zero(d)};
  out_rows = 0;
  for_each_window(joint, x, mean, 0.0, [&](const PatternPass& pass) {
    out_rows += pass.groups.size();
    const ShapeSums sums = block_reduce(
        pass.groups.size(), d, ShapeSums{Vector::Zero(d)}, [&] { return PatternBlock(d); },
        [&](ShapeSums& partial, PatternBlock& work, Index first, Index count) {
          add_block(pass, deviation, first, count, work, partial);
        },
        [](ShapeSums& left, const ShapeSums& right) {
          left.skewness += right.skewness;
          left.kurtosis += right.kurtosis;
        });
    total.skewness += sums.skewness;
    total.kurtosis += sums.kurtosis;
  });
  return {total.skewness, Matrix::Constant(1, 1, total.kurtosis)};
}

SampleMoments available_moments(const AskMoments& ask, const MomentPartial& ranges, Status& out_status) {
  const Index d = ranges.low.size();
  std::vector<Index> unseen;
  for (Index j = 0; j < d; ++j) {
    if (ranges.low(j) > ranges.high(j)) unseen.push_back(j);
  }
  if (!unseen.empty()) out_status.add(StatusCode::kUnseenColumn, list_columns(unseen));
  Vector middle = 0.5 * ranges.low + 0.5 * ranges.high;
  Vector half_range = 0.5 * ranges.high - 0.5 * ranges.low;
  for (const Index j : unseen) middle(j) = half_range(j) = 0.0;
  const Vector scale = (half_range.array() < kSmallestDeviation).select(1.0, half_range);
  MomentPartial of_pairs = answer_to(
      {.pass = MomentPass::kProducts, .missing = Missing::kExact, .gaps = true, .origin = middle, .scale = scale}, ask);
  const PairSums sums(std::move(of_pairs.sums));

  const Vector shown = sums.count.diagonal();
  const Vector mean = sums.first.diagonal().cwiseQuotient(shown.cwiseMax(1.0));
  const Vector variance = sums.square.diagonal().cwiseQuotient(shown.cwiseMax(1.0)) - mean.cwiseAbs2();
  Vector raw = (half_range.array() < kSmallestDeviation).select(0.0, scale.array() * variance.array().max(0.0).sqrt());
  const Matrix correlation = common_correlation(sums, raw);
  const double assumed = typical_deviation(raw);
  for (const Index j : unseen) raw(j) = assumed;

  SampleMoments moments;
  moments.mean = middle + scale.cwiseProduct(mean);
  moments.deviation = usable_deviations(raw, moments.mean, out_status);
  moments.correlation_cholesky = usable_correlation_cholesky(correlation, ranges.rows, out_status);
  const MomentPartial higher = answer_to({.pass = MomentPass::kShape,
                                          .missing = Missing::kExact,
                                          .gaps = true,
                                          .origin = moments.mean,
                                          .scale = moments.deviation,
                                          .root = moments.correlation_cholesky},
                                         ask);
  moments.rows = std::max(1.0, static_cast<double>(higher.rows));
  const auto dimension = static_cast<double>(d);
  moments.kurtosis = dimension * (dimension + 2.0) * higher.sums[1](0, 0) / moments.rows;
  const Vector by_column = higher.sums[0].col(0).cwiseQuotient(shown.cwiseMax(1.0));
  moments.skewness = (dimension + 2.0) * moments.correlation_cholesky.triangularView<Eigen::Lower>().solve(by_column);
  return moments;
}

}  // namespace varimix
