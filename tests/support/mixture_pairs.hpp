#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "support/models.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix::tests {

/// Returns a model with this law of Y and otherwise random parameters.
template <Subordinator S>
MeanVarianceMixture<S> drawn(Index d, std::int64_t seed, const S& y) {
  return {gaussian_rows(1, d, seed).transpose(), 0.7 * gaussian_rows(1, d, seed + 1).transpose(),
          some_factor(d, seed + 2), y};
}

/// Calls action(model, other) for pairs of models of every family, near and far, on and off the faces.
template <class Action>
void for_every_pair(Action&& action) {
  for (const Index d : {1, 3}) {
    SCOPED_TRACE(d);
    const auto each = [&](const auto& laws) {
      std::int64_t seed = 100;
      for (const auto& one : laws) {
        for (const auto& two : laws) {
          seed += 10;
          action(drawn(d, seed, one), drawn(d, seed + 5, two));
        }
        const auto model = drawn(d, seed, one);
        action(model, model.replace({.mu = 1.001 * model.mu(), .gamma = 0.999 * model.gamma()}));
      }
    };
    using Gig = GeneralizedInverseGaussian;
    each(std::vector{InverseGaussian(1.0, 1.5), InverseGaussian(0.5, 20.0), InverseGaussian(3.0, 0.1)});
    each(std::vector{Gamma(1.75, 2.0), Gamma(30.0, 25.0), Gamma(0.75, 0.5)});
    each(std::vector{InverseGamma(2.25, 1.5), InverseGamma(30.0, 35.0), InverseGamma(0.75, 0.5)});
    each(std::vector{Gig(0.75, 0.5, 2.0), Gig(-1.25, 3.0, 0.5), Gig(1.5, 2.0, 0.0), Gig(-1.5, 0.0, 2.0)});
  }
}

}  // namespace varimix::tests
