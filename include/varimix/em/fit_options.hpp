#pragma once

#include "varimix/core/choice.hpp"

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

/// What batch EM does beyond EM.
enum class Acceleration { kAnderson, kNone };
template <>
inline constexpr std::array<std::string_view, 2> kWords<Acceleration> = {"anderson", "none"};

/// By what fits of several families are ranked.
enum class Criterion { kBic, kAic, kLogLikelihood };
template <>
inline constexpr std::array<std::string_view, 3> kWords<Criterion> = {"bic", "aic", "log_likelihood"};

}  // namespace varimix
