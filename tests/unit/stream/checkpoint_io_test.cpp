#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>

#include "support/checkpoints.hpp"

namespace varimix::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const Bytes kOld = bytes_of("the old state");
const Bytes kNew = bytes_of("the new state");

std::string write_error_of(const std::filesystem::path& path, const Bytes& payload) {
  return checkpoint_error_of([&] { write_checkpoint(path, payload); });
}

std::string read_error_of(const std::filesystem::path& path) {
  return checkpoint_error_of([&] { (void)read_checkpoint(path); });
}

enum class Outcome { kTrue, kFalse, kNotPossible };

/// Returns the outcome of `action` in a process of its own, whose limits, signals and mounts are its own.
Outcome in_child(const std::function<Outcome()>& action) {
  const pid_t child = ::fork();
  if (child == 0) std::_Exit(static_cast<int>(action()));
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? static_cast<Outcome>(WEXITSTATUS(status)) : Outcome::kFalse;
}

Outcome contains(const std::string& text, const char* part) {
  return text.find(part) == std::string::npos ? Outcome::kFalse : Outcome::kTrue;
}

TEST(CheckpointIo, TheFirstHasNoPreviousOne) {
  const TemporaryFolder folder;
  write_checkpoint(folder / "state", kNew);
  EXPECT_EQ(read_checkpoint(folder / "state"), kNew);
  EXPECT_EQ(folder.size(), 1);
}

TEST(CheckpointIo, ThePreviousOneIsKeptBeside) {
  const TemporaryFolder folder;
  write_checkpoint(folder / "state", bytes_of("older still"));
  write_checkpoint(folder / "state", kOld);
  write_checkpoint(folder / "state", kNew);
  EXPECT_EQ(read_checkpoint(folder / "state"), kNew);
  EXPECT_EQ(read_checkpoint(folder / "state.prev"), kOld);
  EXPECT_EQ(folder.size(), 2);
}

TEST(CheckpointIo, IsWrittenToTheWorkingFolderByABareName) {
  const TemporaryFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  write_checkpoint("state", kNew);
  std::filesystem::current_path(before);
  EXPECT_EQ(read_checkpoint(folder / "state"), kNew);
}

TEST(CheckpointIo, GoesOnAfterAStopBetweenTheTwoRenames) {
  const TemporaryFolder folder;
  write_checkpoint(folder / "state", kOld);
  std::filesystem::create_hard_link(folder / "state", folder / "state.prev");
  write_checkpoint(folder / "state", kNew);
  EXPECT_EQ(read_checkpoint(folder / "state"), kNew);
  EXPECT_EQ(read_checkpoint(folder / "state.prev"), kOld);
  EXPECT_EQ(folder.size(), 2);
}

TEST(CheckpointIo, AFileSizeLimitLeavesTheLastOneIntact) {
  const TemporaryFolder folder;
  write_checkpoint(folder / "state", kOld);
  const Outcome outcome = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    constexpr rlim_t kLess = 100;
    const rlimit limit = {kLess, kLess};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return contains(write_error_of(folder / "state", Bytes(1000)),
                    "write: File too large; the last checkpoint is still there");
  });
  EXPECT_EQ(outcome, Outcome::kTrue);
  EXPECT_EQ(read_checkpoint(folder / "state"), kOld);
  EXPECT_EQ(folder.size(), 1) << "the unfinished file was removed";
}

TEST(CheckpointIo, ADiskThatIsFullLeavesTheLastOneIntact) {
  const TemporaryFolder folder;
  const Outcome outcome = in_child([&] {
    const bool is_mounted = ::unshare(CLONE_NEWNS) == 0 &&
                            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                            ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=16k") == 0;
    if (!is_mounted) return Outcome::kNotPossible;
    constexpr std::size_t kMoreThanIsLeft = 15'000;
    write_checkpoint(folder / "state", kOld);
    const std::string error = write_error_of(folder / "state", Bytes(kMoreThanIsLeft));
    if (read_checkpoint(folder / "state") != kOld || folder.size() != 1) return Outcome::kFalse;
    return contains(error, "write: No space left on device; the last checkpoint is still there");
  });
  if (outcome == Outcome::kNotPossible) GTEST_SKIP() << "only root mounts a small disk";
  EXPECT_EQ(outcome, Outcome::kTrue);
}

