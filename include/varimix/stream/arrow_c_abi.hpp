#pragma once

#include <cstdint>
#include <utility>

// These are the structures by which Arrow libraries of any language hand over data, as their specification defines
// them: https://arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html. The guards belong to the
// specification, because another library's header may have defined the structures before.

extern "C" {

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

#endif  // ARROW_C_DATA_INTERFACE

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};

#endif  // ARROW_C_STREAM_INTERFACE
}

namespace varimix {

/// Owns one of these structures, and calls its `release`, if it has one, once.
/// @tparam C  ArrowSchema, ArrowArray or ArrowArrayStream.
template <class C>
class ArrowOwner {
 public:
  ArrowOwner() = default;
  /// Moves the structure out of `from`, which then counts as released.
  explicit ArrowOwner(C* from) noexcept : held_(*from) { from->release = nullptr; }
  ArrowOwner(ArrowOwner&& other) noexcept : ArrowOwner(&other.held_) {}
  ArrowOwner& operator=(ArrowOwner&& other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~ArrowOwner() {
    if (held_.release != nullptr) held_.release(&held_);
  }

  [[nodiscard]] bool is_released() const noexcept { return held_.release == nullptr; }
  [[nodiscard]] C* get() noexcept { return &held_; }
  [[nodiscard]] const C* get() const noexcept { return &held_; }
  C* operator->() noexcept { return &held_; }
  const C* operator->() const noexcept { return &held_; }

 private:
  C held_{};
};

}  // namespace varimix
