#pragma once

#include <vector>

#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"
#include "varimix/subordinator/inverse_gaussian.hpp"

namespace varimix::tests {

/// How far two draws of such a law may be apart, relative to them: some are exponentials of sums of terms up to 700, whose
/// roundings these are.
inline constexpr double kRoundingOfDraws = 3e-13;

/// Returns laws of the family S at the ends of their shapes, in several units: samplers of all branches.
template <class S>
std::vector<S> extreme_laws();

/// With lam / mu_ig of 1e-6 and below, the classical formula for the smaller root cancels all digits.
template <>
inline std::vector<InverseGaussian> extreme_laws() {
  return {{2.0, 2e-6}, {2.0, 2e6}, {1e100, 1e92}, {1e-100, 1e-88}, {3.0, 0.03}, {1.0, 1.5}, {0.5, 1e15}};
}

template <>
inline std::vector<Gamma> extreme_laws() {
  return {{0.05, 0.25}, {0.4, 1e-200}, {1.0, 1e200}, {1.3, 3.0}, {20.0, 1.0}, {1e7, 1e7}, {1e12, 1e-3}};
}

template <>
inline std::vector<InverseGamma> extreme_laws() {
  return {{0.05, 0.25}, {0.4, 1e-200}, {1.0, 1e200}, {1.3, 3.0}, {20.0, 1.0}, {1e7, 1e7}, {1e12, 1e-3}};
}

template <>
inline std::vector<GeneralizedInverseGaussian> extreme_laws() {
  std::vector<GeneralizedInverseGaussian> laws = {
      {1.5, 2.0, 0.0}, {0.3, 1e-100, 0.0}, {-0.4, 0.0, 3.0}, {2e-3, 1e-150, 1e-150}};
  double unit = 1e-3;
  for (const double p : {0.0, 1e-3, -0.5, 1.0, -3.0, 40.0, -1e6}) {
    for (const double z : {1e-12, 1e-4, 1.0, 300.0, 1e8}) {
      laws.emplace_back(p, z / unit, z * unit);
      unit = unit > 1e3 ? 1e-3 : 7.0 * unit;
    }
  }
  return laws;
}

}  // namespace varimix::tests
