#pragma once

#include <stdexcept>
#include <string>

#include "varimix/core/types.hpp"

namespace varimix {

/// Thrown for a number among rows that is not allowed; what() tells its row and column, both counted from 0.
class BadNumber : public std::invalid_argument {
 public:
  /// Makes the message "<mistake> in row 3, column 1 (counted from 0)<hint>".
  BadNumber(const std::string& mistake, Index row, Index column, const std::string& hint);
  [[nodiscard]] Index column() const noexcept { return column_; }
  /// Returns the message with the name of the column in place of its number.
  [[nodiscard]] std::string naming(const std::string& column) const;

 private:
  std::string mistake_and_row_;
  std::string hint_;
  Index column_;
};

}  // namespace varimix
