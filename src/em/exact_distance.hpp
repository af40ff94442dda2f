#pragma once

#include <array>
#include <cstddef>
#include <limits>

#include "varimix/core/types.hpp"

namespace varimix {

/// Puts the squared distance q of a new Gaussian row, from the mean and by the covariance (divisor N - 1) of N rows, on
/// the chi-square law with d degrees of freedom: it returns q' with P(chi2_d > q') = P(F_{d,N-d} > q N(N-d)/((N+1)(N-1)d)),
/// this probability taken as `least_tail` where it is less.
/// q'/log(1 + q N/((N+1)(N-1))) hardly depends on q. For many distances it is taken from a Chebyshev polynomial. It
/// tends to N - 1 - d/2 (Box 1949, Biometrika 36:317), which is taken from kManyRows d rows on, where the incomplete beta
/// function loses digits.
class ExactDistance {
 public:
  static constexpr double kError = 1e-8;    // relative, at most; 1e-12 below a million rows
  static constexpr double kManyRows = 1e5;  // for each column: the limit is then as good as the functions

  /// @param many  true for more than some 20 distances.   @pre rows > d >= 1.
  ExactDistance(double rows, Index d, double least_tail, bool many);
  /// @pre q >= 0, which may be infinite. NaN in, NaN out.
  [[nodiscard]] double operator()(double q) const;

 private:
  static constexpr std::size_t kNodes = 12;

  [[nodiscard]] double from_the_laws(double q) const;
  [[nodiscard]] double polynomial(double t) const;

  double half_d_;
  double half_rest_;  // (N - d) / 2
  double scale_;      // q scale_ is the ratio of two independent chi-squares, of d and of N - d
  double least_tail_;
  double limit_ = 0.0;    // N - 1 - d/2 for so many rows, else 0
  double largest_ = 0.0;  // what `least_tail` gives, for so many rows
  // The polynomial is for q from low_ to high_; at first for none.
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = 0.0;
  double middle_ = 0.0, half_width_ = 0.0;  // of log(1 + q scale_) between them
  std::array<double, kNodes> coefficients_ = {};
};

}  // namespace varimix
