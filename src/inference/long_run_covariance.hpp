#pragma once

#include <deque>
#include <optional>

#include "varimix/core/types.hpp"

namespace varimix {

/// How the covariance of a sum of rows' influences is estimated.
struct LongRunOptions {
  Index rows;                       ///< n
  std::optional<int> cosines = {};  ///< B: equally weighted cosine series (EWC)
  std::optional<Index> lags = {};   ///< L: Bartlett's weights 1 - l / (L + 1)
};

/// The covariance of the sum of n vectors, which are added in order, from the products of pairs of them. The vectors are not
/// centred. With neither cosines nor lags they are taken as independent: sum of w v v'.
/// EWC (Lazarus, Lewis, Stock and Watson 2018, J. Bus. Econ. Stat. 36:541): with
/// P_j = sqrt(2/n) sum of v_t cos(pi j (t - 1/2) / n), n/B times the sum of P_j P_j', j = 1, ..., B.
/// Bartlett (Newey and West 1987): the products of all pairs at most L apart, weighted by 1 - l / (L + 1), which is the
/// sum over all windows of L + 1 vectors in a row of (sum in the window)(sum)' / (L + 1).
class LongRunCovariance {
 public:
  LongRunCovariance(const LongRunOptions& options, Index size);
  /// Adds the next vectors, one a row; `weights` is empty or has one a row, which serve independent vectors alone.
  void add(const Matrix& vectors, const Vector& weights);
  /// Returns the covariance of the sum, after the last of the n vectors.
  [[nodiscard]] Matrix covariance() const;

 private:
  void add_to_window(const Vector& next);

  LongRunOptions options_;
  Index seen_ = 0;
  Matrix products_;            // lower triangle
  Matrix cosine_sums_;         // (size, B)
  std::deque<Vector> window_;  // the last L + 1 vectors
  Vector window_sum_;
};

}  // namespace varimix
