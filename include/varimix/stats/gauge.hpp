#pragma once

#include "varimix/stats/eta.hpp"

namespace varimix {

/// Returns the statistics of sY in place of Y, s > 0. The law of X stays as it is, E[1/Y] becomes E[1/Y]/s, and every
/// other field changes by its power of Y; E[log Y] grows by log s.
/// Throws std::invalid_argument unless s is finite and > 0.
[[nodiscard]] Eta rescale_y(Eta eta, double s);

/// Returns true if the statistics of sY in place of Y are finite doubles. @pre s is finite and > 0.
[[nodiscard]] bool can_be_rescaled(const Eta& eta, double s);

/// Returns true if two etas are equal but for the roundings of many changes of gauge and origin: each field to 1e-9 of
/// its size.
[[nodiscard]] bool is_near(const Eta& left, const Eta& right);

}  // namespace varimix
