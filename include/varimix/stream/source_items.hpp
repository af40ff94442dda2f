#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "varimix/em/online_em_state.hpp"

namespace varimix {

/// Which items the rows of a source are of, told by the source as it gives them, one pass at a time. May be told on one
/// thread and asked on another.
class SourceItems {
 public:
  /// A new pass begins: forgets all.
  void clear();
  /// The rows from number `first_row` on, as the source was opened, are of the item `name`: until the next is told. It is
  /// number `index` of the position's items: one that was begun before, or else a new one, put there.
  /// Throws std::invalid_argument for a row before the last one told, or a negative index.
  void begin(std::int64_t first_row, std::int64_t index, std::string name, bool is_new);
  /// Counts the rows first, ..., end - 1 of the source to their items. Cost: O(log of the items told).
  void add_rows(std::int64_t first, std::int64_t end, std::vector<SourceItem>& items) const;
  /// The items of the rows 0, ..., end - 1, in the order in which they came.
  [[nodiscard]] std::vector<SourceItem> of_rows(std::int64_t end) const;

 private:
  struct Part {
    std::int64_t first_row;
    std::size_t index;
    std::string name;
    bool is_new;
  };
  /// Calls use(part, rows) for every part of the rows first, ..., end - 1.
  template <class Use>
  void for_each_part(std::int64_t first, std::int64_t end, Use&& use) const;

  mutable std::mutex mutex_;
  std::vector<Part> parts_;
};

}  // namespace varimix
