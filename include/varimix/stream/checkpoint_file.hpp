#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
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

/// The newest schema of checkpoints that this build reads; it is also the one that this build writes.
inline constexpr std::uint32_t kCheckpointSchema = 1;

/// The most bytes that a checkpoint may have, which is enough for a state of more than 4,000 columns. A larger file is
/// refused before it is read.
inline constexpr std::uint64_t kMaxCheckpointBytes = std::uint64_t{1} << 30;

/// Returns a checkpoint around `payload`: a header and the payload (docs/checkpoint_format.md).
/// Throws CheckpointError for a payload that makes it larger than kMaxCheckpointBytes.
[[nodiscard]] std::vector<std::byte> wrap_checkpoint(std::span<const std::byte> payload);

/// Returns the payload of a checkpoint, which is a part of `checkpoint`. The checksum covers every byte of header and
/// payload: a CRC-32 finds any one wrong byte, and any run of up to 32 wrong bits; of other damage it misses one in
/// 2^32.
/// Throws CheckpointError saying what is wrong: size, magic word, length, checksum, or a newer schema.
[[nodiscard]] std::span<const std::byte> unwrap_checkpoint(std::span<const std::byte> checkpoint);

/// Returns the path at which the checkpoint before the one at `path` is kept: `path`.prev.
[[nodiscard]] std::filesystem::path previous_checkpoint(const std::filesystem::path& path);

/// Writes the checkpoint around `payload` to a new file in the same folder, makes it durable (fsync), renames it to
/// `path`, and makes the rename durable (fsync of the folder). The file that was at `path` becomes
/// previous_checkpoint(path). At every instant one of the two is a whole checkpoint; where the file system has hard
/// links, `path` itself is. A symbolic link at `path` is replaced.
/// Throws CheckpointError naming path, operation and reason; the file that was at `path` is then still there, or at
/// previous_checkpoint(path).
/// A path should have one writer: of two that write at once, either may come last.
void write_checkpoint(const std::filesystem::path& path, std::span<const std::byte> payload);

/// Returns the payload of the checkpoint at `path`, whose size is checked before it is read.
/// Throws CheckpointError as unwrap_checkpoint does, naming path and reason, and the previous checkpoint if there is
/// one.
[[nodiscard]] std::vector<std::byte> read_checkpoint(const std::filesystem::path& path);

/// Returns "checkpoint '<path>': <reason>", and adds the previous checkpoint if there is one.
[[nodiscard]] std::string about_checkpoint(const std::filesystem::path& path, const std::string& reason);

}  // namespace varimix
