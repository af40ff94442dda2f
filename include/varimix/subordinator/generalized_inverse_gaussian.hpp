#pragma once

#include <array>
#include <optional>

#include "varimix/subordinator/gig_law.hpp"
#include "varimix/subordinator/subordinator.hpp"

namespace varimix {

/// The generalised inverse Gaussian law (GIG), with density (a/b)^{p/2} / (2 K_p(sqrt(ab))) y^{p-1} exp(-(a y + b/y)/2)
/// for y > 0. The order p may have either sign; a >= 0 is in the unit of 1/Y, b >= 0 in that of Y. a = 0 is allowed for
/// p < 0 (the law is then InverseGamma(-p, b/2)) and b = 0 for p > 0 (Gamma(p, rate a/2)); on these two faces every
/// function is that of the law there.
class GeneralizedInverseGaussian : public GigLaw<GeneralizedInverseGaussian> {
 public:
  static constexpr bool kUsesLogY = true;
  static constexpr const char* kName = "GeneralizedInverseGaussian";
  static constexpr std::array<const char*, 3> kParameterNames = {"p", "a", "b"};

  /// Throws std::invalid_argument unless p is finite, |p| <= kLargestGigOrder, a and b are 0 or normal doubles > 0,
  /// a > 0 or p < 0, b > 0 or p > 0, and sqrt(ab) is 0 or a normal double.
  GeneralizedInverseGaussian(double p, double a, double b);
  [[nodiscard]] static GeneralizedInverseGaussian from_parameters(const std::array<double, 3>& values) {
    return {values[0], values[1], values[2]};
  }
  /// Returns the law with these three moments, which is the maximum of the likelihood. Where the maximum lies on a
  /// face, returns the face's law, of which two moments match. Throws std::invalid_argument unless E_inv_Y, E_Y > 0,
  /// E_inv_Y E_Y > 1 and -log E_inv_Y < E_log_Y < log E_Y. The accuracy is that of maximum_likelihood.
  [[nodiscard]] static GeneralizedInverseGaussian from_expectation(double E_inv_Y, double E_Y,
                                                                   std::optional<double> E_log_Y = std::nullopt);
  /// Returns the maximum over the parameters that are not held. Moments that are infeasible by rounding give the
  /// Gaussian limit, which is InverseGaussian(E_Y, kLargestShape E_Y). The likelihood is concave; its maximum lies
  /// inside, where all three moments match, or on a face.
  /// Accuracy: moments to kGigMomentResidual; the parameters are determined that well only where sqrt(ab) is moderate.
  [[nodiscard]] static ShapeFit<GeneralizedInverseGaussian> maximum_likelihood(
      double E_inv_Y, double E_Y, std::optional<double> E_log_Y,
      const HeldParameters<GeneralizedInverseGaussian>& held = {});

  [[nodiscard]] double p() const noexcept { return p_; }
  [[nodiscard]] double a() const noexcept { return a_; }
  [[nodiscard]] double b() const noexcept { return b_; }
  [[nodiscard]] std::array<double, 3> parameters() const noexcept { return {p_, a_, b_}; }
  [[nodiscard]] GigParameters gig() const noexcept { return {p_, a_, b_}; }
  /// Returns -gig_log_normaliser(p, a, b) - sqrt(ab), without cancellation of the two.
  [[nodiscard]] double log_constant() const noexcept;
  /// Returns the log density at y: -inf for y < 0, and the limit at 0.
  [[nodiscard]] double log_prob(double y) const noexcept;
  [[nodiscard]] double E_inv_Y() const noexcept;
  [[nodiscard]] double E_Y() const noexcept;
  [[nodiscard]] double E_log_Y() const noexcept;
  /// Accuracy: mean and variance 1e-13 relative; skewness and excess kurtosis 1e-13 relative to max(1, value), because
  /// the central moments are sums of positive terms.
  [[nodiscard]] Cumulants cumulants() const noexcept;
  /// Returns theta = (-b / 2, -a / 2, p - 1), the natural parameters beside the sufficient statistics
  /// t = (1/Y, Y, log Y).
  [[nodiscard]] std::array<double, 3> natural_parameters() const noexcept { return {-0.5 * b_, -0.5 * a_, p_ - 1.0}; }
  /// Throws std::invalid_argument as the constructor does.
  [[nodiscard]] static GeneralizedInverseGaussian from_natural(const std::array<double, 3>& theta) {
    return {theta[2] + 1.0, -2.0 * theta[1], -2.0 * theta[0]};
  }
  /// Returns E[t], which from_expectation inverts.
  [[nodiscard]] std::array<double, 3> expectation_parameters() const noexcept { return {E_inv_Y(), E_Y(), E_log_Y()}; }
  /// Returns the law of sY. Throws as the constructor does.
  [[nodiscard]] GeneralizedInverseGaussian rescale_y(double s) const { return {p_, a_ / s, b_ * s}; }
  /// Returns one draw, by rejection from a uniform centre with two exponential tails in log Y (Devroye 2014, Stat.
  /// Comput. 24:239): at most kGigMeanTrials trials in the mean for every p, a, b. On a face Gamma or InverseGamma
  /// makes the draw. A draw outside the normal doubles becomes the nearest of them.
  [[nodiscard]] double sample(CounterStream& stream) const noexcept;

  bool operator==(const GeneralizedInverseGaussian&) const = default;

 private:
  double p_;
  double a_;
  double b_;
};

static_assert(Subordinator<GeneralizedInverseGaussian>);

/// The largest |p| of a GeneralizedInverseGaussian: far above kLargestShape, where its laws are constants to rounding.
inline constexpr double kLargestGigOrder = 1e15;

/// A GIG draw takes fewer trials than this in the mean, whatever its parameters.
inline constexpr double kGigMeanTrials = 1.6;

/// The promised relative error of the moments of GeneralizedInverseGaussian::maximum_likelihood off the faces; the
/// error of E[log Y] is relative to max(1, |E[log Y]|).
inline constexpr double kGigMomentResidual = 1e-12;

}  // namespace varimix
