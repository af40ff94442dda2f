#include "arrow_chunk.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "varimix/core/require.hpp"

namespace varimix {
namespace {

// The most rows of a column of 8 bytes a row whose addresses do not overflow.
constexpr std::int64_t kMaxRows = std::numeric_limits<std::ptrdiff_t>::max() / 8;
constexpr std::int64_t kUnknownCount = -1;  // the interface's null_count where the number of nulls is not known

/// The part of a column that a record batch views: its checked buffers, and the number of its first row in them.
struct ColumnPart {
  const void* validity;  // null if no row of the part is null
  const void* values;
  std::int64_t first;
  std::int64_t rows;
};

/// Owns the chunk's memory: Arrow's, and that of converted columns.
struct ArrowChunk {
  ArrowOwner<ArrowArray> array;
  std::vector<std::vector<double>> converted = {};
  std::vector<const double*> doubles = {};
  std::vector<const float*> floats = {};
};

/// Throws std::invalid_argument unless the interface's rules for any array hold, as far as they can be checked.
void require_array(const ArrowArray& array, const std::string& what, std::int64_t buffers) {
  require(array.length >= 0 && array.length <= kMaxRows, "length of " + what, "a number of rows", array.length);
  require(array.offset >= 0 && array.offset <= kMaxRows - array.length, "offset of " + what, "a number of rows",
          array.offset);
  require(array.null_count >= kUnknownCount && array.null_count <= array.length, "null_count of " + what,
          "from -1 to its length", array.null_count);
  require(array.n_buffers == buffers, "n_buffers of " + what, std::to_string(buffers), array.n_buffers);
  require(array.buffers != nullptr, "buffers of " + what, "given", "a null pointer");
  require(array.null_count <= 0 || array.buffers[0] != nullptr, "the validity buffer of " + what,
          "given, as there are nulls", "a null pointer");
}

/// Returns the validity bitmap of these rows, or nullptr if none of them is null.
const void* validity_of(const ArrowArray& array, std::int64_t first, std::int64_t rows) {
  const void* bitmap = array.buffers[0];
  if (array.null_count == 0 || bitmap == nullptr) return nullptr;
  for (std::int64_t i = first; i < first + rows; ++i) {
    if (!arrow_bit(bitmap, i)) return bitmap;
  }
  return nullptr;
}

void require_record_batch(const ArrowArray& batch, const ArrowPlan& plan) {
  require_array(batch, "an Arrow record batch", 1);
  require(batch.n_children == plan.children, "an Arrow record batch",
          "of " + std::to_string(plan.children) + " columns, as its schema", batch.n_children);
  require(batch.children != nullptr, "children of an Arrow record batch", "given", "a null pointer");
  require(validity_of(batch, batch.offset, batch.length) == nullptr, "an Arrow record batch",
          "of rows that are not null themselves", "null rows");
}

ColumnPart part_of(const ArrowArray& batch, const ArrowColumn& column) {
  constexpr std::int64_t kBuffers = 2;  // validity and values
  const std::string what = "Arrow column '" + column.name + "'";
  const ArrowArray* array = batch.children[column.child];
  require(array != nullptr, what, "given", "a null pointer");
  require_array(*array, what, kBuffers);
  require(array->length - batch.length >= batch.offset, "length of " + what, "not below that of its record batch",
          array->length);
  const std::int64_t first = array->offset + batch.offset;
  require(array->buffers[1] != nullptr, "the values of " + what, "given", "a null pointer");
  return {validity_of(*array, first, batch.length), array->buffers[1], first, batch.length};
}

template <class Stored>
constexpr ArrowStorage kStorageOf = ArrowStorage::kFloat64;
template <>
constexpr ArrowStorage kStorageOf<float> = ArrowStorage::kFloat32;

/// Returns the values where they lie, or nullptr if they must be converted.
template <class Stored>
const Stored* in_place(const ColumnPart& part, const ArrowType& type) {
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(part.values) % alignof(Stored) == 0;
  if (type.storage != kStorageOf<Stored> || part.validity != nullptr || !is_aligned) return nullptr;
  return static_cast<const Stored*>(part.values) + part.first;
}

/// Returns the values as float64, in place or in memory of the chunk.
const double* as_doubles(const ColumnPart& part, const ArrowType& type, ArrowChunk& chunk) {
  if (const auto* values = in_place<double>(part, type)) return values;
  std::vector<double>& out = chunk.converted.emplace_back(static_cast<std::size_t>(part.rows));
  read_arrow_values(type, part.values, part.first, part.rows, out.data());
  for (std::int64_t i = 0; part.validity != nullptr && i < part.rows; ++i) {
    if (!arrow_bit(part.validity, part.first + i)) {
      out[static_cast<std::size_t>(i)] = std::numeric_limits<double>::quiet_NaN();
    }
  }
  return out.data();
}

/// Adds all columns to chunk.floats, in place; returns false if one of them is not float32 in place.
bool all_floats(const std::vector<ColumnPart>& parts, const ArrowPlan& plan, ArrowChunk& chunk) {
  for (std::size_t j = 0; j < parts.size(); ++j) {
    const auto* values = in_place<float>(parts[j], plan.x[j].type);
    if (values == nullptr) return false;
    chunk.floats.push_back(values);
  }
  return true;
}

RowView rows_of(const ArrowArray& batch, const ArrowPlan& plan, ArrowChunk& chunk) {
  std::vector<ColumnPart> parts;
  for (const ArrowColumn& column : plan.x) parts.push_back(part_of(batch, column));
  if (all_floats(parts, plan, chunk)) return RowView::from_columns<float>(chunk.floats, batch.length);
  for (std::size_t j = 0; j < parts.size(); ++j) {
    chunk.doubles.push_back(as_doubles(parts[j], plan.x[j].type, chunk));
  }
  return RowView::from_columns<double>(chunk.doubles, batch.length);
}

std::span<const double> values_of(const ArrowArray& batch, const std::optional<ArrowColumn>& column,
                                  ArrowChunk& chunk) {
  if (!column) return {};
  return {as_doubles(part_of(batch, *column), column->type, chunk), static_cast<std::size_t>(batch.length)};
}

}  // namespace

Batch read_record_batch(ArrowOwner<ArrowArray> array, const ArrowPlan& plan) {
  const auto chunk = std::make_shared<ArrowChunk>(ArrowChunk{.array = std::move(array)});
  const ArrowArray& batch = *chunk->array.get();
  require_record_batch(batch, plan);
  if (batch.length == 0) return {.x = RowView::from_columns<double>(chunk->doubles, 0)};
  const RowView x = rows_of(batch, plan, *chunk);
  return {.x = x,
          .weights = values_of(batch, plan.weights, *chunk),
          .times = values_of(batch, plan.times, *chunk),
          .owner = chunk,
          .source_rows = batch.length};
}

}  // namespace varimix
