#pragma once

#include <optional>
#include <span>
#include <vector>

#include "varimix/core/missing.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix {

/// Rows to learn from: checked, none of them absent.
struct BatchRows {
  RowView x;
  std::span<const double> weights;  ///< one a row, or none
  std::span<const double> times;    ///< one a row, or none
  double weight;                    ///< the total

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
  std::vector<std::int64_t> numbers_;  // what rows_ refers to, where rows are absent
  std::vector<double> weights_;
  std::vector<double> times_;
  BatchRows rows_;
};

/// Throws std::invalid_argument unless there are times where `are_needed` and none otherwise: one a row, finite, and never falling,
/// from that of the last row before on.
void check_times(std::span<const double> times, Index rows, bool are_needed, std::optional<double> last_time);

/// Adds what is to be said of `rows` rows of d columns, among them these constant ones, whatever was fitted to them.
void add_data_limits(double rows, Index d, const std::vector<Index>& constant_columns, Status& out_status);

}  // namespace varimix
