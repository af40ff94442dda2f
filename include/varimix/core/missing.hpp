#pragma once

#include <string>

namespace varimix {

/// What NaN in rows means.
enum class Missing {
  kError,  ///< a mistake
  kExact,  ///< a value that is missing at random: its row counts by what it shows
};

/// "error" or "exact", as users say it. Throws std::invalid_argument for anything else.
[[nodiscard]] Missing missing_from(const std::string& name);

}  // namespace varimix
