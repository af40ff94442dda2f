#include "chi_square.hpp"

#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/fraction.hpp>
#include <cmath>
#include <limits>
#include <utility>

#include "special/boost_policy.hpp"

namespace varimix {
namespace {

/// The continued fraction of Legendre for the upper incomplete gamma function (DLMF 8.9.2, contracted), whose value is
/// Gamma(a, z) = z^a e^{-z} / (z + 1 - a + K): its terms are k (a - k) over z + 2k + 1 - a, k = 1, 2, ...
class UpperGammaFraction {
 public:
  using result_type = std::pair<double, double>;  // NOLINT(readability-identifier-naming): Boost asks for this name
  UpperGammaFraction(double a, double z) : a_(a), z_(z - a + 1.0) {}
  result_type operator()() {
    k_ += 1.0;
    z_ += 2.0;
    return {k_ * (a_ - k_), z_};
  }

 private:
  double a_, z_;
  double k_ = 0.0;
};

}  // namespace

double chi_square_sf(double x, double degrees) {
  return x <= 0.0 ? 1.0 : boost::math::gamma_q(0.5 * degrees, 0.5 * x, InfinityOnOverflow());
}

double log_chi_square_sf(double x, double degrees) {
  const double sf = chi_square_sf(x, degrees);
  if (sf >= std::numeric_limits<double>::min() || std::isinf(x)) return std::log(sf);
  // So far out z is above a, and the fraction converges fast.
  const double a = 0.5 * degrees;
  const double z = 0.5 * x;
  UpperGammaFraction terms(a, z);
  const double fraction = boost::math::tools::continued_fraction_a(terms, std::numeric_limits<double>::epsilon());
  // continued_fraction_a gives a_1 / (b_1 + a_2 / (b_2 + ...)).
  return a * std::log(z) - z - boost::math::lgamma(a) - std::log(z + 1.0 - a + fraction);
}

}  // namespace varimix
