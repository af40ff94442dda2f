#pragma once

#include <array>
#include <optional>

#include "varimix/subordinator/gig_law.hpp"
#include "varimix/subordinator/subordinator.hpp"

namespace varimix {

/// The inverse Gaussian law, with density sqrt(lam / (2 pi y^3)) exp(-lam (y - mu_ig)^2 / (2 mu_ig^2 y)) for y > 0. It
/// has the mean mu_ig > 0 and the shape lam > 0, both in the unit of Y, and is the GIG with p = -1/2,
/// a = lam / mu_ig^2, b = lam.
class InverseGaussian : public GigLaw<InverseGaussian> {
 public:
  /// E[log Y] does not enter its maximum likelihood.
  static constexpr bool kUsesLogY = false;
  static constexpr const char* kName = "InverseGaussian";
  static constexpr std::array<const char*, 2> kParameterNames = {"mu_ig", "lam"};

  /// Throws std::invalid_argument unless both are finite and > 0, with lam / mu_ig^2 a normal double.
  InverseGaussian(double mu_ig, double lam);
  [[nodiscard]] static InverseGaussian from_parameters(const std::array<double, 2>& values) {
    return {values[0], values[1]};
  }
  /// Takes mu_ig = E[Y], 1/lam = E[1/Y] - 1/E[Y]: moment matching, which is maximum likelihood here.
  /// Throws std::invalid_argument unless E_Y > 0 and E_inv_Y E_Y > 1.
  [[nodiscard]] static InverseGaussian from_expectation(double E_inv_Y, double E_Y,
                                                        std::optional<double> E_log_Y = std::nullopt);
  /// Does the same over the parameters that are not held; a tail weight E_inv_Y E_Y - 1 below kGaussianTailWeight, or
  /// below zero by rounding, is the Gaussian limit, lam = kLargestShape E_Y.
  [[nodiscard]] static ShapeFit<InverseGaussian> maximum_likelihood(double E_inv_Y, double E_Y,
                                                                    std::optional<double> E_log_Y = std::nullopt,
                                                                    const HeldParameters<InverseGaussian>& held = {});

  [[nodiscard]] double mu_ig() const noexcept { return mu_ig_; }
  [[nodiscard]] double lam() const noexcept { return lam_; }
  [[nodiscard]] std::array<double, 2> parameters() const noexcept { return {mu_ig_, lam_}; }
  [[nodiscard]] GigParameters gig() const noexcept;
  /// Returns log sqrt(lam / (2 pi)); the factor exp(lam / mu_ig) of the density's constant is left out.
  [[nodiscard]] double log_constant() const noexcept;
  /// Returns the log density at y, -inf for y <= 0.
  [[nodiscard]] double log_prob(double y) const noexcept;
  [[nodiscard]] double E_inv_Y() const noexcept { return 1.0 / mu_ig_ + 1.0 / lam_; }
  [[nodiscard]] double E_Y() const noexcept { return mu_ig_; }
  /// Returns log mu_ig + d/dp log K_p(lam / mu_ig) at p = -1/2.
  [[nodiscard]] double E_log_Y() const noexcept;
  /// Returns the mean m = mu_ig, then m^3/lam, 3 m^5/lam^2, 15 m^7/lam^3.
  [[nodiscard]] Cumulants cumulants() const noexcept;
  /// Returns theta = (-lam / 2, -lam / (2 mu_ig^2)), the natural parameters beside the sufficient statistics
  /// t = (1/Y, Y), with y^{-3/2} dy as the reference measure.
  [[nodiscard]] std::array<double, 2> natural_parameters() const noexcept { return {-0.5 * lam_, -0.5 * gig().a}; }
  /// Throws std::invalid_argument as the constructor does.
  [[nodiscard]] static InverseGaussian from_natural(const std::array<double, 2>& theta);
  /// Returns E[t], which from_expectation inverts.
  [[nodiscard]] std::array<double, 2> expectation_parameters() const noexcept { return {E_inv_Y(), E_Y()}; }
  /// Returns the law of sY. Throws as the constructor does.
  [[nodiscard]] InverseGaussian rescale_y(double s) const { return {mu_ig_ * s, lam_ * s}; }
  /// Returns one draw (Michael, Schucany and Haas 1976, Am. Stat. 30:88, in the form that does not cancel).
  [[nodiscard]] double sample(CounterStream& stream) const noexcept;

  bool operator==(const InverseGaussian&) const = default;

 private:
  double mu_ig_;
  double lam_;
};

static_assert(Subordinator<InverseGaussian>);

}  // namespace varimix
