#pragma once

#include "varimix/core/choice.hpp"

namespace varimix {

/// The meaning of NaN in rows.
enum class Missing {
  kError,  ///< a mistake, as infinity is
  kExact,  ///< a value that is missing at random: its row counts by the values that it shows
};

template <>
inline constexpr std::array<std::string_view, 2> kWords<Missing> = {"error", "exact"};

}  // namespace varimix
