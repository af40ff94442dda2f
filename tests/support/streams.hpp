#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "varimix/stream/batch_source.hpp"
#include "varimix/stream/callback_source.hpp"

namespace varimix::tests {

/// Rows with the weights and times that a stream may carry beside them.
struct StreamRows {
  RowMatrix x;
  std::vector<double> weights = {};
  std::vector<double> times = {};
};

/// Returns a chunk that owns a copy of rows first, ..., first + count - 1.
inline Batch owned_chunk(const StreamRows& all, Index first, Index count) {
  const auto part = [&](const std::vector<double>& values) {
    return values.empty() ? values : std::vector<double>(values.begin() + first, values.begin() + first + count);
  };
  const auto rows =
      std::make_shared<StreamRows>(StreamRows{all.x.middleRows(first, count), part(all.weights), part(all.times)});
  return {.x = rows->x, .weights = rows->weights, .times = rows->times, .owner = rows};
}

/// Returns a source of the rows in chunks of these sizes, in turn; the last chunk is cut to the rows that are left.
inline CallbackSource in_chunks(StreamRows rows, std::vector<Index> sizes) {
  const Index d = rows.x.cols();
  return {d,
          [rows = std::move(rows), sizes = std::move(sizes), next = std::size_t{0},
           first = Index{0}]() mutable -> std::optional<Batch> {
            if (first == rows.x.rows()) return std::nullopt;
            const Index count = std::min(sizes[next++ % sizes.size()], rows.x.rows() - first);
            return owned_chunk(rows, std::exchange(first, first + count), count);
          }};
}

/// A copy of a batch.
struct SeenBatch {
  RowMatrix x;
  std::vector<double> weights;
  std::vector<double> times;
  std::int64_t first_row;
  std::int64_t source_end;
  bool operator==(const SeenBatch&) const = default;
};

inline SeenBatch seen(const Batch& batch) {
  SeenBatch copy{.x = RowMatrix(batch.x.rows(), batch.x.columns()),
                 .weights = {batch.weights.begin(), batch.weights.end()},
                 .times = {batch.times.begin(), batch.times.end()},
                 .first_row = batch.first_row,
                 .source_end = batch.source_end()};
  for (Index i = 0; i < copy.x.rows(); ++i) {
    for (Index j = 0; j < copy.x.cols(); ++j) copy.x(i, j) = batch.x(i, j);
  }
  return copy;
}

/// Returns all batches that are left in a source.
inline std::vector<SeenBatch> read_all(AnyBatchSource source) {
  std::vector<SeenBatch> all;
  while (const std::optional<Batch> batch = source.next()) all.push_back(seen(*batch));
  return all;
}

/// Returns all rows of batches, one below the other.
inline RowMatrix rows_of(const std::vector<SeenBatch>& batches) {
  Index rows = 0;
  for (const SeenBatch& batch : batches) rows += batch.x.rows();
  RowMatrix all(rows, batches.empty() ? 0 : batches.front().x.cols());
  Index first = 0;
  for (const SeenBatch& batch : batches) {
    all.middleRows(first, batch.x.rows()) = batch.x;
    first += batch.x.rows();
  }
  return all;
}

/// Returns rows whose values tell their row and column.
inline StreamRows counted_rows(Index rows, Index d) {
  StreamRows all{RowMatrix(rows, d)};
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < d; ++j) all.x(i, j) = static_cast<double>(i * d + j);
  }
  return all;
}

}  // namespace varimix::tests
