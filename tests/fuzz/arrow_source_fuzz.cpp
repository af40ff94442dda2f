// Reads Arrow streams whose formats, lengths, offsets, null counts and pointers the fuzzer chooses freely. Only facts
// that the reader cannot check, the size of a buffer and the number of pointers behind `children`, are honest. Every
// stream must be read to its end or refused with an exception, and all that it gave out must be released.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "fuzz_bytes.hpp"
#include "support/arrow.hpp"
#include "varimix/stream/arrow_source.hpp"
#include "varimix/stream/recut.hpp"

namespace varimix::tests {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMostRows = 4096;   // the most for which there is memory
constexpr std::int64_t kWidestValue = 8;   // bytes
constexpr std::size_t kColumns = 6;        // a stream has fewer
constexpr std::size_t kBatches = 5;        // a stream has fewer
constexpr std::size_t kOrdinaryRows = 70;  // a batch has fewer, which may be more than a word of validity bits

/// Returns a number of rows, which mostly is an ordinary one and else a trap.
std::int64_t any_rows(FuzzBytes& bytes) {
  constexpr std::size_t kRareness = 8;
  static constexpr std::int64_t kTraps[] = {-1, kLargest, -kLargest - 1, kLargest / 8, kLargest / 8 + 1, kMostRows,
                                            -2, 1};
  if (bytes.below(kRareness) == 0) return bytes.element(kTraps);
  return static_cast<std::int64_t>(bytes.below(kOrdinaryRows));
}

/// Returns a count of nulls for a column to claim: none, unknown, or anything.
std::int64_t any_null_count(FuzzBytes& bytes) {
  static constexpr std::int64_t kUsual[] = {0, -1};
  return bytes.flag() ? bytes.element(kUsual) : any_rows(bytes);
}

/// Returns a + b + c, or nothing if one of them is negative or larger than kMostRows.
std::optional<std::int64_t> rows_needed(std::int64_t a, std::int64_t b, std::int64_t c) {
  for (const std::int64_t part : {a, b, c}) {
    if (part < 0 || part > kMostRows) return std::nullopt;
  }
  return a + b + c;
}

MadeColumn any_schema(FuzzBytes& bytes) {
  static constexpr const char* kNames[] = {"a", "b", "c", "w", "t", ""};
  static constexpr const char* kFormats[] = {
      "g",    "f",       "e",    "b",    "c",   "C",   "s",   "S",   "i", "I",  "l", "L", "tdD", "tdm",
      "tss:", "tsm:UTC", "tsu:", "tsn:", "tDs", "tDm", "tDu", "tDn", "u", "+s", "n", "",  "ts"};
  constexpr std::size_t kRareness = 64;
  MadeColumn column{.name = bytes.element(kNames), .format = bytes.element(kFormats)};
  const std::size_t fault = bytes.below(kRareness);
  if (fault == 1) column.format.reset();
  column.is_dictionary = fault == 2;
  column.is_there = fault != 3;
  return column;
}

/// Returns a column of these bytes, with as much memory as a batch may read of it.
MadeColumn any_column(FuzzBytes& bytes, const MadeBatch& batch) {
  static constexpr std::int64_t kBufferCounts[] = {2, 2, 2, 2, 2, 2, 2, 1, 3, 0, -1, kLargest};
  constexpr std::size_t kRareness = 64;
  MadeColumn column{.length = bytes.flag() ? batch.length : any_rows(bytes), .offset = any_rows(bytes)};
  column.null_count = any_null_count(bytes);
  column.n_buffers = bytes.element(kBufferCounts);
  const auto rows = rows_needed(column.offset, batch.offset, batch.length);
  if (rows) {
    column.misaligned_by = bytes.below(kRareness) == 1 ? 1 : 0;
    column.values.resize(static_cast<std::size_t>(*rows * kWidestValue) + column.misaligned_by);
    for (std::byte& value : column.values) value = std::byte{bytes.byte()};
    if (bytes.flag()) column.validity.assign(static_cast<std::size_t>(*rows / kWidestValue + 1), bytes.byte());
  }
  const std::size_t fault = bytes.below(kRareness);
  column.has_values = rows.has_value() && fault != 1;  // without memory there is no pointer to it
  column.has_buffers = fault != 2;
  column.is_there = fault != 3;
  return column;
}

MadeBatch any_batch(FuzzBytes& bytes, std::size_t columns) {
  static constexpr std::int64_t kBufferCounts[] = {1, 1, 1, 1, 1, 1, 1, 2, 0};
  constexpr std::size_t kRareness = 64;
  MadeBatch batch{.length = any_rows(bytes), .offset = bytes.flag() ? 0 : any_rows(bytes)};
  batch.null_count = bytes.flag() ? 0 : any_null_count(bytes);
  batch.n_buffers = bytes.element(kBufferCounts);
  const auto rows = rows_needed(batch.offset, batch.length, 0);
  if (rows && bytes.flag()) batch.validity.assign(static_cast<std::size_t>(*rows / kWidestValue + 1), bytes.byte());
  for (std::size_t j = 0; j < columns; ++j) batch.columns.push_back(any_column(bytes, batch));
  const std::size_t fault = bytes.below(kRareness);
  if (fault == 1) batch.n_children = any_rows(bytes);
  batch.has_children = fault != 2;
  return batch;
}

MadeStream any_stream(FuzzBytes& bytes) {
  constexpr std::size_t kRareness = 64;
  MadeStream stream;
  const std::size_t columns = bytes.below(kColumns);
  for (std::size_t j = 0; j < columns; ++j) stream.columns.push_back(any_schema(bytes));
  const std::size_t fault = bytes.below(kRareness);
  if (fault == 1) stream.format.emplace(1, 'g');
  if (fault == 2) stream.format.reset();
  if (fault == 3) stream.n_children = std::min(any_rows(bytes), static_cast<std::int64_t>(columns));
  stream.has_children = fault != 4;
  stream.schema_fails = fault == 5;
  if (fault == 6) stream.error.reset();
  if (fault == 6 || fault == 7) stream.fails_at = bytes.below(kBatches);
  const std::size_t batches = bytes.below(kBatches);
  for (std::size_t k = 0; k < batches; ++k) stream.batches.push_back(any_batch(bytes, columns));
  return stream;
}

ArrowColumns any_choice(FuzzBytes& bytes) {
  const std::vector<std::string> x = {"a", "b"};
  const bool has_weights = bytes.flag();
  const bool has_times = bytes.flag();
  return {.x = bytes.flag() ? x : std::vector<std::string>{},
          .weights = has_weights ? std::optional<std::string>("w") : std::nullopt,
          .times = has_times ? std::optional<std::string>("t") : std::nullopt};
}

/// Reads every value, weight and time; their sum keeps the compiler from leaving that out.
double sum_of(const Batch& batch) {
  double sum = 0.0;
  for (Index i = 0; i < batch.x.rows(); ++i) {
    for (Index j = 0; j < batch.x.columns(); ++j) sum += batch.x(i, j);
  }
  for (const double weight : batch.weights) sum += weight;
  for (const double time : batch.times) sum += time;
  return sum;
}

void read_stream(FuzzBytes& bytes) {
  const ArrowColumns columns = any_choice(bytes);
  const std::int64_t batch_size = 1 + static_cast<std::int64_t>(bytes.below(kOrdinaryRows));
  const auto skipped = static_cast<std::int64_t>(bytes.below(3));
  ArrowArrayStream stream = export_stream(any_stream(bytes));
  volatile double sum = 0.0;
  try {
    Recut source(ArrowSource(&stream, columns), batch_size);
    source.skip(skipped);
    while (const std::optional<Batch> batch = source.next()) sum = sum + sum_of(*batch);
  } catch (const std::invalid_argument&) {
  } catch (const std::runtime_error&) {
  }
}

}  // namespace
}  // namespace varimix::tests

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  varimix::tests::FuzzBytes bytes({data, size});
  varimix::tests::read_stream(bytes);
  if (varimix::tests::arrow_structures() != 0) std::abort();  // something was not released
  return 0;
}
