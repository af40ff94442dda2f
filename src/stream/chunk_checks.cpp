#include "chunk_checks.hpp"

#include <string>

#include "varimix/core/require.hpp"
#include "varimix/core/weights.hpp"

namespace varimix {

void require_chunk(const Batch& chunk, Index d) {
  require(chunk.x.columns() == d, "a chunk of the source", "rows of " + std::to_string(d) + " columns, as those before",
          std::to_string(chunk.x.columns()) + " columns");
  require_one_a_row(chunk.weights, "weights", chunk.x.rows());
  require_one_a_row(chunk.times, "times", chunk.x.rows());
}

}  // namespace varimix
