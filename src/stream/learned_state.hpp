#pragma once

#include <cstdint>
#include <vector>

#include "varimix/em/online_em.hpp"
#include "varimix/inference/bootstrap_em.hpp"
#include "varimix/stream/batch.hpp"

namespace varimix {

/// What fit_stream does with a state that learns a source: an OnlineEM, or a BootstrapEM, which learns by its fit and its
/// replicas.

/// Returns the fit with the rows' own weights.
template <Fittable M>
const OnlineEM<M>& fit_of(const OnlineEM<M>& state) {
  return state;
}
template <Fittable M>
const OnlineEM<M>& fit_of(const BootstrapEM<M>& state) {
  return state.fit();
}

/// Begins with a source at its first row.
template <Fittable M>
void begin_source(OnlineEM<M>& state) {
  state.position() = {};
}
template <Fittable M>
void begin_source(BootstrapEM<M>& state) {
  state.position() = {};
  state.begin_source();
}

/// Learns a batch of a source that was opened after its first `rows_before` rows.
template <Fittable M>
BatchReport learn_rows(OnlineEM<M>& state, const Batch& batch, const BatchOptions& options,
                       std::int64_t /*rows_before*/) {
  return state.update(batch.x, options);
}
template <Fittable M>
BatchReport learn_rows(BootstrapEM<M>& state, const Batch& batch, const BatchOptions& options,
                       std::int64_t rows_before) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(batch.x.rows()));
  for (Index i = 0; i < batch.x.rows(); ++i) {
    numbers[static_cast<std::size_t>(i)] = state.rows().first + rows_before + batch.number(i);
  }
  return state.update(batch.x, options, numbers);
}

}  // namespace varimix
