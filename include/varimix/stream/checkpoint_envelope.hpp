#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace varimix {

/// Thrown for a checkpoint that cannot be written or read, or is not what it should be; what() says which and why.
class CheckpointError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The newest schema of checkpoints that this build reads.
inline constexpr std::uint32_t kCheckpointSchema = 3;

/// The schema of what holds nothing that came with a later one: releases that read it read such a checkpoint.
inline constexpr std::uint32_t kPlainSchema = 2;

/// The most bytes that a checkpoint may have, which is enough for a state of more than 4,000 columns. A larger file is
/// refused before it is read.
inline constexpr std::uint64_t kMaxCheckpointBytes = std::uint64_t{1} << 30;

/// Returns a checkpoint around `payload`: a header, with the schema of the payload, and the payload
/// (docs/checkpoint_format.md).
/// Throws CheckpointError for a payload that makes it larger than kMaxCheckpointBytes.
[[nodiscard]] std::vector<std::byte> wrap_checkpoint(std::span<const std::byte> payload,
                                                     std::uint32_t schema = kPlainSchema);

/// Returns the payload of a checkpoint, which is a part of `checkpoint`. The checksum covers every byte of header and
/// payload: a CRC-32 finds any one wrong byte, and any run of up to 32 wrong bits; of other damage it misses one in
/// 2^32.
/// Throws CheckpointError saying what is wrong: size, magic word, length, checksum, or a newer schema.
[[nodiscard]] std::span<const std::byte> unwrap_checkpoint(std::span<const std::byte> checkpoint);

}  // namespace varimix
