#pragma once

#include <array>
#include <span>

#include "varimix/univariate/univariate_law.hpp"

namespace varimix {

/// Points of a table; to make one costs as many quantiles.
inline constexpr int kTailTablePoints = 33;
inline constexpr double kTailTableError = 2e-4;

/// The quantiles of a law below alpha, from a table: y = log(1 + (F^-1(alpha) - F^-1(u)) / unit) in log u, where y is
/// smooth and nearly linear, by the polynomial through kTailTablePoints Chebyshev points. F^-1(alpha) - F^-1(u) has a
/// relative error of at most kTailTableError (test TailTable.*), far below what a simulated law can show. What lies
/// below the table, u < 1e-7 alpha, is computed.
class TailTable {
 public:
  /// Throws std::invalid_argument for no law, as ppf does. @pre 0 < alpha < 1.
  TailTable(const UnivariateLaw& law, double alpha);
  /// Computes out[i] = F^-1(u[i]), 0 < u[i] <= alpha.
  void quantiles(std::span<const double> u, std::span<double> out) const;

 private:
  [[nodiscard]] double y_at(double log_share) const noexcept;

  UnivariateLaw law_;
  double alpha_;
  double at_alpha_ = 0.0;
  double unit_ = 0.0;
  std::array<double, kTailTablePoints> log_shares_{};  // log(u / alpha), increasing to 0
  std::array<double, kTailTablePoints> y_{};
};

}  // namespace varimix
