#include "varimix/core/bad_number.hpp"

namespace varimix {

BadNumber::BadNumber(const std::string& mistake, Index row, Index column, const std::string& hint)
    : std::invalid_argument(mistake + " in row " + std::to_string(row) + ", column " + std::to_string(column) +
                            " (counted from 0)" + hint),
      mistake_and_row_(mistake + " in row " + std::to_string(row) + " (counted from 0)"),
      hint_(hint),
      column_(column) {}

std::string BadNumber::naming(const std::string& column) const {
  return mistake_and_row_ + ", column '" + column + "'" + hint_;
}

}  // namespace varimix
