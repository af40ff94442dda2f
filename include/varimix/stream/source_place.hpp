#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "varimix/core/types.hpp"

namespace varimix {

/// Tells numbers of x, weights and times apart.
enum class SourceField { kX, kWeights, kTimes };

/// The place of a number in a source.
struct SourcePlace {
  std::int64_t row = 0;  ///< rows that the source, as it was opened, gave before this one
  SourceField field = SourceField::kX;
  Index column = 0;  ///< column of x, from 0; not used for weights and times
};

/// Returns the words by which messages call a place of a source, as in "row 12 of the source (counted from 0), column
/// 3". It may be called on any thread.
using DescribePlace = std::function<std::string(const SourcePlace& place)>;

}  // namespace varimix
