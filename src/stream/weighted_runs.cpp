#include "weighted_runs.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "bad_row.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

bool is_weight(double weight) { return weight >= 0.0 && std::isfinite(weight); }

bool is_good(const Batch& chunk, std::size_t i) {
  return (chunk.weights.empty() || is_weight(chunk.weights[i])) &&
         (chunk.times.empty() || std::isfinite(chunk.times[i]));
}

void require_good(const Batch& chunk, std::size_t i, std::int64_t row) {
  if (!chunk.weights.empty() && !is_weight(chunk.weights[i])) {
    throw BadRow(SourceField::kWeights, "finite and >= 0", chunk.weights[i], row);
  }
  if (!chunk.times.empty() && !std::isfinite(chunk.times[i])) {
    throw BadRow(SourceField::kTimes, "finite", chunk.times[i], row);
  }
}

const char* has(bool some) { return some ? "with" : "without"; }

}  // namespace

std::optional<Batch> WeightedRuns::next(Index most) {
  while (chunk_ || load()) {
    const Batch& chunk = *chunk_;
    const auto first = static_cast<std::size_t>(used_);
    const std::size_t end = first + static_cast<std::size_t>(std::min(most, chunk.x.rows() - used_));
    const auto has_weight = [&](std::size_t i) { return chunk.weights.empty() || chunk.weights[i] > 0.0; };
    std::size_t i = first;
    while (i < end && has_weight(i) && is_good(chunk, i)) ++i;
    const auto rows = static_cast<Index>(i - first);
    if (rows > 0) {
      Batch run = slice(chunk, used_, rows);
      run.first_row = position_;
      advance(rows);
      return run;
    }
    require_good(chunk, i, position_);
    advance(1);
  }
  return std::nullopt;
}

void WeightedRuns::skip(std::int64_t rows) {
  require(rows >= 0, "rows to skip", ">= 0", rows);
  const std::int64_t held = chunk_ ? std::min<std::int64_t>(rows, chunk_->x.rows() - used_) : 0;
  if (held > 0) advance(held);
  source_.skip(rows - held);
  position_ += rows - held;
}

/// Reads the next chunk that is not empty; returns false at the end.
bool WeightedRuns::load() {
  do {
    chunk_ = source_.next();
    if (!chunk_) return false;
  } while (chunk_->x.rows() == 0);
  const Extras extras{!chunk_->weights.empty(), !chunk_->times.empty()};
  if (!extras_) extras_ = extras;
  require(extras.weights == extras_->weights, "a chunk of the source",
          std::string(has(extras_->weights)) + " weights, as those before", std::string("one ") + has(extras.weights));
  require(extras.times == extras_->times, "a chunk of the source",
          std::string(has(extras_->times)) + " times, as those before", std::string("one ") + has(extras.times));
  return true;
}

/// Counts the next rows as used; releases the chunk as soon as its last row is.
void WeightedRuns::advance(Index rows) {
  used_ += rows;
  position_ += rows;
  if (used_ < chunk_->x.rows()) return;
  chunk_.reset();
  used_ = 0;
}

}  // namespace varimix
