#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>

#include "support/models.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/inference/bootstrap_em.hpp"

/// States with replicas that learn the same rows.
namespace varimix::tests::bootstrap_states {

using Bootstrap = BootstrapEM<NormalInverseGaussian>;
inline constexpr Index kRows = 1500;

inline const RowMatrix& rows() {
  static const RowMatrix x = tutorial_model().rvs(kRows, Seed{4});
  return x;
}

inline OnlineEM<NormalInverseGaussian> start(const UpdateRule& rule = NaturalGradientUpdate{},
                                             const OnlineEMOptions& options = {}) {
  return OnlineEM(NormalInverseGaussian::default_init(RowView(rows()).slice(0, 100)), rule, Key{0}, options);
}

inline void learn(Bootstrap& state, const RowMatrix& x, Index batch) {
  for (Index first = 0; first < x.rows(); first += batch) {
    (void)state.update(RowView(x).slice(first, std::min(batch, x.rows() - first)));
  }
}

inline Bootstrap learned(const BootstrapOptions& options = {.replicas = 3}, Index batch = 100) {
  Bootstrap state(start(), options);
  learn(state, rows(), batch);
  return state;
}

template <class Action>
std::string refusal(Action&& action) {
  try {
    action();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace varimix::tests::bootstrap_states
