#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace varimix {

/// The ways in which an Arrow column may store its values.
enum class ArrowStorage {
  kBool,
  kInt8,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kInt64,
  kUint64,
  kFloat16,
  kFloat32,
  kFloat64,
  kDecimal32,
  kDecimal64,
  kDecimal128,
  kDecimal256
};

/// The type of an Arrow column: a value is stored * scale / divisor.
struct ArrowType {
  ArrowStorage storage;
  double scale = 1.0;
  double divisor = 1.0;
  [[nodiscard]] bool is_plain() const noexcept { return scale == divisor; }
};

/// Returns the type of a column of numbers or booleans by its format string, or nothing for any other format.
[[nodiscard]] std::optional<ArrowType> number_type(std::string_view format);

/// Returns the same, or the type, in seconds, of a column of timestamps, durations or dates.
[[nodiscard]] std::optional<ArrowType> time_type(std::string_view format);

/// Reads `count` values, from number `first` on, as float64 into `out`. The address need not be aligned.
void read_arrow_values(const ArrowType& type, const void* values, std::int64_t first, std::int64_t count, double* out);

/// Returns bit number i of a bitmap.
[[nodiscard]] inline bool arrow_bit(const void* bitmap, std::int64_t i) {
  constexpr int kBitsOfIndex = 3;  // eight bits a byte
  const auto byte = static_cast<const std::uint8_t*>(bitmap)[i >> kBitsOfIndex];
  return ((byte >> (i & ((1 << kBitsOfIndex) - 1))) & 1) != 0;
}

}  // namespace varimix