TEST(CheckpointIo, AFolderThatIsMissingIsAnError) {
  const TemporaryFolder folder;
  EXPECT_THAT(
      write_error_of(folder / "none/state", kNew),
      AllOf(HasSubstr("none/state"), HasSubstr("No such file or directory"), Not(HasSubstr("last checkpoint"))));
}

TEST(CheckpointIo, AFolderThatTakesNoFilesIsAnError) {
  EXPECT_THAT(write_error_of("/proc/self/state", kNew),
              HasSubstr("cannot write checkpoint '/proc/self/state': open: "));
}

TEST(CheckpointIo, AReadOnlyFolderLeavesTheLastOneIntact) {
  constexpr uid_t kNobody = 65534;
  constexpr auto kReadOnly = std::filesystem::perms(0555);
  const TemporaryFolder folder;
  write_checkpoint(folder / "state", kOld);
  std::filesystem::permissions(folder.path(), kReadOnly);
  const Outcome outcome = in_child([&] {
    if (::geteuid() == 0 && ::seteuid(kNobody) != 0) return Outcome::kNotPossible;  // root writes to any folder
    return contains(write_error_of(folder / "state", kNew),
                    "open: Permission denied; the last checkpoint is still there");
  });
  EXPECT_EQ(outcome, Outcome::kTrue);
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  EXPECT_EQ(read_checkpoint(folder / "state"), kOld);
  EXPECT_EQ(folder.size(), 1);
}

TEST(CheckpointIo, AFolderAtItsPathIsLeftAlone) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "state");
  EXPECT_THAT(write_error_of(folder / "state", kNew), HasSubstr("what is there is not a file"));
  EXPECT_TRUE(std::filesystem::is_directory(folder / "state"));
  EXPECT_EQ(folder.size(), 1);
  EXPECT_THAT(read_error_of(folder / "state"), HasSubstr("not a regular file"));
}

TEST(CheckpointIo, ADamagedOneNamesThePreviousOne) {
  const TemporaryFolder folder;
  write_checkpoint(folder / "state", kOld);
  write_checkpoint(folder / "state", kNew);
  const Bytes whole = file_bytes_of(folder / "state");
  const std::string previous = "; the previous checkpoint is '" + (folder / "state.prev").string() + "'";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes flipped = whole;
      flipped[at] ^= static_cast<std::byte>(1U << bit);
      write_bytes(folder / "state", flipped);
      EXPECT_THAT(read_error_of(folder / "state"), AllOf(HasSubstr("damaged"), HasSubstr(previous)));
    }
    write_bytes(folder / "state", Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at)));
    EXPECT_THAT(read_error_of(folder / "state"), HasSubstr(previous)) << at << " bytes";
  }
}

TEST(CheckpointIo, AMissingOneNamesThePreviousOneIfThereIsOne) {
  const TemporaryFolder folder;
  EXPECT_THAT(read_error_of(folder / "state"), AllOf(HasSubstr("No such file"), Not(HasSubstr("previous"))));
  write_checkpoint(folder / "state.prev", kOld);
  EXPECT_THAT(read_error_of(folder / "state"), AllOf(HasSubstr("No such file"), HasSubstr("state.prev")));
}

TEST(CheckpointIo, AFileThatIsTooLargeIsNotRead) {
  const TemporaryFolder folder;
  write_bytes(folder / "state", {});
  std::filesystem::resize_file(folder / "state", kMaxCheckpointBytes + 1);
  EXPECT_THAT(read_error_of(folder / "state"), HasSubstr("1073741825 bytes; a checkpoint has at most 1073741824"));
}

}  // namespace
}  // namespace varimix::tests
