#include "varimix/subordinator/generalized_inverse_gaussian.hpp"

#include <cmath>
#include <limits>

#include "gig_functions.hpp"
#include "moment_checks.hpp"
#include "special/gig_mode.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"

namespace varimix {
namespace {

/// Returns face(law) with the law that the GIG is where it lies on a face, and inside() elsewhere.
template <class Face, class Inside>
auto on_face_or(const GigParameters& gig, Face&& face, Inside&& inside) {
  if (gig.b == 0.0) return face(Gamma(gig.p, 0.5 * gig.a));
  if (gig.a == 0.0) return face(InverseGamma(-gig.p, 0.5 * gig.b));
  return inside();
}

/// Return sqrt(ab) and sqrt(b/a), which neither overflow nor underflow where ab and b/a would.
double concentration(const GigParameters& gig) { return std::sqrt(gig.a) * std::sqrt(gig.b); }
double unit_of(const GigParameters& gig) { return std::sqrt(gig.b) / std::sqrt(gig.a); }

bool is_weight(double x) { return x == 0.0 || (std::isnormal(0.5 * x) && x > 0.0); }

}  // namespace

GeneralizedInverseGaussian::GeneralizedInverseGaussian(double p, double a, double b) : p_(p), a_(a), b_(b) {
  require(std::abs(p) <= kLargestGigOrder, "p", "finite, of absolute value at most 1e15", p);
  require(is_weight(a) && (a > 0.0 || p < 0.0), "a", "finite and > 0, or 0 with p < 0", a);
  require(is_weight(b) && (b > 0.0 || p > 0.0), "b", "finite and > 0, or 0 with p > 0", b);
}

GeneralizedInverseGaussian GeneralizedInverseGaussian::from_expectation(double E_inv_Y, double E_Y,
                                                                        std::optional<double> E_log_Y) {
  require_moment(E_inv_Y, "E_inv_Y");
  require_moment(E_Y, "E_Y");
  const double log_y = required_log_moment(E_log_Y);
  require(E_inv_Y > 1.0 / E_Y, "E_inv_Y", "> 1 / E_Y", E_inv_Y);
  require(log_y < std::log(E_Y), "E_log_Y", "< log E_Y", log_y);
  require(log_y > -std::log(E_inv_Y), "E_log_Y", "> -log E_inv_Y", log_y);
  return maximum_likelihood(E_inv_Y, E_Y, log_y).law;
}

double GeneralizedInverseGaussian::log_constant() const noexcept {
  return on_face_or(
      gig(), [](const auto& law) { return law.log_constant(); },
      [&] {
        return -p_ * (0.5 * (std::log(b_) - std::log(a_))) - kLogTwo - bessel_k(p_, concentration(gig())).log_scaled;
      });
}

double GeneralizedInverseGaussian::log_prob(double y) const noexcept {
  if (std::isnan(y)) return y;
  return on_face_or(
      gig(), [y](const auto& law) { return law.log_prob(y); },
      [&] {
        if (!(y > 0.0) || std::isinf(y)) return -std::numeric_limits<double>::infinity();
        const double log_y = std::log(y);
        if (const GigMode mode(p_, a_, b_); mode.is_sound()) return mode.log_density_of_log(y) - log_y;
        const double tau = log_y - 0.5 * (std::log(b_) - std::log(a_));
        // (a y + b/y)/2 - sqrt(ab) = (sqrt(a y) - sqrt(b/y))^2 / 2.
        const double root = std::sqrt(a_) * std::sqrt(y) - std::sqrt(b_) / std::sqrt(y);
        return p_ * tau - 0.5 * root * root - kLogTwo - bessel_k(p_, concentration(gig())).log_scaled - log_y;
      });
}

double GeneralizedInverseGaussian::E_inv_Y() const noexcept {
  return on_face_or(
      gig(), [](const auto& law) { return law.E_inv_Y(); },
      [&] { return bessel_k(p_, concentration(gig())).ratio_minus / unit_of(gig()); });
}

double GeneralizedInverseGaussian::E_Y() const noexcept {
  return on_face_or(
      gig(), [](const auto& law) { return law.E_Y(); },
      [&] { return bessel_k(p_, concentration(gig())).ratio_plus * unit_of(gig()); });
}

double GeneralizedInverseGaussian::E_log_Y() const noexcept {
  return on_face_or(
      gig(), [](const auto& law) { return law.E_log_Y(); },
      [&] { return bessel_k(p_, concentration(gig())).dlog_dnu + 0.5 * (std::log(b_) - std::log(a_)); });
}

Cumulants GeneralizedInverseGaussian::cumulants() const noexcept {
  return on_face_or(
      gig(), [](const auto& law) { return law.cumulants(); }, [&] { return gig_cumulants(p_, a_, b_); });
}

double GeneralizedInverseGaussian::sample(CounterStream& stream) const noexcept {
  return on_face_or(
      gig(), [&](const auto& law) { return law.sample(stream); }, [&] { return sample_gig(stream, p_, a_, b_); });
}

}  // namespace varimix
