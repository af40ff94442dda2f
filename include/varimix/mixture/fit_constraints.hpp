#pragma once

#include <string>
#include <vector>

#include "varimix/core/choice.hpp"
#include "varimix/core/missing.hpp"

namespace varimix {

/// In which gauge a fit shows its model; the law is the same in all of them. Where the gauge does not exist (E[Y] infinite,
/// a or b = 0) the working gauge is shown, and the status says so.
enum class Regularization {
  kNone,      ///< the working gauge, in which the running E[Y] is 1; with fixed parameters that depend on the gauge the
              ///< initial model's
  kMeanYOne,  ///< E[Y] = 1
  kDetSigmaOne,  ///< |Sigma| = 1
  kDetSigmaX,    ///< |Sigma| as in the initial model
  kAEqB,         ///< a = b where Y is a GIG with both > 0
};
template <>
inline constexpr std::array<std::string_view, 5> kWords<Regularization> = {"none", "mean_y_one", "det_sigma_one",
                                                                           "det_sigma_x", "a_eq_b"};

/// The least alpha that a fit gives to a VarianceGamma of dimension d.
enum class AlphaMin {
  kNone,           ///< 0
  kDensity,        ///< d/2 + 0.1: the density at mu is bounded
  kInverseMoment,  ///< d/2 + 1.1: so is E[1/Y|x]
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<AlphaMin> = {"none", "density", "inverse_moment"};

/// What online and batch fits alike hold a model to.
struct FitConstraints {
  bool symmetric = false;               ///< hold gamma = 0
  std::vector<std::string> fixed = {};  ///< parameters held at the initial model's values (fix_parameters)
  AlphaMin alpha_min = AlphaMin::kNone;
  Regularization regularization = Regularization::kNone;
  Missing missing = Missing::kError;  ///< what NaN means
};

/// Those of options that have them beside others.
template <class Options>
[[nodiscard]] FitConstraints constraints_of(const Options& options) {
  return {options.symmetric, options.fixed, options.alpha_min, options.regularization, options.missing};
}

}  // namespace varimix
