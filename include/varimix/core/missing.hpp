#pragma once

#include "varimix/core/choice.hpp"

namespace varimix {

/// What NaN in rows means.
enum class Missing {
  kError,  ///< a mistake, as infinity is
  kExact,  ///< a value that is missing at random: its row counts by what it shows
};

template <>
inline constexpr std::array<std::string_view, 2> kWords<Missing> = {"error", "exact"};

}  // namespace varimix
