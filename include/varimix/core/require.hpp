#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "varimix/core/types.hpp"

namespace varimix {

/// Throws std::invalid_argument("<name> must be <constraint>, got <value>") unless `holds`.
/// Public functions call it before any state changes.
template <class Value>
void require(bool holds, std::string_view name, std::string_view constraint, const Value& value) {
  if (holds) return;
  std::ostringstream message;
  message << name << " must be " << constraint << ", got ";
  if constexpr (std::floating_point<Value>) {
    std::array<char, 32> shortest;  // the fewest digits that read back as the same number; 24 at most
    message.write(shortest.data(),
                  std::to_chars(shortest.data(), shortest.data() + shortest.size(), value).ptr - shortest.data());
  } else {
    message << value;
  }
  throw std::invalid_argument(message.str());
}

/// Throws std::invalid_argument naming `name`, unless it has d dimensions.
inline void require_dimension(Index actual, Index d, std::string_view name) {
  if (actual != d) require(false, name, "of dimension " + std::to_string(d), actual);
}

/// Throws std::invalid_argument naming `name`, unless it has d rows and d columns.
inline void require_square(const Matrix& values, Index d, std::string_view name) {
  if (values.rows() == d && values.cols() == d) return;
  require(false, name, "a d x d matrix with d = " + std::to_string(d),
          std::to_string(values.rows()) + " x " + std::to_string(values.cols()));
}

}  // namespace varimix
