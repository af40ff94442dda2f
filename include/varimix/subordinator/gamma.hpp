#pragma once

#include <array>
#include <optional>

#include "varimix/subordinator/gig_law.hpp"
#include "varimix/subordinator/subordinator.hpp"

namespace varimix {

/// The gamma law, with density beta^alpha / Gamma(alpha) y^{alpha-1} e^{-beta y} for y > 0. It has the shape alpha > 0
/// and the rate beta > 0, in the unit of 1/Y, and is the GIG with p = alpha, a = 2 beta, b = 0.
class Gamma : public GigLaw<Gamma> {
 public:
  static constexpr bool kUsesLogY = true;
  static constexpr const char* kName = "Gamma";
  static constexpr std::array<const char*, 2> kParameterNames = {"alpha", "beta"};

  /// Throws std::invalid_argument unless both are normal doubles > 0 and 2 beta is finite.
  Gamma(double alpha, double beta);
  [[nodiscard]] static Gamma from_parameters(const std::array<double, 2>& values) { return {values[0], values[1]}; }
  /// Solves log alpha - digamma(alpha) = log E[Y] - E[log Y], beta = alpha / E[Y]: moment matching, which is maximum
  /// likelihood here. E_inv_Y may be anything.
  /// Throws std::invalid_argument unless E_Y > 0 and E_log_Y < log E_Y, both finite; alpha is at most kLargestShape.
  [[nodiscard]] static Gamma from_expectation(double E_inv_Y, double E_Y, std::optional<double> E_log_Y = std::nullopt);
  /// Does the same over the parameters that are not held; log E_Y - E_log_Y below zero by rounding is the Gaussian
  /// limit.
  [[nodiscard]] static ShapeFit<Gamma> maximum_likelihood(double E_inv_Y, double E_Y, std::optional<double> E_log_Y,
                                                          const HeldParameters<Gamma>& held = {});

  [[nodiscard]] double alpha() const noexcept { return alpha_; }
  [[nodiscard]] double beta() const noexcept { return beta_; }
  [[nodiscard]] std::array<double, 2> parameters() const noexcept { return {alpha_, beta_}; }
  [[nodiscard]] GigParameters gig() const noexcept { return {alpha_, 2.0 * beta_, 0.0}; }
  /// Returns alpha log beta - log Gamma(alpha).
  [[nodiscard]] double log_constant() const noexcept;
  /// Returns the log density at y: -inf for y < 0, and the limit at 0. Accuracy: 1e-14 of max(1, |value|), but for the
  /// rounding of y itself, alpha and beta where alpha is large.
  [[nodiscard]] double log_prob(double y) const noexcept;
  /// Returns beta / (alpha - 1), or +inf for alpha <= 1.
  [[nodiscard]] double E_inv_Y() const noexcept;
  [[nodiscard]] double E_Y() const noexcept { return alpha_ / beta_; }
  /// Returns digamma(alpha) - log beta.
  [[nodiscard]] double E_log_Y() const noexcept;
  /// Returns the cumulants, of which the k-th is (k-1)! alpha / beta^k.
  [[nodiscard]] Cumulants cumulants() const noexcept;
  /// Returns theta = (-beta, alpha - 1), the natural parameters beside the sufficient statistics t = (Y, log Y).
  [[nodiscard]] std::array<double, 2> natural_parameters() const noexcept { return {-beta_, alpha_ - 1.0}; }
  /// Throws std::invalid_argument as the constructor does.
  [[nodiscard]] static Gamma from_natural(const std::array<double, 2>& theta) { return {theta[1] + 1.0, -theta[0]}; }
  /// Returns E[t], which from_expectation inverts.
  [[nodiscard]] std::array<double, 2> expectation_parameters() const noexcept { return {E_Y(), E_log_Y()}; }
  /// Returns the law of sY. Throws as the constructor does.
  [[nodiscard]] Gamma rescale_y(double s) const { return {alpha_, beta_ / s}; }
  /// Returns one draw (Marsaglia and Tsang 2000, ACM TOMS 26:363). For alpha < 1 it is a draw with shape alpha + 1
  /// times U^{1/alpha}, U uniform on (0, 1), in logarithms. A draw outside the normal doubles becomes the nearest of
  /// them, never 0: at alpha = 0.01 that happens once in 1200 draws.
  [[nodiscard]] double sample(CounterStream& stream) const noexcept;

  bool operator==(const Gamma&) const = default;

 private:
  double alpha_;
  double beta_;
};

static_assert(Subordinator<Gamma>);

}  // namespace varimix
