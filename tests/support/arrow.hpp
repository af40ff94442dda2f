#pragma once

#include <array>
#include <atomic>
#include <cerrno>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "varimix/stream/arrow_c_abi.hpp"

namespace varimix::tests {

/// An Arrow column made by hand, of which the interface may say what is false.
struct MadeColumn {
  std::string name = {};
  std::optional<std::string> format = {};
  std::vector<std::byte> values = {};
  std::vector<std::uint8_t> validity = {};  // empty: a null pointer
  std::int64_t length = 0;
  std::int64_t offset = 0;
  std::int64_t null_count = 0;
  std::int64_t n_buffers = 2;
  std::size_t misaligned_by = 0;  // bytes of `values` before the first value
  bool has_values = true;         // false: a null pointer
  bool has_buffers = true;
  bool is_there = true;  // false: a null pointer in place of the column
  bool is_dictionary = false;
};

/// A record batch of such columns.
struct MadeBatch {
  std::vector<MadeColumn> columns = {};
  std::int64_t length = 0;
  std::int64_t offset = 0;
  std::int64_t null_count = 0;
  std::int64_t n_buffers = 1;
  std::vector<std::uint8_t> validity = {};
  std::optional<std::int64_t> n_children = {};
  bool has_children = true;
};

/// A stream of such batches; its schema has the names and formats of `columns`.
struct MadeStream {
  std::vector<MadeColumn> columns;
  std::vector<MadeBatch> batches;
  std::optional<std::string> format = "+s";
  std::optional<std::int64_t> n_children = {};
  bool has_children = true;
  bool schema_fails = false;
  std::optional<std::size_t> fails_at = {};  // the index of the batch in whose place the stream fails
  std::optional<std::string> error = "the disk is on fire";
};

/// Returns the count of structures that were given out and not yet released.
inline std::atomic<int>& arrow_structures() {
  static std::atomic<int> count{0};
  return count;
}

template <class Holder, class C>
void release_made(C* made) {
  const std::unique_ptr<Holder> held(static_cast<Holder*>(made->private_data));
  made->release = nullptr;
  --arrow_structures();
}

inline const char* text_or_null(const std::optional<std::string>& text) { return text ? text->c_str() : nullptr; }

struct HeldSchema {
  std::optional<std::string> format;
  std::vector<MadeColumn> columns;
  std::vector<ArrowSchema> schemas = {};
  std::vector<ArrowSchema*> pointers = {};
  ArrowSchema dictionary = {};
};

inline void export_schema(const MadeStream& stream, ArrowSchema* out) {
  auto held = std::make_unique<HeldSchema>(HeldSchema{.format = stream.format, .columns = stream.columns});
  held->schemas.resize(held->columns.size());
  for (std::size_t j = 0; j < held->columns.size(); ++j) {
    const MadeColumn& column = held->columns[j];
    held->schemas[j].format = text_or_null(column.format);
    held->schemas[j].name = column.name.c_str();
    if (column.is_dictionary) held->schemas[j].dictionary = &held->dictionary;
    held->pointers.push_back(column.is_there ? &held->schemas[j] : nullptr);
  }
  *out = {};
  out->format = text_or_null(held->format);
  out->n_children = stream.n_children.value_or(static_cast<std::int64_t>(held->columns.size()));
  out->children = stream.has_children ? held->pointers.data() : nullptr;
  out->release = release_made<HeldSchema, ArrowSchema>;
  out->private_data = held.release();
  ++arrow_structures();
}

struct HeldArray {
  MadeBatch batch;
  std::vector<ArrowArray> arrays = {};
  std::vector<ArrowArray*> pointers = {};
  std::vector<std::array<const void*, 2>> buffers = {};
  std::array<const void*, 1> own_buffers = {nullptr};
};

/// Returns the array given out last; the pointer dangles once that array is released.
inline HeldArray*& last_made_array() {
  static HeldArray* last = nullptr;
  return last;
}

inline void export_array(const MadeBatch& batch, ArrowArray* out) {
  auto held = std::make_unique<HeldArray>(HeldArray{.batch = batch});
  const std::size_t count = held->batch.columns.size();
  held->arrays.resize(count);
  held->buffers.resize(count);
  for (std::size_t j = 0; j < count; ++j) {
    const MadeColumn& column = held->batch.columns[j];
    held->buffers[j] = {column.validity.empty() ? nullptr : column.validity.data(),
                        column.has_values ? column.values.data() + column.misaligned_by : nullptr};
    ArrowArray& array = held->arrays[j];
    array.length = column.length;
    array.null_count = column.null_count;
    array.offset = column.offset;
    array.n_buffers = column.n_buffers;
    array.buffers = column.has_buffers ? held->buffers[j].data() : nullptr;
    held->pointers.push_back(column.is_there ? &held->arrays[j] : nullptr);
  }
  if (!held->batch.validity.empty()) held->own_buffers[0] = held->batch.validity.data();
  *out = {};
  out->length = batch.length;
  out->null_count = batch.null_count;
  out->offset = batch.offset;
  out->n_buffers = batch.n_buffers;
  out->n_children = batch.n_children.value_or(static_cast<std::int64_t>(count));
  out->buffers = held->own_buffers.data();
  out->children = batch.has_children ? held->pointers.data() : nullptr;
  out->release = release_made<HeldArray, ArrowArray>;
  last_made_array() = held.get();
  out->private_data = held.release();
  ++arrow_structures();
}

struct HeldStream {
  MadeStream stream;
  std::size_t next = 0;
};

/// Returns the stream in the form of the interface; the caller must release it.
inline ArrowArrayStream export_stream(MadeStream stream) {
  ArrowArrayStream out = {};
  out.get_schema = [](ArrowArrayStream* self, ArrowSchema* schema) {
    const auto& held = *static_cast<HeldStream*>(self->private_data);
    if (held.stream.schema_fails) return EIO;
    export_schema(held.stream, schema);
    return 0;
  };
  out.get_next = [](ArrowArrayStream* self, ArrowArray* array) {
    auto& held = *static_cast<HeldStream*>(self->private_data);
    if (held.next == held.stream.fails_at) return EIO;
    *array = {};  // released: the end
    if (held.next < held.stream.batches.size()) export_array(held.stream.batches[held.next++], array);
    return 0;
  };
  out.get_last_error = [](ArrowArrayStream* self) {
    return text_or_null(static_cast<HeldStream*>(self->private_data)->stream.error);
  };
  out.release = release_made<HeldStream, ArrowArrayStream>;
  out.private_data = new HeldStream{.stream = std::move(stream)};
  ++arrow_structures();
  return out;
}

/// Returns the format string of a type of numbers.
template <class T>
constexpr const char* arrow_format() {
  if constexpr (std::same_as<T, double>) return "g";
  if constexpr (std::same_as<T, float>) return "f";
  if constexpr (std::same_as<T, std::int8_t>) return "c";
  if constexpr (std::same_as<T, std::uint8_t>) return "C";
  if constexpr (std::same_as<T, std::int16_t>) return "s";
  if constexpr (std::same_as<T, std::uint16_t>) return "S";
  if constexpr (std::same_as<T, std::int32_t>) return "i";
  if constexpr (std::same_as<T, std::uint32_t>) return "I";
  if constexpr (std::same_as<T, std::int64_t>) return "l";
  if constexpr (std::same_as<T, std::uint64_t>) return "L";
  return nullptr;
}

template <class T>
MadeColumn made_column(const std::string& name, const std::vector<T>& values,
                       const std::string& format = arrow_format<T>()) {
  MadeColumn column{.name = name, .format = format, .length = static_cast<std::int64_t>(values.size())};
  column.values.resize(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(column.values.data(), values.data(), column.values.size());
  return column;
}

/// Packs bits into bytes, least significant first.
inline std::vector<std::uint8_t> made_bits(const std::vector<bool>& bits) {
  constexpr std::size_t kByte = 8;
  std::vector<std::uint8_t> bytes((bits.size() + kByte - 1) / kByte);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i]) bytes[i / kByte] = static_cast<std::uint8_t>(bytes[i / kByte] | (1U << (i % kByte)));
  }
  return bytes;
}

/// Returns the column with nulls where `valid` is false; a `null_count` of -1 leaves the count to the reader.
inline MadeColumn with_nulls(MadeColumn column, const std::vector<bool>& valid, std::int64_t null_count = -1) {
  column.validity = made_bits(valid);
  column.null_count = null_count;
  return column;
}

/// Returns the column's rows from `offset` on.
inline MadeColumn from_row(MadeColumn column, std::int64_t offset) {
  column.offset += offset;
  column.length -= offset;
  return column;
}

/// Returns a batch of as many rows as its first column has.
inline MadeBatch made_batch(std::vector<MadeColumn> columns) {
  const std::int64_t length = columns.empty() ? 0 : columns.front().length;
  return {.columns = std::move(columns), .length = length};
}

/// Returns a stream of these batches with the schema of the first.
inline MadeStream made_stream(std::vector<MadeBatch> batches) {
  std::vector<MadeColumn> columns = batches.front().columns;
  return {.columns = std::move(columns), .batches = std::move(batches)};
}

}  // namespace varimix::tests
