#pragma once

#include <stdexcept>
#include <string>

#include "varimix/core/missing.hpp"
#include "varimix/stream/batch.hpp"
#include "varimix/stream/source_place.hpp"

namespace varimix {

/// Thrown for a caller's mistake in a row of a source; fit_stream throws it again with the place as the caller knows
/// it.
class BadRow : public std::invalid_argument {
 public:
  /// Makes the message "<field> must be <constraint>, got <value> in row ...", followed by the hint.
  BadRow(SourceField field, const std::string& constraint, double value, std::int64_t row, Index column = 0,
         const std::string& hint = "");
  /// mistake() is the message up to the place, and hint() the part that follows the place.
  [[nodiscard]] const std::string& mistake() const noexcept { return mistake_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
  [[nodiscard]] const SourcePlace& place() const noexcept { return place_; }

 private:
  BadRow(const std::string& mistake, const SourcePlace& place, const std::string& hint);
  std::string mistake_;
  std::string hint_;
  SourcePlace place_;
};

/// Returns "row 12 of the source (counted from 0), column 3". `rows_before`, the number of rows that were left
/// out when the source was opened, is added to the place's row.
[[nodiscard]] std::string describe(const SourcePlace& place, std::int64_t rows_before);

/// Throws BadRow for the first number of a batch that a state cannot learn: a value of x that is not finite, except NaN
/// with Missing::kExact, or a time before that of the row before. `last_time` is the time of the row before the batch.
void require_learnable(const Batch& batch, Missing missing, double last_time);

}  // namespace varimix
