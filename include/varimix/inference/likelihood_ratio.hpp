#pragma once

#include <array>
#include <concepts>
#include <string_view>

#include "varimix/core/choice.hpp"
#include "varimix/em/em_result.hpp"

namespace varimix {

/// The law of a likelihood ratio where the smaller law is true, with k = degrees.
enum class NullLaw {
  kChiSquare,     ///< chi-square with k degrees of freedom (Wilks 1938)
  kChiBarSquare,  ///< half chi-square with k - 1 degrees, half with k: one of the k restrictions is a boundary
};
template <>
inline constexpr std::array<std::string_view, 2> kWords<NullLaw> = {"chi_square", "chi_bar_square"};

/// Whether the law of a test of fits can be relied on.
enum class FitTestStatus {
  kOk,
  kNotConverged,  ///< a fit ended before its stopping rule was met
  /// The law is approached slowly, or not at all: a VarianceGamma with alpha < 1 + d/4, at which the observed information
  /// of mu has infinite variance; or a NormalInverseGamma with alpha <= 2 in a GeneralizedHyperbolic, at which the score
  /// of a has.
  kIrregular,
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<FitTestStatus> = {"ok", "not_converged", "irregular"};

/// How the laws of one kind of model lie among those of another.
enum class Nesting {
  kNone,      ///< neither holds the other
  kSame,      ///< one kind: a law with more held parameters lies in one with fewer
  kInterior,  ///< the smaller is the larger with a value of its shape inside of its range
  kFace,      ///< the smaller is the larger with a value of its shape at the end of its range
};
/// The nesting of models of type Small in those of type Large; kinds of one's own specialise it.
template <class Small, class Large>
inline constexpr Nesting kNesting = std::same_as<Small, Large> ? Nesting::kSame : Nesting::kNone;
template <>
inline constexpr Nesting kNesting<NormalInverseGaussian, GeneralizedHyperbolic> = Nesting::kInterior;
template <>
inline constexpr Nesting kNesting<VarianceGamma, GeneralizedHyperbolic> = Nesting::kFace;
template <>
inline constexpr Nesting kNesting<NormalInverseGamma, GeneralizedHyperbolic> = Nesting::kFace;

/// A likelihood-ratio test; every number is finite.
struct LikelihoodRatio {
  double statistic = 0.0;  ///< max(0, 2 (log L of the larger - log L of the smaller))
  Index degrees = 0;       ///< difference of the numbers of free parameters, >= 1
  NullLaw null_law = NullLaw::kChiSquare;
  double p_value = 1.0;
  FitTestStatus status = FitTestStatus::kOk;
  bool operator==(const LikelihoodRatio&) const = default;
};

/// Tests the smaller of two nested laws against the larger by LR = 2 (log L_large - log L_small). Both are fits of
/// BatchEMFitter to the same rows, which the caller sees to: a result holds no rows. Weights count rows.
/// The null law, with k = degrees, is
///   chi2_k where the laws are of one family and the smaller holds more parameters (gamma by `symmetric`, or those in
///   `fixed`), or where a NormalInverseGaussian lies in a GeneralizedHyperbolic (p = -1/2, inside of its range);
///   half chi2_(k-1), half chi2_k where a VarianceGamma (b = 0) or NormalInverseGamma (a = 0) does: one restriction is a
///   boundary (Self and Liang 1987, JASA 82:605, case 5). For k = 1, p = P(chi2_1 > LR) / 2. A NormalInverseGamma
///   approaches this law slowly: E[Y|x], in the score of a, has the tails of Y. At 5% the test rejects 8% of the true laws
///   with alpha = 2.5, 6% with alpha = 6 (n = 2000, d = 2).
/// A larger law may be less likely by kConvergenceSlack, what a stopping rule leaves; LR is 0 then.
/// Throws std::invalid_argument, naming the reason, where
///   the laws do not nest, in kind or in what is held, or have equally many free parameters;
///   a fit has no log-likelihood (of other fitters), or an infinite one, or had a prior;
///   dimension, names of columns or total weight differ, or the weight is no whole number;
///   the larger law is less likely beyond the slack: its fit is no maximum;
///   the law of LR is another: near the Gaussian limit (gamma and the shape are not identified), at a spike of the density,
///   at the bound of a shape, for rows whose scatter was floored, where a GeneralizedHyperbolic that is the smaller, or of
///   which both are, lies on a face, for a VarianceGamma with infinite information of mu, alpha <= min(1, (d + 2)/4), and
///   for a NormalInverseGamma with infinite information of a free gamma, alpha <= 1.
template <class Small, class Large>
[[nodiscard]] LikelihoodRatio likelihood_ratio(const EMResult<Small>& small, const EMResult<Large>& large);

/// Nats by which the fit of a larger law may lie below that of a smaller one. So much moves no p-value below 0.4.
inline constexpr double kConvergenceSlack = 0.01;

}  // namespace varimix
