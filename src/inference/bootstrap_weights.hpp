#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "varimix/core/types.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix {

/// The weights Poisson(1) that the rows of a stream have in a replica, one after the other.
class BootstrapWeights {
 public:
  BootstrapWeights(const Key& key, std::int64_t stream, std::int64_t replica, std::int64_t first_row);
  [[nodiscard]] double next();
  /// Returns the rows' own weights (empty: ones) times those of the replica. A row of weight 0 takes none.
  [[nodiscard]] std::vector<double> times(std::span<const double> weights, Index rows);

 private:
  [[nodiscard]] CounterStream block_of(std::int64_t row) const;

  Key key_;
  std::int64_t row_;
  CounterStream draws_;
};

}  // namespace varimix
