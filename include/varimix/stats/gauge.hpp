#pragma once

#include "varimix/stats/eta.hpp"

namespace varimix {

/// The statistics of sY in place of Y, s > 0: the law of X stays as it is, while
/// E[1/Y] becomes E[1/Y]/s, and so each field by its power of Y.
/// Throws std::invalid_argument unless s is finite and > 0.
[[nodiscard]] Eta rescale_y(const Eta& eta, double s);

/// Whether two statistics are equal but for the roundings of many changes of gauge and origin: each field to 1e-9 of its size.
[[nodiscard]] bool is_near(const Eta& left, const Eta& right);

}  // namespace varimix
