#include "varimix/stream/checkpoint_envelope.hpp"

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <cstring>
#include <string>

namespace varimix {
namespace {

// Like PNG's, this magic word is not text in any encoding, and is damaged by whatever changes line ends.
constexpr std::array<unsigned char, 8> kMagic = {0x89, 'V', 'M', 'X', '\r', '\n', 0x1A, '\n'};

// The header is the magic word, schema (4 bytes), flags (4, zero), payload length (8) and checksum (4).
constexpr std::size_t kSchemaAt = 8;
constexpr std::size_t kFlagsAt = 12;
constexpr std::size_t kLengthAt = 16;
constexpr std::size_t kChecksumAt = 24;
constexpr std::size_t kHeaderBytes = 28;

/// Appends the bytes of a number, the least significant first.
template <class Number>
void put(std::vector<std::byte>& bytes, Number value) {
  constexpr unsigned kByteBits = 8;
  for (std::size_t k = 0; k < sizeof value; ++k) bytes.push_back(static_cast<std::byte>(value >> (kByteBits * k)));
}

template <class Number>
Number number_at(std::span<const std::byte> bytes, std::size_t first) {
  constexpr unsigned kByteBits = 8;
  Number value = 0;
  for (std::size_t k = 0; k < sizeof value; ++k) value |= std::to_integer<Number>(bytes[first + k]) << (kByteBits * k);
  return value;
}

/// Returns the CRC-32, as zlib, PNG and Python's zlib.crc32 compute it, of the header before the checksum followed by
/// the payload.
std::uint32_t checksum(std::span<const std::byte> header, std::span<const std::byte> payload) {
  boost::crc_32_type crc;
  crc.process_bytes(header.data(), kChecksumAt);
  crc.process_bytes(payload.data(), payload.size());
  return crc.checksum();
}

void require_size(std::uint64_t bytes) {
  if (bytes <= kMaxCheckpointBytes) return;
  throw CheckpointError("it has " + std::to_string(bytes) + " bytes; a checkpoint has at most " +
                        std::to_string(kMaxCheckpointBytes));
}

}  // namespace

std::vector<std::byte> wrap_checkpoint(std::span<const std::byte> payload, std::uint32_t schema) {
  require_size(payload.size() + kHeaderBytes);
  std::vector<std::byte> out;
  out.reserve(kHeaderBytes + payload.size());
  for (const unsigned char byte : kMagic) out.push_back(static_cast<std::byte>(byte));
  put(out, schema);
  put(out, std::uint32_t{0});
  put(out, static_cast<std::uint64_t>(payload.size()));
  put(out, checksum(out, payload));
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

std::span<const std::byte> unwrap_checkpoint(std::span<const std::byte> checkpoint) {
  require_size(checkpoint.size());
  const std::size_t seen = std::min(checkpoint.size(), kMagic.size());
  if (checkpoint.empty()) throw CheckpointError("it is empty");
  if (std::memcmp(checkpoint.data(), kMagic.data(), seen) != 0) {
    throw CheckpointError("it is not a checkpoint of varimix, or its first bytes are damaged");
  }
  if (checkpoint.size() < kHeaderBytes) {
    throw CheckpointError("it is cut short: " + std::to_string(checkpoint.size()) + " bytes, less than the header's " +
                          std::to_string(kHeaderBytes));
  }
  const auto payload = checkpoint.subspan(kHeaderBytes);
  const auto length = number_at<std::uint64_t>(checkpoint, kLengthAt);
  if (length != payload.size()) {
    throw CheckpointError("it is damaged: its header says " + std::to_string(length) + " bytes of payload, there are " +
                          std::to_string(payload.size()));
  }
  if (number_at<std::uint32_t>(checkpoint, kChecksumAt) != checksum(checkpoint, payload)) {
    throw CheckpointError("it is damaged: its checksum is not that of its bytes");
  }
  const auto schema = number_at<std::uint32_t>(checkpoint, kSchemaAt);
  if (schema == 0 || schema > kCheckpointSchema || number_at<std::uint32_t>(checkpoint, kFlagsAt) != 0) {
    throw CheckpointError("a newer varimix wrote it: its schema is " + std::to_string(schema) +
                          ", this build reads up to " + std::to_string(kCheckpointSchema));
  }
  return payload;
}

}  // namespace varimix
