#pragma once

#include <optional>

#include "varimix/core/choice.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// Which of a portfolio's numbers exist. What does not exist is infinite, or empty, never NaN.
enum class PortfolioStatus {
  kOk,                           ///< all are finite
  kInfiniteExpectedShortfall,    ///< the mean of the losses beyond the value at risk is infinite
  kInfiniteExpectedContribution  ///< it is finite, but not its derivatives: some column's mean loss there is infinite
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<PortfolioStatus> = {"ok", "infinite_expected_shortfall",
                                                                            "infinite_expected_contribution"};

/// Returns a sentence that says what a status means; "" for kOk.
[[nodiscard]] std::string_view sentence(PortfolioStatus status) noexcept;

/// The tail risk of the return R = w'X of a portfolio: its loss is -R, alpha the probability of its tail. With
/// P(R <= q) = alpha, m = w'mu, g = w'gamma and s^2 = w'Sigma w,
///   VaR = -q,   dVaR/dw = -(mu + gamma e + (Sigma w / s^2)(q - m - g e)),   e = E[Y | R = q],
///   ES = -E[R | R <= q],   dES/dw = -(mu + gamma E[Y | R <= q] + (Sigma w / s) E[sqrt(Y) Z | R <= q]),
/// where Z is the normal part of R in standard units. Both are homogeneous in w, so that the contributions
/// w_i d/dw_i sum to them (Euler; Tasche 1999).
struct PortfolioRisk {
  Vector w;      ///< (d): what was given
  double alpha;  ///< what was given
  double value_at_risk;
  double expected_shortfall;           ///< inf where it does not exist
  Vector value_at_risk_gradient;       ///< (d): dVaR/dw, -E[X_i | R = -VaR]; empty where a column has no such mean
  Vector expected_shortfall_gradient;  ///< (d): dES/dw, -E[X_i | R <= -VaR]; empty where status is not kOk
  double E_Y_at_quantile;              ///< E[Y | R = -VaR]; may be inf
  double E_Y_in_tail;                  ///< E[Y | R <= -VaR]; may be inf
  double dispersion;                   ///< s, the standard deviation of the normal part for Y = 1
  double density_ratio;                ///< f(q) E[Y | R = q] / alpha, f the density of R
  double index_of_dispersion;          ///< Var(Y | R = q) / E[Y | R = q]; inf where the variance is
  PortfolioStatus status;

  /// Return the Euler parts (d), w_i times the gradient; empty where it is.
  [[nodiscard]] Vector value_at_risk_contributions() const { return contributions(value_at_risk_gradient); }
  [[nodiscard]] Vector expected_shortfall_contributions() const { return contributions(expected_shortfall_gradient); }

 private:
  [[nodiscard]] Vector contributions(const Vector& gradient) const {
    return gradient.size() == 0 ? Vector() : Vector(w.cwiseProduct(gradient));
  }
};

/// The two numbers of a day that a backtest holds against its return.
struct TailForecast {
  double value_at_risk;
  double expected_shortfall;  ///< inf where it does not exist
};

/// Returns these of the return w'X, which are those of portfolio_risk; nothing where its value at risk is beyond 1e100
/// standard units. Throws std::invalid_argument as model.project(w) does, and unless 0 < alpha < 1.
/// Cost: that of a quantile, and O(d^2).
template <Subordinator S>
[[nodiscard]] std::optional<TailForecast> tail_forecast(const MeanVarianceMixture<S>& model, const Vector& w,
                                                        double alpha);

/// Returns the tail risk of a portfolio. Nothing is simulated or differenced: one sweep over Y gives q's tail means as
/// ratios of positive integrals.
/// The expected shortfall exists for a > 0, Y ~ GIG(p, a, b). For a = 0, a skewed t with alpha_Y = -p, it exists if
/// g > 0, or g = 0 and alpha_Y > 1/2, or g < 0 and alpha_Y > 1. Its gradient exists with it, but for g = 0,
/// gamma != 0 and alpha_Y <= 1.
/// Throws std::invalid_argument as model.project(w) does, unless 0 < alpha < 1, and unless q lies within 1e100 standard
/// units of m, which only alphas near 0 or 1 of laws with hardly any moments miss.
/// Accuracy: kPortfolioRelativeError of the larger of |VaR| and the excess ES - VaR, for the gradients of the sizes of
/// their terms (test PortfolioAccuracy.*). Cost: that of a quantile, and O(d^2).
template <Subordinator S>
[[nodiscard]] PortfolioRisk portfolio_risk(const MeanVarianceMixture<S>& model, const Vector& w, double alpha);

/// Returns the Hessian of the expected shortfall in w, (f(q)/alpha) Cov(X | R = q):
///   (f(q)/alpha) [ e (Sigma - Sigma w w'Sigma / s^2) + Var(Y | R = q) b b' ],   b = gamma - Sigma w g / s^2.
/// It is symmetric and positive semidefinite, and H w = 0. `risk` is what portfolio_risk returned for the model.
/// Throws std::invalid_argument for another dimension, for a status that is not kOk, and where the Hessian is infinite:
/// a skewed t with alpha_Y <= 3/2, g = 0 and gamma != 0.
/// Cost: O(d^2).
template <Subordinator S>
[[nodiscard]] Matrix expected_shortfall_hessian(const MeanVarianceMixture<S>& model, const PortfolioRisk& risk);

/// The promised accuracy.
inline constexpr double kPortfolioRelativeError = 1e-12;

}  // namespace varimix
