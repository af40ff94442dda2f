#pragma once

#include <cmath>

#include "varimix/core/require.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// Throws std::invalid_argument naming `name` unless a caller's value is finite and > 0.
inline void require_positive(double value, const char* name) {
  require(std::isfinite(value) && value > 0.0, name, "finite and > 0", value);
}

/// Returns a parameter > 0 of another form. Throws std::invalid_argument naming it where it over- or underflows.
inline double representable(double value, const char* name) {
  require(std::isnormal(value), name, "a normal double in this form", value);
  return value;
}

inline void require_one_dimensional(Index d) { require(d == 1, "the model", "one-dimensional in this form", d); }

}  // namespace varimix
