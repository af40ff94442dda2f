#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "varimix/random/counter_stream.hpp"

namespace varimix {

/// The weights Poisson(1) that the rows of a stream have in a replica. Rows one after the other cost least.
class BootstrapWeights {
 public:
  BootstrapWeights(const Key& key, std::int64_t stream, std::int64_t replica);
  [[nodiscard]] double of(std::int64_t row);
  /// Returns the rows' own weights (empty: ones) times those of the replica. A row of weight 0 takes none.
  [[nodiscard]] std::vector<double> times(std::span<const double> weights, std::span<const std::int64_t> numbers);

 private:
  static constexpr std::int64_t kDrawsInBlock = 4;  // of a counter-based stream: neighbouring rows share a block

  Key key_;
  std::int64_t block_ = -1;
  std::array<double, kDrawsInBlock> draws_ = {};  // uniform, those of the block
};

}  // namespace varimix
