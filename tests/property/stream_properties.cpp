#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "support/properties.hpp"
#include "support/streams.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/read_ahead.hpp"
#include "varimix/stream/recut.hpp"
#include "varimix/stream/shuffle_buffer.hpp"

namespace varimix::tests {
namespace {

/// Draws rows that may have weights, many of them zero, and may have times.
StreamRows any_rows() {
  const auto rows = *rc::gen::inRange<Index>(0, 120);
  StreamRows all = counted_rows(rows, *rc::gen::inRange<Index>(1, 4));
  const bool has_weights = *rc::gen::arbitrary<bool>();
  const bool has_times = *rc::gen::arbitrary<bool>();
  for (Index i = 0; i < rows; ++i) {
    if (has_weights) all.weights.push_back(*rc::gen::element(0.0, 0.0, 0.5, 1.0, 2.0));
    if (has_times) all.times.push_back(static_cast<double>(*rc::gen::inRange(-100, 100)));
  }
  return all;
}

/// Draws the sizes of chunks, 0 to 40 rows, not all of them 0.
std::vector<Index> any_cutting() {
  auto sizes = *rc::gen::container<std::vector<Index>>(rc::gen::inRange<Index>(0, 41));
  sizes.push_back(*rc::gen::inRange<Index>(1, 41));
  return sizes;
}

std::int64_t any_size() { return *rc::gen::inRange<std::int64_t>(1, 50); }

/// Returns the rows whose weight is not 0.
StreamRows with_weight(const StreamRows& all) {
  StreamRows kept{RowMatrix(all.x.rows(), all.x.cols())};
  Index rows = 0;
  for (Index i = 0; i < all.x.rows(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    if (!all.weights.empty() && all.weights[k] == 0.0) continue;
    kept.x.row(rows++) = all.x.row(i);
    if (!all.weights.empty()) kept.weights.push_back(all.weights[k]);
    if (!all.times.empty()) kept.times.push_back(all.times[k]);
  }
  kept.x.conservativeResize(rows, all.x.cols());
  return kept;
}

RC_GTEST_PROP(RecutProperty, AnyCuttingOfTheSameRowsGivesTheSameBatches, ()) {
  const StreamRows rows = any_rows();
  const std::int64_t size = any_size();
  RC_ASSERT(read_all(Recut(in_chunks(rows, any_cutting()), size)) ==
            read_all(Recut(ArraySource(rows.x, rows.weights, rows.times), size)));
}

RC_GTEST_PROP(RecutProperty, BatchesAreFullAndHoldTheRowsWithWeightInOrder, ()) {
  const StreamRows rows = any_rows();
  const std::int64_t size = any_size();
  const auto batches = read_all(Recut(in_chunks(rows, any_cutting()), size));
  const StreamRows kept = with_weight(rows);
  StreamRows joined{RowMatrix()};
  for (std::size_t k = 0; k < batches.size(); ++k) {
    const Index count = batches[k].x.rows();
    const bool is_last = k + 1 == batches.size();
    RC_ASSERT(count == size || (is_last && count >= 1 && count < size));
    joined.weights.insert(joined.weights.end(), batches[k].weights.begin(), batches[k].weights.end());
    joined.times.insert(joined.times.end(), batches[k].times.begin(), batches[k].times.end());
  }
  RC_ASSERT(batches.empty() == (kept.x.rows() == 0));
  if (!batches.empty()) RC_ASSERT(rows_of(batches) == kept.x);
  RC_ASSERT(joined.weights == kept.weights);
  RC_ASSERT(joined.times == kept.times);
}

RC_GTEST_PROP(RecutProperty, SkippingToTheEndOfABatchGivesTheBatchesAfterIt, ()) {
  const StreamRows rows = any_rows();
  const std::int64_t size = any_size();
  auto batches = read_all(Recut(in_chunks(rows, any_cutting()), size));
  RC_PRE(!batches.empty());
  const auto done = *rc::gen::inRange<std::size_t>(0, batches.size());
  Recut rest(in_chunks(rows, any_cutting()), size);
  rest.skip(batches[done].source_end);
  batches.erase(batches.begin(), batches.begin() + static_cast<std::ptrdiff_t>(done) + 1);
  RC_ASSERT(read_all(std::move(rest)) == batches);
}

RC_GTEST_PROP(ShuffleBufferProperty, IsAPermutationOfTheRowsWithWeightWhateverTheCutting, ()) {
  const StreamRows rows = any_rows();
  const std::int64_t buffer = *rc::gen::inRange<std::int64_t>(1, 150);
  const Key key(any_seed());
  const auto pass = *rc::gen::inRange<std::int64_t>(0, 5);
  const auto shuffled = read_all(ShuffleBuffer(in_chunks(rows, any_cutting()), buffer, key, pass));
  RC_ASSERT(shuffled == read_all(ShuffleBuffer(ArraySource(rows.x, rows.weights, rows.times), buffer, key, pass)));

  const StreamRows kept = with_weight(rows);
  std::vector<double> first_column;
  for (const SeenBatch& batch : shuffled) {
    for (Index i = 0; i < batch.x.rows(); ++i) first_column.push_back(batch.x(i, 0));
  }
  std::sort(first_column.begin(), first_column.end());
  const Vector expected = kept.x.col(0);  // it is increasing
  RC_ASSERT(first_column == std::vector<double>(expected.begin(), expected.end()));
}

RC_GTEST_PROP(ReadAheadProperty, ChangesNothing, ()) {
  const StreamRows rows = any_rows();
  const std::int64_t size = any_size();
  const std::vector<Index> cutting = any_cutting();
  const auto depth = *rc::gen::inRange<std::int64_t>(1, 5);
  RC_ASSERT(read_all(ReadAhead(Recut(in_chunks(rows, cutting), size), depth)) ==
            read_all(Recut(in_chunks(rows, cutting), size)));
}

}  // namespace
}  // namespace varimix::tests
