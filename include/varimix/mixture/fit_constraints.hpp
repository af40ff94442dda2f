#pragma once

#include <string>
#include <vector>

#include "varimix/core/choice.hpp"
#include "varimix/core/missing.hpp"

namespace varimix {

/// The gauge in which a fit shows its model; the law is the same in all of them. Where the gauge does not exist (E[Y]
/// is infinite, a or b is 0) the model is shown in the working gauge, and the status says so.
enum class Regularization {
  kNone,         ///< the working gauge, running E[Y] = 1; if fixed parameters depend on it, the initial model's
  kMeanYOne,     ///< E[Y] = 1
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
  kInverseMoment,  ///< d/2 + 1.1: E[1/Y|x] is bounded too
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<AlphaMin> = {"none", "density", "inverse_moment"};

/// The constraints to which online and batch fits hold a model.
struct FitConstraints {
  bool symmetric = false;               ///< gamma is held at 0
  std::vector<std::string> fixed = {};  ///< parameters held at the initial model's values (fix_parameters)
  AlphaMin alpha_min = AlphaMin::kNone;
  Regularization regularization = Regularization::kNone;
  Missing missing = Missing::kError;  ///< the meaning of NaN
};

/// Returns the constraints among options that hold others beside them.
template <class Options>
[[nodiscard]] FitConstraints constraints_of(const Options& options) {
  return {options.symmetric, options.fixed, options.alpha_min, options.regularization, options.missing};
}

}  // namespace varimix
