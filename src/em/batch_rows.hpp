#pragma once

#include <optional>
#include <span>
#include <vector>

#include "varimix/core/missing.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix {

/// Rows to learn from; they are checked, and none of them is absent.
struct BatchRows {
  RowView x;
  std::span<const double> weights;  ///< one for each row; empty for ones
  std::span<const double> times;    ///< one for each row; empty if rows have no times
  double weight;                    ///< total weight of the rows

  [[nodiscard]] BatchRows slice(Index first, Index count) const;
};

/// The rows of a batch without the absent ones: those of weight 0, and those that show nothing.
class PresentRows {
 public:
  PresentRows(const RowView& batch, const BatchOptions& options, Missing missing);
  PresentRows(const PresentRows&) = delete;
  PresentRows& operator=(const PresentRows&) = delete;
  [[nodiscard]] const BatchRows& rows() const noexcept { return rows_; }

 private:
  std::vector<std::int64_t> numbers_;  // the rows that are present, if some are absent; rows_ refers to these three
  std::vector<double> weights_;
  std::vector<double> times_;
  BatchRows rows_;
};

/// Returns true if a row has a value that is not NaN.
[[nodiscard]] bool shows_something(const RowView& x, Index row);

/// Throws std::invalid_argument if there are times and not `are_needed` or the reverse, and unless there is one for
/// each row, all are finite, and they never fall, beginning with `last_time`, that of the last row before.
void check_times(std::span<const double> times, Index rows, bool are_needed, std::optional<double> last_time);

/// Adds the outcomes that depend on the data alone: constant columns, and fewer than d + 1 rows.
void add_data_limits(double rows, Index d, const std::vector<Index>& constant_columns, Status& out_status);

}  // namespace varimix
