#pragma once

#include <array>
#include <optional>

#include "varimix/subordinator/gig_law.hpp"
#include "varimix/subordinator/subordinator.hpp"

namespace varimix {

/// The inverse gamma law, with density beta^alpha / Gamma(alpha) y^{-alpha-1} e^{-beta/y} for y > 0: the law of 1/G,
/// where G is Gamma(alpha, rate beta). It has the shape alpha > 0 and the scale beta > 0, in the unit of Y, and is the
/// GIG with p = -alpha, a = 0, b = 2 beta.
class InverseGamma : public GigLaw<InverseGamma> {
 public:
  static constexpr bool kUsesLogY = true;
  static constexpr const char* kName = "InverseGamma";
  static constexpr std::array<const char*, 2> kParameterNames = {"alpha", "beta"};

  /// Throws std::invalid_argument unless both are normal doubles > 0 and 2 beta is finite.
  InverseGamma(double alpha, double beta);
  [[nodiscard]] static InverseGamma from_parameters(const std::array<double, 2>& values) {
    return {values[0], values[1]};
  }
  /// Solves log alpha - digamma(alpha) = E[log Y] + log E[1/Y], beta = alpha / E[1/Y]: moment matching, which is
  /// maximum likelihood here. E_Y may be anything.
  /// Throws std::invalid_argument unless E_inv_Y > 0 and E_log_Y > -log E_inv_Y, both finite; alpha is at most
  /// kLargestShape.
  [[nodiscard]] static InverseGamma from_expectation(double E_inv_Y, double E_Y,
                                                     std::optional<double> E_log_Y = std::nullopt);
  /// Does the same over the parameters that are not held; E_log_Y + log E_inv_Y below zero by rounding is the Gaussian
  /// limit.
  [[nodiscard]] static ShapeFit<InverseGamma> maximum_likelihood(double E_inv_Y, double E_Y,
                                                                 std::optional<double> E_log_Y,
                                                                 const HeldParameters<InverseGamma>& held = {});

  [[nodiscard]] double alpha() const noexcept { return alpha_; }
  [[nodiscard]] double beta() const noexcept { return beta_; }
  [[nodiscard]] std::array<double, 2> parameters() const noexcept { return {alpha_, beta_}; }
  [[nodiscard]] GigParameters gig() const noexcept { return {-alpha_, 0.0, 2.0 * beta_}; }
  /// Returns alpha log beta - log Gamma(alpha).
  [[nodiscard]] double log_constant() const noexcept;
  /// Returns the log density at y, -inf for y <= 0. The accuracy is that of Gamma::log_prob.
  [[nodiscard]] double log_prob(double y) const noexcept;
  [[nodiscard]] double E_inv_Y() const noexcept { return alpha_ / beta_; }
  /// Returns beta / (alpha - 1), or +inf for alpha <= 1.
  [[nodiscard]] double E_Y() const noexcept;
  /// Returns log beta - digamma(alpha).
  [[nodiscard]] double E_log_Y() const noexcept;
  /// Returns the cumulants, of which the k-th is +inf for alpha <= k.
  [[nodiscard]] Cumulants cumulants() const noexcept;
  /// Returns theta = (-beta, -alpha - 1), the natural parameters beside the sufficient statistics t = (1/Y, log Y).
  [[nodiscard]] std::array<double, 2> natural_parameters() const noexcept { return {-beta_, -alpha_ - 1.0}; }
  /// Throws std::invalid_argument as the constructor does.
  [[nodiscard]] static InverseGamma from_natural(const std::array<double, 2>& theta) {
    return {-theta[1] - 1.0, -theta[0]};
  }
  /// Returns E[t], which from_expectation inverts.
  [[nodiscard]] std::array<double, 2> expectation_parameters() const noexcept { return {E_inv_Y(), E_log_Y()}; }
  /// Returns the law of sY. Throws as the constructor does.
  [[nodiscard]] InverseGamma rescale_y(double s) const { return {alpha_, beta_ * s}; }
  /// Returns one draw, made as in Gamma::sample.
  [[nodiscard]] double sample(CounterStream& stream) const noexcept;

  bool operator==(const InverseGamma&) const = default;

 private:
  double alpha_;
  double beta_;
};

static_assert(Subordinator<InverseGamma>);

}  // namespace varimix
