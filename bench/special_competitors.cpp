#include "special_competitors.hpp"

#include <boost/math/special_functions/bessel.hpp>
#include <boost/version.hpp>
#include <cmath>
#include <vector>

#ifdef VARIMIX_BENCH_GSL
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_bessel.h>
#include <gsl/gsl_version.h>

#include <limits>
#endif

namespace varimix::bench {
namespace {

// With this policy a double stays a double, and an error is a value.
using BoostPolicy =
    boost::math::policies::policy<boost::math::policies::promote_double<false>,
                                  boost::math::policies::domain_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::pole_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::evaluation_error<boost::math::policies::ignore_error>>;

double boost_k(double nu, double z) { return boost::math::cyl_bessel_k(nu, z, BoostPolicy()); }

Quadruple boost_quadruple(double nu, double z) {
  const double k = boost_k(nu, z);
  return {
      .log_k = std::log(k),
      .ratio_minus = boost_k(nu - 1.0, z) / k,
      .ratio_plus = boost_k(nu + 1.0, z) / k,
      .dlog_dnu = (std::log(boost_k(nu + kOrderStep, z)) - std::log(boost_k(nu - kOrderStep, z))) / (2.0 * kOrderStep)};
}

std::string boost_version() {
  // BOOST_VERSION is major * 100000 + minor * 100 + patch.
  constexpr int kMajor = 100000;
  constexpr int kMinor = 100;
  return std::to_string(BOOST_VERSION / kMajor) + "." + std::to_string(BOOST_VERSION % kMajor / kMinor);
}

#ifdef VARIMIX_BENCH_GSL
double gsl_log_k(double nu, double z) {
  gsl_sf_result result;
  const int status = gsl_sf_bessel_lnKnu_e(std::abs(nu), z, &result);
  return status == GSL_SUCCESS ? result.val : std::numeric_limits<double>::quiet_NaN();
}

Quadruple gsl_quadruple(double nu, double z) {
  const double log_k = gsl_log_k(nu, z);
  return {.log_k = log_k,
          .ratio_minus = std::exp(gsl_log_k(nu - 1.0, z) - log_k),
          .ratio_plus = std::exp(gsl_log_k(nu + 1.0, z) - log_k),
          .dlog_dnu = (gsl_log_k(nu + kOrderStep, z) - gsl_log_k(nu - kOrderStep, z)) / (2.0 * kOrderStep)};
}
#endif

std::vector<Competitor> make_competitors() {
  std::vector<Competitor> list;
  list.push_back({"Boost", boost_version(), boost_k, boost_quadruple});
#ifdef VARIMIX_BENCH_GSL
  gsl_set_error_handler_off();  // GSL's handler would end the program
  list.push_back({"Gsl", GSL_VERSION, gsl_log_k, gsl_quadruple});
#endif
  return list;
}

}  // namespace

std::span<const Competitor> competitors() {
  static const std::vector<Competitor> list = make_competitors();
  return list;
}

}  // namespace varimix::bench
