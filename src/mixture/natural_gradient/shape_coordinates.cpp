#include "shape_coordinates.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <utility>

#include "mixture/families.hpp"
#include "subordinator/gamma_functions.hpp"
#include "varimix/mixture/law_difference.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix {
namespace {

// Beyond these a law of one shape is Gaussian to four digits, or so heavy that its scale is no longer identified.
constexpr double kLeastU = 1e-4;
constexpr double kLargestU = 1e4;
// Below this alpha the density of a VarianceGamma is infinite at mu in any dimension, and its likelihood has no maximum.
constexpr double kLeastAlpha = 0.2;
// Beyond these the shape of a GIG is not told from its limits: the faces, and the Gaussian.
constexpr double kLargestOrder = 40.0;
constexpr double kLeastLogZ = -5.0;
constexpr double kLargestLogZ = 6.0;

double u_of(double psi) { return std::exp(psi) - kShapeShift; }
double psi_of(double u) { return std::log(u + kShapeShift); }

/// Returns the bounds of psi of a law of one shape.
template <Subordinator S>
std::pair<double, double> bounds(double least_alpha) {
  const double largest = std::same_as<S, InverseGaussian> ? kLargestU : 1.0 / std::max(kLeastAlpha, least_alpha);
  return {psi_of(kLeastU), psi_of(largest)};
}

double u_of(const InverseGaussian& law) { return law.mu_ig() / law.lam(); }
double u_of(const Gamma& law) { return 1.0 / law.alpha(); }
double u_of(const InverseGamma& law) { return 1.0 / law.alpha(); }

/// Returns the derivative in psi of 1/u: -(u + 0.1) / u^2.
double slope_of_inverse(double u) { return -(u + kShapeShift) / (u * u); }

ShapePoint point_of(const InverseGaussian& law) {
  const double u = u_of(law);
  const double slope = slope_of_inverse(u);
  ShapePoint point{.law = law.gig(), .mean = {1.0 + u, 1.0, 0.0}, .slope = {}, .information = {}};
  point.slope = Eigen::Vector3d(-0.5 * slope, -0.5 * slope, 0.0);
  // Var(1/Y) = u + 2 u^2, Var(Y) = u, Cov = -u
  point.information = ShapePoint::Square::Constant(1, 1, 0.5 * u * u * slope * slope);
  return point;
}

ShapePoint point_of(const Gamma& law) {
  const double slope = slope_of_inverse(u_of(law));
  ShapePoint point{
      .law = law.gig(), .mean = {law.E_inv_Y(), 1.0, -log_minus_digamma(law.alpha())}, .slope = {}, .information = {}};
  point.slope = Eigen::Vector3d(0.0, -slope, slope);
  point.information = ShapePoint::Square::Constant(1, 1, -log_minus_digamma_slope(law.alpha()) * slope * slope);
  return point;
}

ShapePoint point_of(const InverseGamma& law) {
  const double slope = slope_of_inverse(u_of(law));
  ShapePoint point{
      .law = law.gig(), .mean = {1.0, law.E_Y(), log_minus_digamma(law.alpha())}, .slope = {}, .information = {}};
  point.slope = Eigen::Vector3d(-slope, 0.0, -slope);
  point.information = ShapePoint::Square::Constant(1, 1, -log_minus_digamma_slope(law.alpha()) * slope * slope);
  return point;
}

ShapePoint point_of(const GeneralizedInverseGaussian& law) {
  const GigParameters gig = law.gig();
  const double z = std::sqrt(gig.a) * std::sqrt(gig.b);
  const auto [value, in] = bessel_k_second_order(gig.p, z);
  const double r = value.ratio_plus;
  ShapePoint point{.law = gig,
                   .mean = {r * value.ratio_minus, 1.0, value.dlog_dnu - std::log(r)},
                   .slope = ShapePoint::Columns(3, 2),
                   .information = {}};
  const double log_r_p = in.dratio_plus_dnu / r;                         // d log r / dp
  const double log_r_z = z * in.dratio_plus_dz / r;                      // d log r / d log z
  point.slope << 0.5 * gig.b * log_r_p, -0.5 * gig.b * (1.0 - log_r_z),  //
      -0.5 * gig.a * log_r_p, -0.5 * gig.a * (1.0 + log_r_z),            //
      1.0, 0.0;
  Eigen::Matrix<double, 3, 2> moved;  // dE[t] / dpsi; E[Y] = 1 stays
  const double inv_y = point.mean(0);
  moved << inv_y * (log_r_p + in.dratio_minus_dnu / value.ratio_minus),
      inv_y * (log_r_z + z * in.dratio_minus_dz / value.ratio_minus),  //
      0.0, 0.0,                                                        //
      in.d2log_dnu2 - log_r_p, -0.5 * z * (in.dratio_minus_dnu + in.dratio_plus_dnu) - log_r_z;
  const Eigen::Matrix2d product = point.slope.transpose() * moved;
  point.information = 0.5 * (product + product.transpose());
  return point;
}

template <Subordinator S>
constexpr bool kIsGig = std::same_as<S, GeneralizedInverseGaussian>;

}  // namespace

