#pragma once

#include "varimix/stats/expectations.hpp"

namespace varimix {

/// The statistics of sY in place of Y, s > 0: the law of X stays as it is, while
/// (s1, s2, s3, s4, s5, s6) becomes (s1/s, s s2, s3 + log s, s4, s5/s, s6/s).
/// Throws std::invalid_argument unless s is finite and > 0.
[[nodiscard]] Expectations rescale_y(const Expectations& eta, double s);

/// Whether two statistics are equal but for the roundings of many changes of gauge and origin: each field to 1e-9 of its size.
[[nodiscard]] bool is_near(const Expectations& left, const Expectations& right);

}  // namespace varimix
