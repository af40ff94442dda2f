#include "varimix/stream/checkpoint_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

namespace varimix {
namespace {

namespace fs = std::filesystem;

/// Returns the name of a system call that failed and, in words, its `error`, a value of errno.
std::string reason_of(const char* operation, int error) {
  return std::string(operation) + ": " + std::generic_category().message(error);
}

/// Closes a descriptor at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) (void)::close(number_);
  }
  [[nodiscard]] int get() const noexcept { return number_; }
  /// Closes the file now. The result matters: some file systems tell only here that a write failed.
  [[nodiscard]] int close() noexcept { return ::close(std::exchange(number_, -1)); }

 private:
  int number_;
};

/// A file name that is removed at the end of its scope, unless `release` was called.
class TemporaryName {
 public:
  explicit TemporaryName(fs::path name) : name_(std::move(name)) {}
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;
  ~TemporaryName() {
    if (!name_.empty()) (void)::unlink(name_.c_str());
  }
  [[nodiscard]] const char* c_str() const noexcept { return name_.c_str(); }
  void release() noexcept { name_.clear(); }

 private:
  fs::path name_;
};

/// Writes one checkpoint; knows the path, for its messages.
class CheckpointWriter {
 public:
  explicit CheckpointWriter(const fs::path& path) : path_(path) {}

  void write(std::span<const std::byte> bytes) const {
    const fs::path folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0) fail("open its folder", errno);
    require_file_or_nothing();
    TemporaryName fresh(unique_name());
    write_file(fresh.c_str(), bytes);
    keep_previous();
    if (::rename(fresh.c_str(), path_.c_str()) != 0) fail("rename", errno);
    fresh.release();
    // EINVAL comes from a file system that cannot sync a folder, and whose renames are as durable as they get.
    if (::fsync(directory.get()) != 0 && errno != EINVAL) fail("fsync of its folder", errno);
  }

 private:
  [[noreturn]] void fail(const char* operation, int error) const {
    std::string message = "cannot write checkpoint '" + path_.string() + "': " + reason_of(operation, error);
    std::error_code ignored;
    if (fs::exists(path_, ignored)) {
      message += "; the last checkpoint is still there";
    } else if (fs::exists(previous_checkpoint(path_), ignored)) {
      message += "; the last checkpoint is '" + previous_checkpoint(path_).string() + "'";
    }
    throw CheckpointError(message);
  }

  /// Throws if a folder or a device is at the path, so that it is not moved out of the way.
  void require_file_or_nothing() const {
    struct stat info = {};
    if (::lstat(path_.c_str(), &info) != 0) return;
    if (!S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode)) fail("what is there is not a file", EEXIST);
  }

  /// Returns a name in the folder of the checkpoint that no other process or thread uses.
  [[nodiscard]] fs::path unique_name() const {
    static std::atomic<unsigned> counter = 0;
    fs::path name = path_;
    name += ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
    return name;
  }

  void write_file(const char* name, std::span<const std::byte> bytes) const {
    constexpr mode_t kAsUmaskAllows = 0666;
    Descriptor file(::open(name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, kAsUmaskAllows));
    if (file.get() < 0) fail("open", errno);
    while (!bytes.empty()) {
      const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("write", errno);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    if (::fsync(file.get()) != 0) fail("fsync", errno);
    if (file.close() != 0) fail("close", errno);
  }

  /// Gives the file at the path its second name, path.prev, before the new file takes the first.
  void keep_previous() const {
    const fs::path previous = previous_checkpoint(path_);
    const TemporaryName second(unique_name());
    if (::link(path_.c_str(), second.c_str()) != 0) {
      const int error = errno;
      if (error == ENOENT) return;  // this is the first checkpoint
      const bool has_no_links = error == EPERM || error == EOPNOTSUPP || error == ENOSYS || error == EMLINK;
      if (!has_no_links) fail("link to .prev", error);
      // For an instant the previous name is the only one.
      if (::rename(path_.c_str(), previous.c_str()) != 0) fail("rename to .prev", errno);
      return;
    }
    // Where .prev is the same file already, as after a stop between the two renames, this does nothing.
    if (::rename(second.c_str(), previous.c_str()) != 0) fail("rename to .prev", errno);
  }

  const fs::path& path_;
};

std::vector<std::byte> file_bytes(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) throw CheckpointError(reason_of("open", errno));
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0) throw CheckpointError(reason_of("stat", errno));
  if (!S_ISREG(info.st_mode)) throw CheckpointError("it is not a regular file");
  if (static_cast<std::uint64_t>(info.st_size) > kMaxCheckpointBytes) {
    throw CheckpointError("it has " + std::to_string(info.st_size) + " bytes; a checkpoint has at most " +
                          std::to_string(kMaxCheckpointBytes));
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(info.st_size));
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw CheckpointError(reason_of("read", errno));
    if (got == 0) throw CheckpointError("it became shorter while it was read");
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace

fs::path previous_checkpoint(const fs::path& path) {
  fs::path previous = path;
  previous += ".prev";
  return previous;
}

std::string about_checkpoint(const fs::path& path, const std::string& reason) {
  std::string message = "checkpoint '" + path.string() + "': " + reason;
  std::error_code ignored;
  const fs::path previous = previous_checkpoint(path);
  if (fs::exists(previous, ignored)) message += "; the previous checkpoint is '" + previous.string() + "'";
  return message;
}

void write_checkpoint(const fs::path& path, std::span<const std::byte> payload, std::uint32_t schema) {
  CheckpointWriter(path).write(wrap_checkpoint(payload, schema));
}

std::vector<std::byte> read_checkpoint(const fs::path& path) {
  try {
    std::vector<std::byte> bytes = file_bytes(path);
    const std::size_t payload = unwrap_checkpoint(bytes).size();
    bytes.erase(bytes.begin(), bytes.end() - static_cast<std::ptrdiff_t>(payload));
    return bytes;
  } catch (const CheckpointError& error) {
    throw CheckpointError(about_checkpoint(path, error.what()));
  }
}

}  // namespace varimix
