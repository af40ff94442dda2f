#include "batch_rows.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "varimix/core/require.hpp"
#include "varimix/core/weights.hpp"

namespace varimix {
bool shows_something(const RowView& batch, Index row) {
  for (Index j = 0; j < batch.columns(); ++j) {
    if (!std::isnan(batch(row, j))) return true;
  }
  return false;
}

BatchRows BatchRows::slice(Index first, Index count) const {
  const auto part = [&](std::span<const double> all) {
    return all.empty() ? all : all.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  };
  const std::span<const double> some = part(weights);
  return {x.slice(first, count), some, part(times), total_weight(some, count)};
}

PresentRows::PresentRows(const RowView& batch, const BatchOptions& options, Missing missing)
    : rows_{batch, options.weights, options.times, total_weight(options.weights, batch.rows())} {
  if (options.weights.empty() && missing == Missing::kError) return;
  const auto is_absent = [&](Index i) {
    const bool has_weight = options.weights.empty() || options.weights[static_cast<std::size_t>(i)] != 0.0;
    return !has_weight || (missing != Missing::kError && !shows_something(batch, i));
  };
  Index first_absent = 0;
  while (first_absent < batch.rows() && !is_absent(first_absent)) ++first_absent;
  if (first_absent == batch.rows()) return;
  for (Index i = 0; i < batch.rows(); ++i) {
    if (is_absent(i)) continue;
    const auto k = static_cast<std::size_t>(i);
    numbers_.push_back(i);
    if (!options.weights.empty()) weights_.push_back(options.weights[k]);
    if (!options.times.empty()) times_.push_back(options.times[k]);
  }
  rows_ = {batch.select(numbers_), weights_, times_, total_weight(weights_, static_cast<Index>(numbers_.size()))};
}

void check_times(std::span<const double> times, Index rows, bool are_needed, std::optional<double> last_time) {
  require(are_needed != times.empty(), "times",
          are_needed ? "given, because the rule has a half-life in time"
                     : "left out, because the rule has no half-life in time",
          are_needed ? "none" : "some");
  require_one_a_row(times, "times", rows);
  double before = last_time.value_or(-std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (!std::isfinite(times[i]) || times[i] < before) {
      const std::string name = "times[" + std::to_string(i) + "]";
      require(std::isfinite(times[i]), name, "finite", times[i]);
      require(false, name, "no earlier than the row before", times[i]);
    }
    before = times[i];
  }
}

void add_data_limits(double rows, Index d, const std::vector<Index>& constant_columns, Status& out_status) {
  if (!constant_columns.empty()) out_status.add(StatusCode::kConstantColumn, list_columns(constant_columns));
  if (rows < static_cast<double>(d + 1)) {
    out_status.add(StatusCode::kTooFewRows,
                   std::to_string(static_cast<std::int64_t>(rows)) + " rows of " + std::to_string(d) + " columns");
  }
}

}  // namespace varimix
