#include "varimix/stream/source_items.hpp"

#include <algorithm>
#include <utility>

#include "varimix/core/require.hpp"

namespace varimix {

void SourceItems::clear() {
  const std::lock_guard lock(mutex_);
  parts_.clear();
}

void SourceItems::begin(std::int64_t first_row, std::int64_t index, std::string name, bool is_new) {
  const std::lock_guard lock(mutex_);
  const std::int64_t least = parts_.empty() ? 0 : parts_.back().first_row;
  require(first_row >= least, "first_row of an item", ">= " + std::to_string(least), first_row);
  require(index >= 0, "index of an item", ">= 0", index);
  parts_.push_back({first_row, static_cast<std::size_t>(index), std::move(name), is_new});
}

template <class Use>
void SourceItems::for_each_part(std::int64_t first, std::int64_t end, Use&& use) const {
  const std::lock_guard lock(mutex_);
  const auto after = std::upper_bound(parts_.begin(), parts_.end(), first,
                                      [](std::int64_t row, const Part& part) { return row < part.first_row; });
  for (auto part = after == parts_.begin() ? after : std::prev(after); part != parts_.end(); ++part) {
    const auto next = std::next(part);
    const std::int64_t last = next == parts_.end() ? end : std::min(end, next->first_row);
    const std::int64_t begins = std::max(first, part->first_row);
    if (begins >= end) return;
    if (last > begins) use(*part, last - begins);
  }
}

void SourceItems::add_rows(std::int64_t first, std::int64_t end, std::vector<SourceItem>& items) const {
  for_each_part(first, end, [&](const Part& part, std::int64_t rows) {
    const std::size_t place = std::min(part.index, items.size());
    if (place == items.size() || (part.is_new && part.first_row >= first)) {
      items.insert(items.begin() + static_cast<std::ptrdiff_t>(place), {part.name, 0});
    }
    items[place].rows += rows;
  });
}

std::vector<SourceItem> SourceItems::of_rows(std::int64_t end) const {
  std::vector<SourceItem> items;
  for_each_part(0, end, [&](const Part& part, std::int64_t rows) { items.push_back({part.name, rows}); });
  return items;
}

}  // namespace varimix
