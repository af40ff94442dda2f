#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace varimix {

/// A checkpoint that cannot be written, or read, or that is not what it should be; what() says which and why.
class CheckpointError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The newest schema of checkpoints that this build reads, and the one that it writes.
inline constexpr std::uint32_t kCheckpointSchema = 1;

/// The most bytes that a checkpoint may have: a state of more than 4,000 columns. A larger file is refused before it is read.
inline constexpr std::uint64_t kMaxCheckpointBytes = std::uint64_t{1} << 30;

/// A checkpoint around `payload`: magic word, schema, length, checksum, payload (docs/checkpoint_format.md).
/// Throws CheckpointError for a payload that makes it larger than kMaxCheckpointBytes.
[[nodiscard]] std::vector<std::byte> wrap_checkpoint(std::span<const std::byte> payload);

/// The payload of a checkpoint, a part of `checkpoint`. Every byte of header and payload is covered by the checksum: a
/// CRC-32 finds any one wrong byte, and any run of up to 32 wrong bits; of other damage it misses one in 2^32.
/// Throws CheckpointError saying what is wrong: size, magic word, length, checksum, or a newer schema.
[[nodiscard]] std::span<const std::byte> unwrap_checkpoint(std::span<const std::byte> checkpoint);

/// Where the checkpoint before the one at `path` is kept: `path`.prev.
[[nodiscard]] std::filesystem::path previous_checkpoint(const std::filesystem::path& path);

/// Writes the checkpoint around `payload`: to a new file in the same folder, fsync, then by rename to `path`, and
/// fsync of the folder. What was at `path` becomes previous_checkpoint(path). At every instant one of the two, and where
/// the file system has hard links `path` itself, is a whole checkpoint. A symbolic link at `path` is replaced.
/// Throws CheckpointError naming path, operation and reason; what was at `path` is then still there.
/// One writer a path: of two that write at once either may come last.
void write_checkpoint(const std::filesystem::path& path, std::span<const std::byte> payload);

/// The payload of the checkpoint at `path`, whose size was bounded before it was read, and which unwrap_checkpoint accepts.
/// Throws CheckpointError naming path and reason, and the previous checkpoint if there is one.
[[nodiscard]] std::vector<std::byte> read_checkpoint(const std::filesystem::path& path);

/// "checkpoint '<path>': <reason>", with the previous checkpoint if there is one.
[[nodiscard]] std::string about_checkpoint(const std::filesystem::path& path, const std::string& reason);

}  // namespace varimix
