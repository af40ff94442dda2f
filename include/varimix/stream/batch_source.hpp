#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "varimix/stream/batch.hpp"

namespace varimix {

/// A source of rows: `next` gives them chunk by chunk, gives nothing at the end, and may throw; `d` is the number of
/// columns of all chunks. The memory of a chunk lives as long as its owner does, also past the next call.
template <class T>
concept BatchSource = std::movable<T> && requires(T& source, const T& constant) {
  { source.next() } -> std::same_as<std::optional<Batch>>;
  { constant.d() } -> std::convertible_to<Index>;
};

/// A source that can go past rows without reading them: `skip(n)` leaves out the next n rows, and throws
/// std::invalid_argument if there are fewer.
template <class T>
concept SkippingSource = BatchSource<T> && requires(T& source, std::int64_t rows) {
  source.skip(rows);
};

/// Holds any source by value. The source may be chosen at run time, or be a part of a chain, as in
/// `ReadAhead(Recut(ShuffleBuffer(ArrowSource(stream), ...), 512), 2)`. This type is movable, not copyable. Cost: one
/// virtual call a chunk.
class AnyBatchSource {
 public:
  template <class T>
  requires(!std::same_as<T, AnyBatchSource> && BatchSource<T>) AnyBatchSource(T source)
      : source_(std::make_unique<Holder<T>>(std::move(source))) {}  // NOLINT(google-explicit-constructor)

  /// Returns the next chunk, or nothing at the end. Throws what the source throws, and std::invalid_argument for a
  /// chunk that does not have d columns, or whose weights or times are not one a row.
  [[nodiscard]] std::optional<Batch> next();
  [[nodiscard]] Index d() const { return source_->d(); }
  /// Leaves out the next `rows` rows, by the source's own `skip` if it has one, else by reading them.
  /// Throws std::invalid_argument for rows < 0 or more than there are.
  void skip(std::int64_t rows);

 private:
  struct Interface {
    Interface() = default;
    Interface(const Interface&) = delete;
    Interface& operator=(const Interface&) = delete;
    virtual ~Interface() = default;
    virtual std::optional<Batch> next() = 0;
    [[nodiscard]] virtual Index d() const = 0;
    /// Returns false if the source has no `skip`.
    virtual bool skip(std::int64_t rows) = 0;
  };
  template <class T>
  struct Holder final : Interface {
    explicit Holder(T held) : source(std::move(held)) {}
    std::optional<Batch> next() override { return source.next(); }
    [[nodiscard]] Index d() const override { return source.d(); }
    bool skip(std::int64_t rows) override {
      if constexpr (SkippingSource<T>) source.skip(rows);
      return SkippingSource<T>;
    }
    T source;
  };

  std::unique_ptr<Interface> source_;
  std::optional<Batch> rest_;  // the rest of the chunk in which `skip` ended
};

}  // namespace varimix
