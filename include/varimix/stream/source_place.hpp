#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "varimix/core/types.hpp"

namespace varimix {

/// What a number of a source is.
enum class SourceField { kX, kWeights, kTimes };

/// Where a number of a source stands.
struct SourcePlace {
  std::int64_t row = 0;  ///< rows that the source, as it was opened, gave before this one
  SourceField field = SourceField::kX;
  Index column = 0;  ///< of x
};

/// How messages call a place of a source, as in "row 12 of the source (counted from 0), column 3". Called on any thread.
using DescribePlace = std::function<std::string(const SourcePlace& place)>;

}  // namespace varimix
