#pragma once

#include <stdexcept>
#include <string>

#include "varimix/core/missing.hpp"
#include "varimix/stream/batch.hpp"
#include "varimix/stream/source_place.hpp"

namespace varimix {

/// The caller's mistake in a row of a source, which fit_stream says with the place as the caller knows it.
class BadRow : public std::invalid_argument {
 public:
  /// "<field> must be <constraint>, got <value> in row ...".
  BadRow(SourceField field, const std::string& constraint, double value, std::int64_t row, Index column = 0,
         const std::string& hint = "");
  /// The message without the place, and what is to follow that.
  [[nodiscard]] const std::string& mistake() const noexcept { return mistake_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
  [[nodiscard]] const SourcePlace& place() const noexcept { return place_; }

 private:
  BadRow(const std::string& mistake, const SourcePlace& place, const std::string& hint);
  std::string mistake_;
  std::string hint_;
  SourcePlace place_;
};

/// "row 12 of the source (counted from 0), column 3", rows before the place's opening added.
[[nodiscard]] std::string describe(const SourcePlace& place, std::int64_t rows_before);

/// Throws BadRow for the first number of a batch that a state cannot learn: of x one that is not finite (or NaN with
/// Missing::kExact), of the times one before that of the row before; `last_time` is that of the row before the first.
void require_learnable(const Batch& batch, Missing missing, double last_time);

}  // namespace varimix
