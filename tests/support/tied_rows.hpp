#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "varimix/core/types.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix::tests {

inline constexpr Index kTiedRows = 500;

/// Returns kTiedRows rows, each set by draw(stream, row).
template <class Draw>
RowMatrix drawn_rows(Index d, std::int64_t seed, Draw&& draw) {
  CounterStream stream(Key{seed}, StreamPurpose::kModelRows, 0);
  RowMatrix x(kTiedRows, d);
  for (Index i = 0; i < kTiedRows; ++i) draw(stream, x.row(i));
  return x;
}

/// Returns normal numbers of mean 0.3, or 0 where they are negative: about 40 percent are exactly 0.
inline RowMatrix censored_rows(std::int64_t seed) {
  return drawn_rows(1, seed, [](CounterStream& s, auto row) { row(0) = std::max(0.0, 0.3 + s.normal()); });
}

/// Returns waiting times 1, 2, ... for the first success in trials of probability 0.3.
inline RowMatrix count_rows(std::int64_t seed) {
  return drawn_rows(
      1, seed, [](CounterStream& s, auto row) { row(0) = std::floor(std::log(s.uniform()) / std::log(0.7)) + 1.0; });
}

/// Returns rows of a t with 3 degrees of freedom, of which a share is exactly 0.
inline RowMatrix rows_with_zeros(Index d, double share, std::int64_t seed) {
  return drawn_rows(d, seed, [&](CounterStream& s, auto row) {
    double chi_squared = 0.0;
    for (int k = 0; k < 3; ++k) chi_squared += std::pow(s.normal(), 2);
    const double factor = s.uniform() < share ? 0.0 : 1.0 / std::sqrt(chi_squared / 3.0);
    for (Index j = 0; j < d; ++j) row(j) = factor * s.normal();
  });
}

}  // namespace varimix::tests
