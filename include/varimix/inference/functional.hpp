#pragma once

#include <functional>
#include <string>
#include <vector>

#include "varimix/core/choice.hpp"
#include "varimix/mixture/local_coordinates.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// The numbers of a law of which standard errors are known. None of them depends on the gauge.
enum class FunctionalKind {
  kMean,               ///< E[X_i]
  kSd,                 ///< the standard deviation of X_i
  kCorrelation,        ///< the correlation of X_i and X_j
  kEYGamma,            ///< E[Y] gamma_i
  kSkewness,           ///< the skewness of X_i
  kKurtosis,           ///< the excess kurtosis of X_i
  kLogTailWeight,      ///< log(E[Y] E[1/Y] - 1)
  kShape,              ///< a number of the shape: log_sqrt_ab, log_alpha, or p
  kValueAtRisk,        ///< of the return w'X, with the probability `at` beyond it
  kExpectedShortfall,  ///< of that tail
  kCdf,                ///< P(w'X <= at)
  kFunction            ///< any smooth function of the model
};
template <>
inline constexpr std::array<std::string_view, 12> kWords<FunctionalKind> = {"mean",
                                                                            "sd",
                                                                            "corr",
                                                                            "EY_gamma",
                                                                            "skewness",
                                                                            "kurtosis",
                                                                            "log_tail_weight",
                                                                            "shape",
                                                                            "value_at_risk",
                                                                            "expected_shortfall",
                                                                            "cdf",
                                                                            "function"};

/// The scale on which an interval is symmetric: that of the number x itself, of log x, atanh x, or log(x / (1 - x)). A
/// number outside the scale's domain gets a plain interval.
enum class IntervalScale { kPlain, kLog, kAtanh, kLogit };
template <>
inline constexpr std::array<std::string_view, 4> kWords<IntervalScale> = {"plain", "log", "atanh", "logit"};

/// A number of a law. Where the law does not have it (an infinite variance), it is infinite or NaN.
struct Functional {
  std::string name;
  FunctionalKind kind;
  Index i = 0, j = 0;  ///< columns, or for kShape the place among shape_names()
  Vector w = {};       ///< (d) the weights of a portfolio
  double at = 0.0;     ///< a probability, or for kCdf a point
  std::function<double(const AnyMeanVarianceMixture&)> function = {};
  IntervalScale scale = IntervalScale::kPlain;
};

/// The most free parameters for which matrices of their squared number are made: all of d = 29.
inline constexpr Index kMostDense = 500;

/// Returns the numbers that people read: mean, sd, correlations, E[Y] gamma, skewness, kurtosis of every column, the tail
/// weight and the shape; with more than kMostDense parameters without correlations, skewness and kurtosis. Their names are
/// "mean_1", "sd_1", "corr_2_1", "EY_gamma_1", ..., with the names of the columns where the model has them: "corr_oil_tea".
template <Subordinator S>
[[nodiscard]] std::vector<Functional> default_functionals(const MeanVarianceMixture<S>& model);

/// Return the value at risk and expected shortfall of the return w'X, whose loss is -w'X, for the probability alpha of
/// the tail, and P(w'X <= x). Throw std::invalid_argument unless w is finite and not 0, and alpha in (0, 1).
[[nodiscard]] Functional value_at_risk_of(std::string name, const Vector& w, double alpha);
[[nodiscard]] Functional expected_shortfall_of(std::string name, const Vector& w, double alpha);
[[nodiscard]] Functional cdf_of(std::string name, const Vector& w, double x);
/// Returns a function of the model. It gets the models near the one that was fitted in a gauge in which E[Y] (for a
/// NormalInverseGamma beta / alpha, for a GeneralizedHyperbolic sqrt(b/a)) stays as it is there.
[[nodiscard]] Functional function_of_model(std::string name,
                                           std::function<double(const AnyMeanVarianceMixture&)> function,
                                           IntervalScale scale = IntervalScale::kPlain);

/// Returns the value of a functional. Throws std::invalid_argument for columns or weights that the model does not have.
template <Subordinator S>
[[nodiscard]] double value_of(const Functional& functional, const MeanVarianceMixture<S>& model);

/// Returns its derivative in the coordinates, of size coordinates.size(): by central differences of the law of one
/// column or portfolio (of kFunction: of the model, in each coordinate), to about 1e-9 of its size. It need not be
/// finite.
template <Subordinator S>
[[nodiscard]] Vector gradient_of(const Functional& functional, const LocalCoordinates<S>& coordinates);

}  // namespace varimix
