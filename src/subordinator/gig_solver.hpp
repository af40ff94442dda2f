#pragma once

#include <optional>

namespace varimix {

/// The numbers on which the maximum of a GIG's likelihood depends, beside the unit of Y: d1 = log s1 + s3,
/// d2 = log s2 - s3 and the tail weight s1 s2 - 1, where s1, s2, s3 are E[1/Y], E[Y], E[log Y].
struct GigTarget {
  double d1;
  double d2;
  double sum;        // S = log(s1 s2) = d1 + d2
  double excess;     // a0 - 1 = 1 / (s1 s2 - 1); a0 is the bound of |p|
  double log_scale;  // the largest logarithm in d1 and d2, at least 1; their rounding is relative to it
};

/// The order p and the concentration z = sqrt(ab); z = 0 is the face of p's sign.
struct GigShape {
  double p;
  double z;
};

/// Returns the shape at which the likelihood is largest. @pre d1, d2 > 0; 1 < a0 < kLargestShape.
[[nodiscard]] GigShape solve_gig(const GigTarget& target) noexcept;

}  // namespace varimix
