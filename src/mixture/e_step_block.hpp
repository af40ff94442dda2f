#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "core/aligned_doubles.hpp"
#include "kernels/accumulate.hpp"
#include "kernels/posterior.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/types.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/stats/mixture_statistics.hpp"

namespace varimix {

/// One block of rows as columns, column j from j * stride on, and a buffer for each quantity computed for its rows.
/// Each begins at a cache line.
struct RowBlock {
  /// @param rows  all rows of the pass: a block of a few takes no more memory than they need.
  explicit RowBlock(Index d, Index rows = kBlockRows) : stride(stride_of(rows)), memory_((2 * d + 8) * stride) {
    double* next = memory_.data();
    for (auto* columns : {&x, &whitened}) {
      *columns = {next, static_cast<std::size_t>(d * stride)};
      next += d * stride;
    }
    for (auto* numbers : {&q, &projection, &misalignment, &exponent, &log_density, &inv_y, &y, &log_y}) {
      *numbers = {next, static_cast<std::size_t>(std::min(stride, kBlockRows))};
      next += stride;
    }
  }

  /// Returns true if a block for so many rows would be like this one.
  [[nodiscard]] bool holds(Index d, Index rows) const {
    return static_cast<Index>(x.size()) == d * stride && stride == stride_of(rows);
  }
  /// Returns true if a thread may keep it for good.
  [[nodiscard]] bool is_small() const {
    constexpr std::size_t kNumbers = 8192;  // 64 KB
    return x.size() + whitened.size() <= kNumbers;
  }

  /// Multiplies the statistics of row i by weight[i].
  void apply(const double* weight, Index count, LogY with_log_y) {
    const auto multiply = [&](std::span<double> numbers) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) numbers[i] *= weight[i];
    };
    multiply(inv_y);
    multiply(y);
    if (with_log_y == LogY::kCompute) multiply(log_y);
    multiply(log_density);
  }

  /// Returns the arrays for log densities, for the moments if wanted, and for E[log Y|x] if wanted beside them.
  [[nodiscard]] kernels::Posteriors posteriors(bool moments, LogY wanted) {
    return {log_density.data(), moments ? inv_y.data() : nullptr, moments ? y.data() : nullptr,
            moments && wanted == LogY::kCompute ? log_y.data() : nullptr};
  }

  Index stride;                    ///< from column to column; kBlockStride for a whole block
  std::span<double> x;             ///< the rows, about an origin
  std::span<double> whitened;      ///< v = L^{-1}(x - mu)
  std::span<double> q;             ///< v'v
  std::span<double> projection;    ///< gamma' Sigma^{-1} (x - mu)
  std::span<double> misalignment;  ///< as defined in kernels/distance.hpp
  std::span<double> exponent;      ///< exponent of the density, as defined in kernels/posterior.hpp
  std::span<double> log_density;
  std::span<double> inv_y, y, log_y;  ///< E[1/Y|x], E[Y|x], E[log Y|x]

 private:
  static Index stride_of(Index rows) {
    constexpr Index kCacheLine = 8;   // doubles
    constexpr Index kLeastRows = 32;  // the kernels' scratch: four of the widest vectors
    const Index most = std::clamp(rows, kLeastRows, kBlockRows);
    return (most + kCacheLine - 1) / kCacheLine * kCacheLine + (kBlockStride - kBlockRows);
  }

  AlignedDoubles memory_;
};

/// A block for a pass of few rows, the one of the thread's last such pass if that was of the same shape: to allocate it
/// would cost more than to fill it. One pass within another has its own.
class ThreadBlock {
 public:
  ThreadBlock(Index d, Index rows) : block_(std::move(last())) {
    if (block_ == nullptr || !block_->holds(d, rows)) block_ = std::make_unique<RowBlock>(d, rows);
  }
  ThreadBlock(ThreadBlock&&) noexcept = default;
  ThreadBlock& operator=(ThreadBlock&&) = delete;
  ~ThreadBlock() {
    if (block_ != nullptr && block_->is_small()) last() = std::move(block_);
  }
  [[nodiscard]] RowBlock& operator*() const noexcept { return *block_; }

 private:
  static std::unique_ptr<RowBlock>& last() {
    thread_local std::unique_ptr<RowBlock> block;
    return block;
  }
  std::unique_ptr<RowBlock> block_;
};

