#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arrow_types.hpp"
#include "varimix/stream/arrow_c_abi.hpp"
#include "varimix/stream/arrow_source.hpp"

namespace varimix {

/// A column of a table that is read.
struct ArrowColumn {
  std::int64_t child;  ///< its number among the table's columns, from 0
  std::string name;
  ArrowType type;
};

/// The columns that are read, and the number of all columns of the table (`children`).
struct ArrowPlan {
  std::int64_t children = 0;
  std::vector<ArrowColumn> x = {};
  std::optional<ArrowColumn> weights = std::nullopt;
  std::optional<ArrowColumn> times = std::nullopt;
};

/// Looks the columns up. Throws std::invalid_argument as ArrowSource's constructor says.
[[nodiscard]] ArrowPlan plan_columns(const ArrowSchema& schema, const ArrowColumns& columns);

}  // namespace varimix
