#include "arrow_types.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

namespace varimix {
namespace {

struct NamedType {
  std::string_view format;
  ArrowType type;
};

constexpr double kMilli = 1e3;
constexpr double kMicro = 1e6;
constexpr double kNano = 1e9;
constexpr double kSecondsOfDay = 86400.0;

// These are format strings as the Arrow C data interface defines them.
constexpr std::array<NamedType, 12> kNumbers = {{{"b", {ArrowStorage::kBool}},
                                                 {"c", {ArrowStorage::kInt8}},
                                                 {"C", {ArrowStorage::kUint8}},
                                                 {"s", {ArrowStorage::kInt16}},
                                                 {"S", {ArrowStorage::kUint16}},
                                                 {"i", {ArrowStorage::kInt32}},
                                                 {"I", {ArrowStorage::kUint32}},
                                                 {"l", {ArrowStorage::kInt64}},
                                                 {"L", {ArrowStorage::kUint64}},
                                                 {"e", {ArrowStorage::kFloat16}},
                                                 {"f", {ArrowStorage::kFloat32}},
                                                 {"g", {ArrowStorage::kFloat64}}}};
constexpr std::array<NamedType, 6> kTimes = {{{"tdD", {ArrowStorage::kInt32, kSecondsOfDay}},
                                              {"tdm", {ArrowStorage::kInt64, 1.0, kMilli}},
                                              {"tDs", {ArrowStorage::kInt64}},
                                              {"tDm", {ArrowStorage::kInt64, 1.0, kMilli}},
                                              {"tDu", {ArrowStorage::kInt64, 1.0, kMicro}},
                                              {"tDn", {ArrowStorage::kInt64, 1.0, kNano}}}};
// In the format of a timestamp the time zone's name follows, which does not change the instant.
constexpr std::array<NamedType, 4> kTimestamps = {{{"tss:", {ArrowStorage::kInt64}},
                                                   {"tsm:", {ArrowStorage::kInt64, 1.0, kMilli}},
                                                   {"tsu:", {ArrowStorage::kInt64, 1.0, kMicro}},
                                                   {"tsn:", {ArrowStorage::kInt64, 1.0, kNano}}}};

template <std::size_t N>
std::optional<ArrowType> find(const std::array<NamedType, N>& types, std::string_view format) {
  const auto* found = std::find_if(types.begin(), types.end(), [&](const NamedType& t) { return t.format == format; });
  return found == types.end() ? std::nullopt : std::optional(found->type);
}

/// An IEEE 754 binary16 number, given by its bits.
struct Half {
  std::uint16_t bits;
  explicit operator double() const {
    constexpr int kMantissaBits = 10;
    constexpr int kExponentMask = 0x1f;
    constexpr int kMantissaMask = 0x3ff;
    constexpr int kSignShift = 15;
    constexpr int kBias = 25;  // the format's 15, and 10 because the mantissa is taken as an integer of 10 bits
    const int exponent = (bits >> kMantissaBits) & kExponentMask;
    const int mantissa = bits & kMantissaMask;
    double size = 0.0;
    if (exponent == kExponentMask) {
      size = mantissa == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    } else if (exponent == 0) {
      size = std::ldexp(mantissa, 1 - kBias);  // zero and subnormal numbers
    } else {
      size = std::ldexp(mantissa + (1 << kMantissaBits), exponent - kBias);
    }
    return (bits >> kSignShift) != 0 ? -size : size;
  }
};

/// A decimal's integer, given by its bits in two's complement, the least significant word first.
template <std::size_t kWords>
struct WideInteger {
  std::array<std::uint64_t, kWords> words;
  explicit operator double() const {
    constexpr int kWordBits = 64;
    const bool is_negative = (words.back() >> (kWordBits - 1)) != 0;
    std::array<std::uint64_t, kWords> size = words;
    std::uint64_t carry = 1;
    for (std::uint64_t& word : size) {
      if (!is_negative) break;
      word = ~word + carry;
      carry = word == 0 ? carry : 0;
    }
    double value = 0.0;
    for (std::size_t k = kWords; k-- > 0;) value = std::ldexp(value, kWordBits) + static_cast<double>(size[k]);
    return is_negative ? -value : value;
  }
};

/// Returns the type for "d:precision,scale" or "d:precision,scale,bits", which is an integer divided by 10^scale.
std::optional<ArrowType> decimal_type(std::string_view format) {
  if (!format.starts_with("d:")) return std::nullopt;
  constexpr std::array<std::pair<int, ArrowStorage>, 4> kWidths = {{{32, ArrowStorage::kDecimal32},
                                                                    {64, ArrowStorage::kDecimal64},
                                                                    {128, ArrowStorage::kDecimal128},
                                                                    {256, ArrowStorage::kDecimal256}}};
  constexpr int kBitsByDefault = 128;
  std::array<int, 3> numbers = {0, 0, kBitsByDefault};  // precision, scale, bits
  const char* at = format.data() + 2;
  const char* const end = format.data() + format.size();
  std::size_t count = 0;
  for (; count < numbers.size(); ++count) {
    const auto [next, error] = std::from_chars(at, end, numbers[count]);
    if (error != std::errc{} || (next != end && *next != ',')) return std::nullopt;
    if (next == end) break;
    at = next + 1;
  }
  if (count == 0 || count == numbers.size()) return std::nullopt;
  const auto width = std::find_if(kWidths.begin(), kWidths.end(), [&](const auto& w) { return w.first == numbers[2]; });
  constexpr int kLargestScale = 308;  // the largest power of ten that a double holds is 1e308
  if (width == kWidths.end() || std::abs(numbers[1]) > kLargestScale) return std::nullopt;
  constexpr double kTen = 10.0;
  const double power = std::pow(kTen, std::abs(numbers[1]));
  return numbers[1] < 0 ? ArrowType{width->second, power, 1.0} : ArrowType{width->second, 1.0, power};
}

template <class Stored>
void read_as(const void* values, std::int64_t first, std::int64_t count, double* out) {
  const auto* bytes = static_cast<const std::byte*>(values) + first * static_cast<std::int64_t>(sizeof(Stored));
  for (std::int64_t i = 0; i < count; ++i) {
    Stored stored;
    std::memcpy(&stored, bytes + i * static_cast<std::int64_t>(sizeof(Stored)), sizeof(Stored));
    out[i] = static_cast<double>(stored);
  }
}

void read_stored(ArrowStorage storage, const void* values, std::int64_t first, std::int64_t count, double* out) {
  switch (storage) {
    case ArrowStorage::kBool:
      for (std::int64_t i = 0; i < count; ++i) out[i] = arrow_bit(values, first + i) ? 1.0 : 0.0;
      return;
    case ArrowStorage::kInt8:
      return read_as<std::int8_t>(values, first, count, out);
    case ArrowStorage::kUint8:
      return read_as<std::uint8_t>(values, first, count, out);
    case ArrowStorage::kInt16:
      return read_as<std::int16_t>(values, first, count, out);
    case ArrowStorage::kUint16:
      return read_as<std::uint16_t>(values, first, count, out);
    case ArrowStorage::kInt32:
      return read_as<std::int32_t>(values, first, count, out);
    case ArrowStorage::kUint32:
      return read_as<std::uint32_t>(values, first, count, out);
    case ArrowStorage::kInt64:
      return read_as<std::int64_t>(values, first, count, out);
    case ArrowStorage::kUint64:
      return read_as<std::uint64_t>(values, first, count, out);
    case ArrowStorage::kFloat16:
      return read_as<Half>(values, first, count, out);
    case ArrowStorage::kFloat32:
      return read_as<float>(values, first, count, out);
    case ArrowStorage::kFloat64:
      return read_as<double>(values, first, count, out);
    case ArrowStorage::kDecimal32:
      return read_as<std::int32_t>(values, first, count, out);
    case ArrowStorage::kDecimal64:
      return read_as<std::int64_t>(values, first, count, out);
    case ArrowStorage::kDecimal128:
      return read_as<WideInteger<2>>(values, first, count, out);
    case ArrowStorage::kDecimal256:
      return read_as<WideInteger<4>>(values, first, count, out);
  }
}

}  // namespace

std::optional<ArrowType> number_type(std::string_view format) {
  const auto type = find(kNumbers, format);
  return type ? type : decimal_type(format);
}

std::optional<ArrowType> time_type(std::string_view format) {
  if (const auto type = number_type(format)) return type;
  if (const auto type = find(kTimes, format)) return type;
  return find(kTimestamps, format.substr(0, kTimestamps.front().format.size()));
}

void read_arrow_values(const ArrowType& type, const void* values, std::int64_t first, std::int64_t count, double* out) {
  read_stored(type.storage, values, first, count, out);
  if (type.is_plain()) return;
  for (std::int64_t i = 0; i < count; ++i) out[i] = out[i] * type.scale / type.divisor;
}

}  // namespace varimix
