#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace varimix {

using Json = nlohmann::json;

/// How deep arrays and maps may be nested in a checkpoint. A state needs ten, and one more for each rule in a rule.
inline constexpr std::size_t kMaxCborDepth = 32;

/// The value as CBOR (RFC 8949), keys in order of their names: equal values are equal bytes. Every double but a NaN's
/// payload is kept bit by bit. Throws CheckpointError for a value nested deeper than kMaxCborDepth.
[[nodiscard]] std::vector<std::uint8_t> encode_cbor(const Json& value);

/// The one value that `bytes` hold, in the part of CBOR that encode_cbor writes: no tags, no indefinite lengths, keys that
/// are text, each once. Memory is bounded by a multiple of the number of bytes, the stack by kMaxCborDepth.
/// Throws CheckpointError for anything else.
[[nodiscard]] Json decode_cbor(std::span<const std::byte> bytes);

/// Text of a file for a message: quoted, escaped, cut to a line.
[[nodiscard]] std::string in_quotes(const std::string& text);

}  // namespace varimix
