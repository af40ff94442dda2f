#include "arrow_schema.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "varimix/core/require.hpp"

namespace varimix {
namespace {

std::string in_ticks(std::string_view text) {
  std::string quotes = "'";
  quotes += text;
  quotes += "'";
  return quotes;
}

std::string_view text_or_empty(const char* text) { return text == nullptr ? std::string_view() : text; }

/// Returns the schemas of the table's columns.
std::span<const ArrowSchema* const> columns_of(const ArrowSchema& schema) {
  const std::string_view format = text_or_empty(schema.format);
  require(format == "+s", "an Arrow stream", "one of record batches (format '+s')", in_ticks(format));
  require(schema.n_children >= 0, "n_children of an Arrow schema", ">= 0", schema.n_children);
  require(schema.n_children == 0 || schema.children != nullptr, "children of an Arrow schema", "given",
          "a null pointer");
  const std::span<const ArrowSchema* const> all(schema.children, static_cast<std::size_t>(schema.n_children));
  for (const ArrowSchema* column : all) {
    require(column != nullptr && column->format != nullptr, "each column of an Arrow schema", "given with its format",
            "a null pointer");
  }
  return all;
}

class ColumnFinder {
 public:
  explicit ColumnFinder(std::span<const ArrowSchema* const> table) : table_(table) {}

  [[nodiscard]] ArrowColumn number(std::string_view name) { return typed(take(name), false); }
  [[nodiscard]] ArrowColumn time(std::string_view name) { return typed(take(name), true); }

  /// Returns all columns that were not asked for before, in the table's order.
  [[nodiscard]] std::vector<ArrowColumn> all_others() {
    std::vector<ArrowColumn> others;
    for (std::size_t child = 0; child < table_.size(); ++child) {
      if (std::find(taken_.begin(), taken_.end(), child) == taken_.end()) others.push_back(typed(child, false));
    }
    return others;
  }

 private:
  std::size_t take(std::string_view name) {
    const auto is_it = [&](const ArrowSchema* column) { return text_or_empty(column->name) == name; };
    const auto count = std::count_if(table_.begin(), table_.end(), is_it);
    require(count == 1, "column " + in_ticks(name), "in the table once", std::to_string(count) + " of " + names());
    const auto child = static_cast<std::size_t>(std::find_if(table_.begin(), table_.end(), is_it) - table_.begin());
    require(std::find(taken_.begin(), taken_.end(), child) == taken_.end(), "column " + in_ticks(name),
            "asked for once", "asked for again");
    taken_.push_back(child);
    return child;
  }

  [[nodiscard]] ArrowColumn typed(std::size_t child, bool is_time) const {
    const ArrowSchema& schema = *table_[child];
    const std::string_view format = schema.format;
    const std::string_view name = text_or_empty(schema.name);
    auto type = is_time ? time_type(format) : number_type(format);
    if (schema.dictionary != nullptr) type.reset();  // the format describes the dictionary's keys
    const char* const kinds = is_time ? "of times, numbers or booleans" : "of numbers or booleans";
    require(type.has_value(), "column " + in_ticks(name), kinds,
            (schema.dictionary != nullptr ? "a dictionary with keys of Arrow format " : "Arrow format ") +
                in_ticks(format));
    return {static_cast<std::int64_t>(child), std::string(name), *type};
  }

  /// Returns the names of the table's columns for a message, as far as a line holds them.
  [[nodiscard]] std::string names() const {
    constexpr std::size_t kNamesInMessage = 20;
    std::string all;
    for (std::size_t k = 0; k < std::min(table_.size(), kNamesInMessage); ++k) {
      all += (k == 0 ? "" : ", ") + in_ticks(text_or_empty(table_[k]->name));
    }
    return table_.size() > kNamesInMessage ? all + ", ..." : all;
  }

  std::span<const ArrowSchema* const> table_;
  std::vector<std::size_t> taken_;
};

}  // namespace

ArrowPlan plan_columns(const ArrowSchema& schema, const ArrowColumns& columns) {
  ColumnFinder find(columns_of(schema));
  ArrowPlan plan{.children = schema.n_children};
  if (columns.weights) plan.weights = find.number(*columns.weights);
  if (columns.times) plan.times = find.time(*columns.times);
  for (const std::string& name : columns.x) plan.x.push_back(find.number(name));
  if (columns.x.empty()) plan.x = find.all_others();
  require(!plan.x.empty(), "an Arrow table", "of one column or more besides weights and times", "none");
  return plan;
}

}  // namespace varimix
