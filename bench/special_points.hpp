#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace varimix::bench {

/// Number of rows that are evaluated at once, and written to the same place, as a block of the E-step is.
inline constexpr std::size_t kBlockRows = 256;

/// Points of one kind, in an order in which every block is a fair sample.
struct PointSet {
  std::string name;
  std::vector<double> nu;
  std::vector<double> z;
  std::vector<double> u;  ///< z^2
  bool has_one_order;     ///< true if nu is the same everywhere, as in an E-step, so that one table serves all

  [[nodiscard]] std::size_t size() const noexcept { return z.size(); }
  [[nodiscard]] std::size_t blocks() const noexcept { return z.size() / kBlockRows; }
};

/// Reads a file that special_points.py wrote: all nu, then all z, as doubles of this machine. The set has the file's
/// name. Throws std::runtime_error if there is no such file, or it does not hold pairs.
[[nodiscard]] PointSet read_points(const std::filesystem::path& path);

/// Gives the blocks of a set in turn, so that neither the caches nor the branch predictor hold the next one.
class BlockCursor {
 public:
  explicit BlockCursor(const PointSet& set) : blocks_(set.blocks()) {}
  /// Returns the first row of the next block.
  std::size_t next() noexcept {
    const std::size_t row = block_ * kBlockRows;
    block_ = block_ + 1 == blocks_ ? 0 : block_ + 1;
    return row;
  }

 private:
  std::size_t blocks_;
  std::size_t block_ = 0;
};

[[nodiscard]] inline std::span<const double> block(const std::vector<double>& column, std::size_t row) {
  return std::span(column).subspan(row, kBlockRows);
}

}  // namespace varimix::bench
