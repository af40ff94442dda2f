#include <algorithm>
#include <array>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "bessel_arrays.hpp"
#include "bessel_limits.hpp"
#include "boost_policy.hpp"
#include "result_array.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix {
namespace {

struct Moments {
  double log_normalizer, inv_y, y, log_y;
};

/// Returns true if gig_arrays has nothing to compute: u is 0, inf, NaN or negative, or |nu| is too large. A subnormal u
/// is computed, because its root is a normal double.
bool is_gig_limit(double nu, double u) { return !(u > 0.0 && u < kInfinity && std::abs(nu) <= kLargestFiniteOrder); }

/// Returns the moments in the limits: at u = 0 those of Gamma(nu, rate 1/2) for nu > 0, otherwise of Y = 0; at u = inf
/// of Y = inf. They are NaN for other arguments.
Moments gig_limit(double nu, double u) {
  if (!(u >= 0.0) || !(std::abs(nu) <= kLargestFiniteOrder)) return {kNan, kNan, kNan, kNan};
  if (u > 0.0) {  // e^z K_nu(z) falls like sqrt(pi / (2 z))
    const double log_normalizer = nu == 0.5 ? 0.5 * kLogTwoPi : std::copysign(kInfinity, nu - 0.5);
    return {log_normalizer, 0.0, kInfinity, kInfinity};
  }
  if (!(nu > 0.0)) return {kInfinity, kInfinity, 0.0, -kInfinity};
  return {boost::math::lgamma(nu, InfinityOnOverflow()) + nu * kLogTwo, nu > 1.0 ? 0.5 / (nu - 1.0) : kInfinity,
          2.0 * nu, boost::math::digamma(nu, InfinityOnOverflow()) + kLogTwo};
}

void set(double* array, std::size_t i, double value) {
  if (array != nullptr) array[i] = value;
}

}  // namespace

void gig_moments(double nu, std::span<const double> u, const GigMomentArrays& out) noexcept {
  constexpr std::size_t kRows = 256;
  std::array<double, kRows> z;
  for (std::size_t first = 0; first < u.size(); first += kRows) {
    const std::size_t count = std::min(kRows, u.size() - first);
    bool any_limit = false;
    for (std::size_t i = 0; i < count; ++i) {
      const double value = u[first + i];
      any_limit |= is_gig_limit(nu, value);
      z[i] = std::sqrt(value);
    }
    std::array<double, kRows> given;  // kept: `out` may be the same memory as u
    if (any_limit) std::copy_n(u.data() + first, count, given.data());
    simd::gig_arrays(nu, u.data() + first, z.data(), count,
                     {.log_normalizer = advanced(out.log_normalizer, first),
                      .inv_y = advanced(out.inv_y, first),
                      .y = advanced(out.y, first),
                      .log_y = advanced(out.log_y, first)});
    for (std::size_t i = 0; any_limit && i < count; ++i) {
      if (!is_gig_limit(nu, given[i])) continue;
      const Moments moments = gig_limit(nu, given[i]);
      set(out.log_normalizer, first + i, moments.log_normalizer);
      set(out.inv_y, first + i, moments.inv_y);
      set(out.y, first + i, moments.y);
      set(out.log_y, first + i, moments.log_y);
    }
  }
}

}  // namespace varimix
