#pragma once

#include <vector>

#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"
#include "varimix/subordinator/inverse_gaussian.hpp"

namespace varimix::tests {

/// Returns laws of the family S, from nearly constant to heavy-tailed, in several units.
template <class S>
std::vector<S> some_laws();

template <>
inline std::vector<Gamma> some_laws() {
  return {{1.5, 1.0}, {0.7, 20.0}, {5.5, 0.2}, {2000.0, 1500.0}, {1.0, 1.0}};
}

template <>
inline std::vector<InverseGamma> some_laws() {
  return {{1.5, 1.0}, {3.2, 0.1}, {6.0, 40.0}, {2000.0, 1500.0}, {4.5, 1.0}};
}

template <>
inline std::vector<InverseGaussian> some_laws() {
  return {{1.0, 1.5}, {0.8, 0.8}, {3.0, 3000.0}, {1.0, 1.0 / 30.0}, {0.01, 0.05}};
}

template <>
inline std::vector<GeneralizedInverseGaussian> some_laws() {
  return {{-0.5, 1.5, 1.5},  {2.0, 1.0, 0.3},      {-3.0, 0.5, 4.0}, {0.0, 0.2, 0.1},
          {40.0, 30.0, 2.0}, {0.3, 900.0, 1600.0}, {1.5, 2.0, 0.0},  {-2.5, 0.0, 1.0}};
}

}  // namespace varimix::tests
