#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "varimix/core/types.hpp"

namespace varimix::tests {

/// A table of comma-separated values, quoted or not, with one line of names.
class Table {
 public:
  explicit Table(const std::filesystem::path& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("no file " + path.string());
    std::string line;
    std::getline(file, line);
    names_ = split(line);
    while (std::getline(file, line)) rows_.push_back(split(line));
  }

  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  [[nodiscard]] const std::string& text(std::size_t row, const std::string& column) const {
    const auto found = std::find(names_.begin(), names_.end(), column);
    if (found == names_.end()) throw std::out_of_range("no column " + column);
    return rows_.at(row).at(static_cast<std::size_t>(found - names_.begin()));
  }
  [[nodiscard]] double number(std::size_t row, const std::string& column) const { return std::stod(text(row, column)); }
  /// Returns all values, which must be numbers.
  [[nodiscard]] RowMatrix values() const {
    RowMatrix all(static_cast<Index>(rows()), static_cast<Index>(names_.size()));
    for (Index i = 0; i < all.rows(); ++i) {
      for (Index j = 0; j < all.cols(); ++j) {
        all(i, j) = std::stod(rows_.at(static_cast<std::size_t>(i)).at(static_cast<std::size_t>(j)));
      }
    }
    return all;
  }

 private:
  static std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> fields(1);
    bool is_quoted = false;
    for (const char c : line) {
      if (c == '"') {
        is_quoted = !is_quoted;
      } else if (c == ',' && !is_quoted) {
        fields.emplace_back();
      } else if (c != '\r') {
        fields.back() += c;
      }
    }
    return fields;
  }

  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace varimix::tests
