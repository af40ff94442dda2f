#pragma once

#include "varimix/core/types.hpp"

namespace varimix {

/// Puts the squared distance q of a new Gaussian row, from the mean and by the covariance (divisor N - 1) of N rows, on
/// the chi-square law with d degrees of freedom: it returns q' with P(chi2_d > q') = P(F_{d,N-d} > q N(N-d)/((N+1)(N-1)d)),
/// this probability taken as `least_tail` where it is less.
class ExactDistance {
 public:
  /// @pre rows > d >= 1.
  ExactDistance(double rows, Index d, double least_tail);
  /// @pre q >= 0, which may be infinite.
  [[nodiscard]] double operator()(double q) const;

 private:
  double half_d_;
  double half_rest_;     // (N - d) / 2
  double scale_;         // q scale_ is the ratio of two independent chi-squares, of d and of N - d
  double least_tail_;
};

}  // namespace varimix
