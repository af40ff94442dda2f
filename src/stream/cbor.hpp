#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace varimix {

using Json = nlohmann::json;

/// The depth to which arrays and maps may be nested in a checkpoint. A state needs ten, and one more for each rule in a
/// rule.
inline constexpr std::size_t kMaxCborDepth = 32;

/// Returns the value as CBOR (RFC 8949), with keys in the order of their names: equal values give equal bytes. All bits
/// of a double are kept, except for the payload of a NaN. Throws CheckpointError for a value nested deeper than
/// kMaxCborDepth.
[[nodiscard]] std::vector<std::uint8_t> encode_cbor(const Json& value);

/// Returns the one value that `bytes` hold, in the part of CBOR that encode_cbor writes: there are no tags and no
/// indefinite lengths, keys are text, and each stands once. Memory is bounded by a multiple of the number of bytes, the
/// stack by kMaxCborDepth.
/// Throws CheckpointError for anything else.
[[nodiscard]] Json decode_cbor(std::span<const std::byte> bytes);

/// Returns text of a file for a message: quoted, escaped, and cut to a line.
[[nodiscard]] std::string in_quotes(const std::string& text);

}  // namespace varimix
