#pragma once

#include <optional>

namespace varimix {

/// What the maximum of a GIG's likelihood depends on, beside the unit of Y: d1 = log s1 + s3, d2 = log s2 - s3 and the
/// tail weight s1 s2 - 1, for s1, s2, s3 = E[1/Y], E[Y], E[log Y].
struct GigTarget {
  double d1;
  double d2;
  double sum;        // S = log(s1 s2) = d1 + d2
  double excess;     // a0 - 1 = 1 / (s1 s2 - 1): inside |p| < a0
  double log_scale;  // the largest logarithm in d1 and d2, at least 1: their rounding is relative to it
};

/// Order and concentration z = sqrt(ab); z = 0 is the face of p's sign.
struct GigShape {
  double p;
  double z;
};

/// Where the likelihood is largest (methods: docs/math). @pre d1, d2 > 0; 1 < a0 < kLargestShape.
[[nodiscard]] GigShape solve_gig(const GigTarget& target) noexcept;

}  // namespace varimix
