#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "support/models.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {

/// Makes states that start from one model and learn parts of the same 600 rows, and merges them.
template <class S>
class MergeTest : public ::testing::Test {
 public:
  using State = OnlineEM<MeanVarianceMixture<S>>;
  RowMatrix x = some_model(2, 17, 0.8).rvs(600, Seed{9});
  MeanVarianceMixture<S> init = MeanVarianceMixture<S>::default_init(x);

  [[nodiscard]] State start(const UpdateRule& rule = SampleWeightedUpdate{}, bool frozen = true) const {
    return State(init, rule, Key{0}, {.frozen = frozen});
  }
  /// Returns the state after it has learned rows first, ..., first + count - 1 as well, in batches of 50.
  [[nodiscard]] State after(State state, Index first, Index count) const {
    for (Index k = 0; k < count; k += 50)
      (void)state.update(RowView(x).slice(first + k, std::min<Index>(50, count - k)));
    return state;
  }
  [[nodiscard]] static State merged(State left, const State& right) {
    left.merge(right);
    return left;
  }
};

}  // namespace varimix::tests