/// Raises distances q to a floor and returns how many. With r the row's projection and g = L^{-1} gamma, it keeps
/// misalignment = z^2 - (z_prior + r)^2 for the posterior's a, or g'g q - r^2 for a = g'g.
[[nodiscard]] inline Index raise_distances(double a, double floor, Index count, double* inout_q,
                                           double* inout_misalignment) {
  Index raised = 0;
  for (Index i = 0; i < count; ++i) {
    if (!(inout_q[i] < floor)) continue;
    inout_misalignment[i] += a * (floor - inout_q[i]);
    inout_q[i] = floor;
    ++raised;
  }
  return raised;
}

/// The sums over rows whose means an E-step returns.
struct EStepSums {
  explicit EStepSums(Index d) : of_x_(Matrix::Zero(d, d + 2)) {}

  /// Return an element of the sums of x, x E[1/Y|x] and xx' E[1/Y|x], of which there is the lower triangle.
  [[nodiscard]] double& x(Index j) { return of_x_(j, 0); }
  [[nodiscard]] double& wx(Index j) { return of_x_(j, 1); }
  [[nodiscard]] double& wxx(Index j, Index k) { return of_x_(j, k + 2); }

  void add(const EStepSums& other) {
    weight += other.weight;
    floored_rows += other.floored_rows;
    note_peak(other.peak_row, other.peak_log_density);
    inv_y += other.inv_y;
    y += other.y;
    log_y += other.log_y;
    log_density += other.log_density;
    of_x_ += other.of_x_;
  }

  void note_peak(Index row, double log_density_of_row) {
    if (!(log_density_of_row > peak_log_density)) return;
    peak_row = row;
    peak_log_density = log_density_of_row;
  }

  /// Notes the first row of a block, of which row 0 is row `first`, where log_density is largest.
  void note_peak_of(Index first, const double* log_density_of_rows, Index count) {
    const double most = kernels::largest(log_density_of_rows, count);
    if (!(most > peak_log_density)) return;
    note_peak(first + (std::find(log_density_of_rows, log_density_of_rows + count, most) - log_density_of_rows), most);
  }

  /// Adds a block of complete rows; overwrites block.whitened. `weights` are the rows' weights, or null if all are 1.
  void add(RowBlock& block, Index count, const double* weights, LogY with_log_y) {
    if (weights != nullptr) block.apply(weights, count, with_log_y);
    kernels::accumulate(block.x.data(), count, block.stride, of_x_.rows(), weights, block.inv_y.data(),
                        block.whitened.data(), &x(0), &wx(0), &wxx(0, 0));
    weight += weights == nullptr ? static_cast<double>(count) : kernels::sum(weights, count);
    inv_y += kernels::sum(block.inv_y.data(), count);
    y += kernels::sum(block.y.data(), count);
    if (with_log_y == LogY::kCompute) log_y += kernels::sum(block.log_y.data(), count);
    log_density += kernels::sum(block.log_density.data(), count);
  }

  /// Returns the means about `origin`, with the peak and the floored rows; the means are 0 where no row was added.
  [[nodiscard]] EStepResult result(const Vector& origin, LogY with_log_y, Vector observed) const {
    const double divisor = weight > 0.0 ? weight : 1.0;
    Eta eta = to_eta(MixtureStatisticsRef{.inv_y = inv_y,
                                          .y = y,
                                          .log_y = with_log_y == LogY::kCompute ? std::optional(log_y) : std::nullopt,
                                          .x = of_x_.col(0),
                                          .x_inv_y = of_x_.col(1),
                                          .xx_inv_y = of_x_.rightCols(of_x_.rows())},
                     origin, weight);
    eta.values /= divisor;
    return {std::move(eta), log_density / divisor, floored_rows, std::move(observed), peak_row, peak_log_density};
  }

  double weight = 0.0;
  Index floored_rows = 0;
  Index peak_row = -1;
  double peak_log_density = -std::numeric_limits<double>::infinity();
  double inv_y = 0.0;
  double y = 0.0;
  double log_y = 0.0;
  double log_density = 0.0;

 private:
  Matrix of_x_;  // the sums of x, of x E[1/Y|x], and of xx' E[1/Y|x], side by side
};

}  // namespace varimix
