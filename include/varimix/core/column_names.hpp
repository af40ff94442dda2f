#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "varimix/core/types.hpp"

namespace varimix {

/// The names of the columns of rows, in their order, or none. An immutable value; copies share the names, so that a
/// copy allocates nothing.
class ColumnNames {
 public:
  /// Makes no names.
  ColumnNames() = default;
  /// Throws std::invalid_argument unless there is at least one name, and all are UTF-8, not empty, and different.
  explicit ColumnNames(std::vector<std::string> names);

  [[nodiscard]] bool empty() const noexcept { return names_ == nullptr; }
  [[nodiscard]] std::span<const std::string> names() const noexcept {
    return names_ == nullptr ? std::span<const std::string>() : std::span(*names_);
  }
  [[nodiscard]] Index size() const noexcept { return static_cast<Index>(names().size()); }
  bool operator==(const ColumnNames& other) const noexcept;

 private:
  std::shared_ptr<const std::vector<std::string>> names_;
};

/// Returns false if both have names and these differ, or stand in another order.
[[nodiscard]] bool may_be_same(const ColumnNames& left, const ColumnNames& right) noexcept;

/// Returns "['a', 'b']", as messages and models show names; "none" if there are none. Of more than `most` names it has
/// the first ones and the last: "['a', 'b', ..., 'z']".
[[nodiscard]] std::string to_text(const ColumnNames& names, Index most = 20);

}  // namespace varimix
