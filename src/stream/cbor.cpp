#include "cbor.hpp"

#include <cstdint>
#include <limits>

#include "varimix/stream/checkpoint_envelope.hpp"

namespace varimix {
namespace {

// By RFC 8949, section 3, an item begins with a byte of major type (3 bits) and additional information (5 bits). Below
// 24 the latter is the item's number itself; 24 to 27 say that the number stands in the next 1, 2, 4 or 8 bytes.
enum class CborMajor : unsigned { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };
constexpr unsigned kInfoBits = 5;
constexpr unsigned kInfoMask = (1U << kInfoBits) - 1U;
constexpr unsigned kOneByteFollows = 24;
constexpr unsigned kEightBytesFollow = 27;
constexpr unsigned kBitsOfByte = 8;
constexpr auto kLargestInteger = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

[[noreturn]] void not_cbor(const std::string& what, std::size_t position) {
  throw CheckpointError("its contents are not what varimix writes: " + what + " at byte " + std::to_string(position));
}

/// Walks over the items without recursion, before the parser walks over them with it: deeply nested arrays, or nested
/// text chunks of indefinite length, which a caller of the parser cannot see, would overflow its stack.
class CborScan {
 public:
  explicit CborScan(std::span<const std::byte> bytes) : bytes_(bytes) {}

  /// Returns the number of entries in all maps.
  std::uint64_t run() {
    std::vector<std::uint64_t> left = {1};  // items still to come, at every depth
    while (!left.empty()) {
      if (left.back() == 0) {
        left.pop_back();
        continue;
      }
      --left.back();
      if (const std::uint64_t inside = item(); inside > 0) {
        if (left.size() > kMaxCborDepth) not_cbor("nesting deeper than " + std::to_string(kMaxCborDepth), position_);
        left.push_back(inside);
      }
    }
    if (position_ != bytes_.size()) not_cbor("more than one value", position_);
    return entries_;
  }

 private:
  /// Goes over one item's head and text; returns the number of items inside.
  std::uint64_t item() {
    const unsigned head = byte();
    const auto major = static_cast<CborMajor>(head >> kInfoBits);
    const unsigned info = head & kInfoMask;
    if (info > kEightBytesFollow || major == CborMajor::kTag) not_cbor("a tag or an indefinite length", position_ - 1);
    const std::uint64_t number = info < kOneByteFollows ? info : following(1U << (info - kOneByteFollows));
    switch (major) {
      case CborMajor::kNegative:
        if (number > kLargestInteger) not_cbor("an integer below -2^63", position_);
        return 0;
      case CborMajor::kBytes:
        not_cbor("a byte string", position_);
      case CborMajor::kText:
        require_left(number);
        position_ += number;
        return 0;
      case CborMajor::kArray:
        require_left(number);
        return number;
      case CborMajor::kMap:
        require_left(number);
        entries_ += number;
        return 2 * number;
      default:
        return 0;
    }
  }

  unsigned byte() {
    require_left(1);
    return std::to_integer<unsigned>(bytes_[position_++]);
  }

  /// Reads the number in the next `count` bytes, the most significant byte first.
  std::uint64_t following(unsigned count) {
    std::uint64_t number = 0;
    for (unsigned k = 0; k < count; ++k) number = number << kBitsOfByte | byte();
    return number;
  }

  /// Throws unless `count` bytes are left. Serves for items too, because every item has one byte or more.
  void require_left(std::uint64_t count) const {
    if (count > bytes_.size() - position_) not_cbor("a length beyond the end", position_);
  }

  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  std::uint64_t entries_ = 0;
};

std::uint64_t entries_of(const Json& value) {
  std::uint64_t entries = value.is_object() ? value.size() : 0;
  if (!value.is_structured()) return 0;
  for (const Json& inside : value) entries += entries_of(inside);
  return entries;
}

}  // namespace

std::vector<std::uint8_t> encode_cbor(const Json& value) {
  std::vector<std::uint8_t> bytes = Json::to_cbor(value);
  (void)CborScan(std::as_bytes(std::span(bytes))).run();  // throws for a value that could not be read again
  return bytes;
}

Json decode_cbor(std::span<const std::byte> bytes) {
  const std::uint64_t entries = CborScan(bytes).run();
  Json value;
  try {
    const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
    value = Json::from_cbor(first, first + bytes.size());
  } catch (const Json::exception& error) {
    throw CheckpointError(std::string("its contents are not what varimix writes: ") + error.what());
  }
  if (entries_of(value) != entries) not_cbor("a key that stands twice in a map", bytes.size());
  return value;
}

std::string in_quotes(const std::string& text) {
  constexpr std::size_t kLongest = 60;
  const std::string shown = text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
  return Json(shown).dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace varimix
