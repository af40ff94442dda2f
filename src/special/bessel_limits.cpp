#include "bessel_limits.hpp"

#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>

#include "boost_policy.hpp"

namespace varimix {
namespace {

// Returns the slope of K_{nu-1}/K_nu in z at z = 0. The ratio is z / (2 (nu - 1)) for nu > 1, otherwise about
// z^{2 nu - 1}.
double slope_at_zero(double nu) noexcept {
  if (nu > 1.0) return 0.5 / (nu - 1.0);
  if (nu == 0.5) return 0.0;
  return nu > 0.5 ? kInfinity : -kInfinity;
}

// Returns the limit as z -> 0 for nu >= 0, where K_nu ~ Gamma(nu) (2/z)^nu / 2 for nu > 0 and K_0 ~ log(2/z).
BesselKSecondOrder limit_at_zero(double nu) noexcept {
  BesselKSecondOrder k{};
  k.value.log_k = kInfinity;
  k.value.log_scaled = kInfinity;
  k.value.ratio_minus = nu > 0.5 ? 0.0 : (nu < 0.5 ? kInfinity : 1.0);
  k.value.ratio_plus = kInfinity;
  k.value.dlog_dnu = nu > 0.0 ? kInfinity : 0.0;
  k.derivatives = {.d2log_dnu2 = nu > 0.0 ? boost::math::trigamma(nu, InfinityOnOverflow()) : kInfinity,
                   .dratio_minus_dnu = nu > 0.5 ? 0.0 : -kInfinity,
                   .dratio_plus_dnu = kInfinity,
                   .dratio_minus_dz = slope_at_zero(nu),
                   .dratio_plus_dz = -kInfinity};
  return k;
}

}  // namespace

BesselKSecondOrder bessel_limit(double nu, double z) noexcept {
  const bool beyond = std::abs(nu) > kLargestFiniteOrder && !std::isinf(nu);
  if (std::isnan(nu) || !(z >= 0.0) || beyond) return {{kNan, kNan, kNan, kNan, kNan}, {kNan, kNan, kNan, kNan, kNan}};
  if (std::isinf(z)) return {{-z, -z, 1.0, 1.0, 0.0}, {0.0, 0.0, 0.0, 0.0, 0.0}};
  const double v = std::abs(nu);
  const BesselKSecondOrder k =
      std::isinf(v) ? BesselKSecondOrder{{v, v, 0.0, v, v}, {0.0, 0.0, 2.0 / z, 0.0, -v}} : limit_at_zero(v);
  return nu < 0.0 ? reflected(k) : k;
}

BesselKSecondOrder reflected(const BesselKSecondOrder& k) noexcept {
  const BesselK& value = k.value;
  const BesselKDerivatives& slopes = k.derivatives;
  return {{value.log_k, value.log_scaled, value.ratio_plus, value.ratio_minus, -value.dlog_dnu},
          {slopes.d2log_dnu2, -slopes.dratio_plus_dnu, -slopes.dratio_minus_dnu, slopes.dratio_plus_dz,
           slopes.dratio_minus_dz}};
}

}  // namespace varimix
