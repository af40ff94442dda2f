#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "varimix/em/online_em_state.hpp"

namespace varimix {

/// Records the item (a file, a table) of each row of a source. The source tells it as it gives the rows, one pass at a
/// time. One thread may tell it while another asks.
class SourceItems {
 public:
  /// Forgets all items, because a new pass begins.
  void clear();
  /// Tells that the rows from number `first_row` of the source as it was opened belong to the item `name`, until the
  /// next item is told. This is number `index` of the position's items: one that was begun before, or, if `is_new`, a
  /// new one that is put there.
  /// Throws std::invalid_argument for a first_row below the last one told, or a negative index.
  void begin(std::int64_t first_row, std::int64_t index, std::string name, bool is_new);
  /// Adds the rows first, ..., end - 1 of the source to the counts of their items. Cost: O(log of the items told).
  void add_rows(std::int64_t first, std::int64_t end, std::vector<SourceItem>& items) const;
  /// Returns the items of the rows 0, ..., end - 1, in the order in which they came.
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
