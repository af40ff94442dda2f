#include "shape_moves.hpp"

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>

#include "special/boost_policy.hpp"
#include "varimix/core/require.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix {
namespace {

/// Returns the derivative of the log density of Y in log alpha, alpha the shape and the rate (scale) of a gamma (inverse
/// gamma) law: alpha (log alpha + 1 - digamma(alpha) + log Y - Y), for the inverse law with 1/Y in place of Y.
double gamma_score(double alpha, double log_y, double y) {
  return alpha * (std::log(alpha) + 1.0 - boost::math::digamma(alpha, InfinityOnOverflow()) + log_y - y);
}

/// Returns alpha^2 trigamma(alpha) - alpha, the variance of gamma_score.
double gamma_information(double alpha) {
  return alpha * (alpha * boost::math::trigamma(alpha, InfinityOnOverflow()) - 1.0);
}

Vector one(double value) { return Vector::Constant(1, value); }

}  // namespace

double ShapeMoves<InverseGaussian>::scale(const InverseGaussian& law) { return law.mu_ig(); }

InverseGaussian ShapeMoves<InverseGaussian>::moved(const InverseGaussian& law, const Vector& by) {
  return {1.0, law.lam() * std::exp(by(0))};
}

// log f = (log z)/2 - z (Y + 1/Y - 2)/2 + ...
Vector ShapeMoves<InverseGaussian>::score(const InverseGaussian& law, const MomentsOfY& y) {
  return one(0.5 - 0.5 * law.lam() * (y.inv_y + y.y - 2.0));
}

Matrix ShapeMoves<InverseGaussian>::information(const InverseGaussian& /*law*/) { return Matrix::Constant(1, 1, 0.5); }

double ShapeMoves<Gamma>::scale(const Gamma& law) { return law.alpha() / law.beta(); }

Gamma ShapeMoves<Gamma>::moved(const Gamma& law, const Vector& by) {
  const double alpha = law.alpha() * std::exp(by(0));
  return {alpha, alpha};
}

Vector ShapeMoves<Gamma>::score(const Gamma& law, const MomentsOfY& y) {
  return one(gamma_score(law.alpha(), y.log_y, y.y));
}

Matrix ShapeMoves<Gamma>::information(const Gamma& law) {
  return Matrix::Constant(1, 1, gamma_information(law.alpha()));
}

double ShapeMoves<InverseGamma>::scale(const InverseGamma& law) { return law.beta() / law.alpha(); }

InverseGamma ShapeMoves<InverseGamma>::moved(const InverseGamma& law, const Vector& by) {
  const double alpha = law.alpha() * std::exp(by(0));
  return {alpha, alpha};
}

Vector ShapeMoves<InverseGamma>::score(const InverseGamma& law, const MomentsOfY& y) {
  return one(gamma_score(law.alpha(), -y.log_y, y.inv_y));
}

Matrix ShapeMoves<InverseGamma>::information(const InverseGamma& law) {
  return Matrix::Constant(1, 1, gamma_information(law.alpha()));
}

double ShapeMoves<GeneralizedInverseGaussian>::scale(const GeneralizedInverseGaussian& law) {
  require(law.a() > 0.0 && law.b() > 0.0, "model", "off the faces a = 0 and b = 0 of its family",
          law.a() > 0.0 ? "b = 0" : "a = 0");
  return std::sqrt(law.b() / law.a());
}

GeneralizedInverseGaussian ShapeMoves<GeneralizedInverseGaussian>::moved(const GeneralizedInverseGaussian& law,
                                                                         const Vector& by) {
  const double z = law.a() * std::exp(by(1));
  return {law.p() + by(0), z, z};
}

// log f = p log Y - z (Y + 1/Y)/2 - log K_p(z) + ...
Vector ShapeMoves<GeneralizedInverseGaussian>::score(const GeneralizedInverseGaussian& law, const MomentsOfY& y) {
  const double z = law.a();
  const BesselK k = bessel_k(law.p(), z);
  return Eigen::Vector2d(y.log_y - k.dlog_dnu, 0.5 * z * (k.ratio_plus + k.ratio_minus - y.inv_y - y.y));
}

Matrix ShapeMoves<GeneralizedInverseGaussian>::information(const GeneralizedInverseGaussian& law) {
  const double z = law.a();
  const BesselKDerivatives in = bessel_k_second_order(law.p(), z).derivatives;
  const double across = -0.5 * z * (in.dratio_minus_dnu + in.dratio_plus_dnu);
  Matrix information(2, 2);
  information << in.d2log_dnu2, across, across, -0.5 * z * z * (in.dratio_minus_dz + in.dratio_plus_dz);
  return information;
}

}  // namespace varimix