template <Subordinator S>
double ShapeCoordinates<S>::scale(const S& law) {
  if constexpr (std::same_as<S, InverseGamma>) {
    return 1.0 / law.E_inv_Y();
  } else {
    return std::isfinite(law.E_Y()) ? law.E_Y() : y_at_mode_of_log_y(law.gig());
  }
}

template <Subordinator S>
ShapeVector<S> ShapeCoordinates<S>::shape(const S& law, double least_alpha) {
  if constexpr (kIsGig<S>) {
    const GigParameters gig = law.gig();
    return within_bounds({gig.p, std::log(std::sqrt(gig.a) * std::sqrt(gig.b))}, least_alpha);
  } else {
    return within_bounds(ShapeVector<S>(psi_of(u_of(law))), least_alpha);
  }
}

template <Subordinator S>
S ShapeCoordinates<S>::law(const ShapeVector<S>& psi) {
  if constexpr (kIsGig<S>) {
    const double z = std::exp(psi(1));
    const double ratio = bessel_k(psi(0), z).ratio_plus;
    return {psi(0), z * ratio, z / ratio};
  } else {
    const double shape = 1.0 / u_of(psi(0));
    if constexpr (std::same_as<S, InverseGaussian>)
      return {1.0, shape};
    else
      return {shape, shape};
  }
}

template <Subordinator S>
ShapePoint ShapeCoordinates<S>::point(const ShapeVector<S>& psi) {
  return point_of(law(psi));
}

template <Subordinator S>
ShapeVector<S> ShapeCoordinates<S>::within_bounds(const ShapeVector<S>& psi, double least_alpha) {
  if constexpr (kIsGig<S>) {
    return {std::clamp(psi(0), -kLargestOrder, kLargestOrder), std::clamp(psi(1), kLeastLogZ, kLargestLogZ)};
  } else {
    const auto [low, high] = bounds<S>(least_alpha);
    return ShapeVector<S>(std::clamp(psi(0), low, high));
  }
}

template <Subordinator S>
ShapeLimit ShapeCoordinates<S>::limit(const ShapeVector<S>& psi, double least_alpha) {
  constexpr double kRounding = 1e-9;  // a shape is made anew from its law, and at the bound only to rounding
  if constexpr (kIsGig<S>) {
    if (psi(1) > kLargestLogZ - kRounding || std::abs(psi(0)) > kLargestOrder - kRounding) {
      return ShapeLimit::kParameterBound;
    }
    if (psi(1) > kLeastLogZ + kRounding) return ShapeLimit::kNone;
    return psi(0) > 0.0 ? ShapeLimit::kGammaFace : ShapeLimit::kInverseGammaFace;
  } else {
    const auto [low, high] = bounds<S>(least_alpha);
    if (psi(0) < low + kRounding) return ShapeLimit::kGaussian;
    return psi(0) > high - kRounding ? ShapeLimit::kParameterBound : ShapeLimit::kNone;
  }
}

#define VARIMIX_INSTANTIATE(S) template struct ShapeCoordinates<S>;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
