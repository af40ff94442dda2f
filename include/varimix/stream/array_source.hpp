#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "varimix/stream/batch.hpp"

namespace varimix {

/// Gives rows that are in memory as one chunk, in place.
class ArraySource {
 public:
  /// The viewed memory must outlive all chunks, unless `owner` keeps it.
  /// Throws std::invalid_argument if there are weights (times) but not as many as rows.
  explicit ArraySource(const RowView& x, std::span<const double> weights = {}, std::span<const double> times = {},
                       std::shared_ptr<const void> owner = {});

  /// Returns all rows that are left, or nothing if none are.
  [[nodiscard]] std::optional<Batch> next();
  [[nodiscard]] Index d() const noexcept { return all_.x.columns(); }
  /// Leaves out the next `rows` rows. Throws std::invalid_argument for rows < 0 or more than are left. Cost: O(1).
  void skip(std::int64_t rows);

 private:
  Batch all_;
  std::int64_t position_ = 0;
};

}  // namespace varimix
