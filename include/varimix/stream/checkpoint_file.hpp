#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "varimix/stream/checkpoint_envelope.hpp"

namespace varimix {

/// Returns the path at which the checkpoint before the one at `path` is kept: `path`.prev.
[[nodiscard]] std::filesystem::path previous_checkpoint(const std::filesystem::path& path);

/// Writes the checkpoint around `payload` to a new file in the same folder, makes it durable (fsync), renames it to
/// `path`, and makes the rename durable (fsync of the folder). The file that was at `path` becomes
/// previous_checkpoint(path). At every instant one of the two is a whole checkpoint; where the file system has hard
/// links, `path` itself is. A symbolic link at `path` is replaced.
/// Throws CheckpointError naming path, operation and reason; the file that was at `path` is then still there, or at
/// previous_checkpoint(path).
/// A path should have one writer: of two that write at once, either may come last.
void write_checkpoint(const std::filesystem::path& path, std::span<const std::byte> payload,
                      std::uint32_t schema = kPlainSchema);

/// Returns the payload of the checkpoint at `path`, whose size is checked before it is read.
/// Throws CheckpointError as unwrap_checkpoint does, naming path and reason, and the previous checkpoint if there is
/// one.
[[nodiscard]] std::vector<std::byte> read_checkpoint(const std::filesystem::path& path);

/// Returns "checkpoint '<path>': <reason>", and adds the previous checkpoint if there is one.
[[nodiscard]] std::string about_checkpoint(const std::filesystem::path& path, const std::string& reason);

}  // namespace varimix
