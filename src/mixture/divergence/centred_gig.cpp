#include "centred_gig.hpp"

#include <boost/math/special_functions/log1p.hpp>
#include <cmath>

#include "special/boost_policy.hpp"

namespace varimix {
namespace {

double root_product(const GigParameters& gig) { return std::sqrt(gig.a) * std::sqrt(gig.b); }

double sum_of_exponentials(const CentredGig& law) {
  const double step = centred_step(law.w());
  double sum = 0.0;
  for_each_log_y(
      step, 0.0, [&](double t) { return law.exponent(t); }, [&](double /*t*/, double h) { sum += std::exp(h); });
  return step * sum;
}

}  // namespace

CentredGig::CentredGig(const GigParameters& gig)
    : p_(gig.p), w_(std::hypot(gig.p, root_product(gig))), h_(gig.p, root_product(gig)) {
  log_integral_ = w_ < kCentredNodesFrom ? gig_log_normaliser(p_, a(), b()) + w_ : std::log(sum_of_exponentials(*this));
}

CentredMoments centred_moments(const CentredGig& law) {
  double total = 0.0;
  CentredMoments sum{};
  for_each_log_y(
      centred_step(law.w()), 1.0, [&](double t) { return law.exponent(t); },
      [&](double t, double h) {
        const double weight = std::exp(h);
        total += weight;
        sum.up += weight * exp_minus_one_minus(t);
        sum.down += weight * exp_minus_one_minus(-t);
        sum.sinh += weight * std::sinh(t);
      });
  return {sum.up / total, sum.down / total, sum.sinh / total};
}

double exp_minus_one_minus(double x) noexcept {
  // With y = e^x - 1 the result is y - log(1 + y).
  const double y = std::expm1(x);
  return std::abs(y) < 0.5 ? -boost::math::log1pmx(y, InfinityOnOverflow()) : y - x;
}

}  // namespace varimix
