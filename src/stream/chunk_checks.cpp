#include "chunk_checks.hpp"

#include <string>

#include "varimix/core/require.hpp"

namespace varimix {

void require_one_a_row(std::span<const double> values, Index rows, const char* name) {
  require(values.empty() || values.size() == static_cast<std::size_t>(rows), name,
          "as many as rows, " + std::to_string(rows), values.size());
}

void require_chunk(const Batch& chunk, Index d) {
  require(chunk.x.columns() == d, "a chunk of the source", "rows of " + std::to_string(d) + " columns, as those before",
          std::to_string(chunk.x.columns()) + " columns");
  require_one_a_row(chunk.weights, chunk.x.rows(), "weights");
  require_one_a_row(chunk.times, chunk.x.rows(), "times");
}

}  // namespace varimix
