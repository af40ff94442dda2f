#include <cmath>

#include "support/close.hpp"
#include "support/properties.hpp"
#include "support/subordinators.hpp"

namespace varimix::tests {
namespace {

using Gig = GeneralizedInverseGaussian;

/// The number of laws in one case of a property: RapidCheck's 60 cases make thousands.
constexpr int kLawsPerCase = 100;

double uniform(CounterStream& stream, double low, double high) { return low + (high - low) * stream.uniform(); }

CounterStream any_stream() {
  return {Key{any_seed()}, StreamPurpose::kModelRows, static_cast<std::uint64_t>(*rc::gen::inRange(0, 1000))};
}

/// Draws a GIG with sqrt(ab) from 1e-6 to 1e4, |p| from 1e-3 to 1e3 and sqrt(b/a) from 1e-3 to 1e3.
Gig any_gig(CounterStream& stream) {
  const double z = std::pow(10.0, uniform(stream, -6.0, 4.0));
  const double size = std::pow(10.0, uniform(stream, -3.0, 3.0));
  const double unit = std::pow(10.0, uniform(stream, -3.0, 3.0));
  return {stream.uniform() < 0.5 ? -size : size, z / unit, z * unit};
}

double largest_residual(const Gig& law, double s1, double s2, double s3) {
  return std::max(
      {relative_error(law.E_inv_Y(), s1), relative_error(law.E_Y(), s2), logarithm_error(law.E_log_Y(), s3)});
}

/// Fails the property unless the fit is a maximum: inside, all moments match; on a face two do, and the slope in the
/// parameter that is 0 points outward.
void is_maximum(const ShapeFit<Gig>& fit, double s1, double s2, double s3) {
  if (fit.limit == ShapeLimit::kNone) {
    hold(::testing::AssertionResult(largest_residual(fit.law, s1, s2, s3) <= kGigMomentResidual)
         << "p " << fit.law.p() << " a " << fit.law.a() << " b " << fit.law.b());
    return;
  }
  RC_ASSERT(fit.limit == ShapeLimit::kGammaFace || fit.limit == ShapeLimit::kInverseGammaFace);
  hold(::testing::AssertionResult(logarithm_error(fit.law.E_log_Y(), s3) <= kGigMomentResidual));
  const bool is_gamma = fit.limit == ShapeLimit::kGammaFace;
  RC_ASSERT((is_gamma ? fit.law.b() : fit.law.a()) == 0.0);
  hold(is_close(is_gamma ? fit.law.E_Y() : fit.law.E_inv_Y(), is_gamma ? s2 : s1, kGigMomentResidual));
  const double missed = is_gamma ? fit.law.E_inv_Y() / s1 : fit.law.E_Y() / s2;
  // The face is chosen up to rounding: where its tail is heavy, log s1 + s3 and log s2 - s3 do not resolve E[1/Y] or
  // E[Y].
  const bool tail_is_near = is_gamma ? fit.law.p() > 2.0 : fit.law.p() < -2.0;
  if (tail_is_near) RC_ASSERT(missed <= 1.0 + 1e-9);
}

RC_GTEST_PROP(GigMaximumLikelihood, MatchesTheMomentsOfAnyLaw, ()) {
  CounterStream stream = any_stream();
  for (int k = 0; k < kLawsPerCase; ++k) {
    const Gig law = any_gig(stream);
    const double s1 = law.E_inv_Y();
    const double s2 = law.E_Y();
    if (std::fma(s1, s2, -1.0) < 1e-6) continue;  // next to the Gaussian limit rounding makes the moments infeasible
    const double s3 = law.E_log_Y();
    is_maximum(Gig::maximum_likelihood(s1, s2, s3), s1, s2, s3);
  }
}

RC_GTEST_PROP(GigMaximumLikelihood, IsFoundForAnyFeasibleMoments, ()) {
  CounterStream stream = any_stream();
  for (int k = 0; k < kLawsPerCase; ++k) {
    const double sum = std::pow(10.0, uniform(stream, -5.5, 1.5));
    // log s1 + s3 is this share of S = log s1 + log s2: anywhere between 0 and 1, and often close to either end.
    double share = stream.uniform();
    if (stream.uniform() < 0.5) share = std::pow(10.0, -6.0 * share);
    if (stream.uniform() < 0.5) share = 1.0 - share;
    const double s = std::exp(0.5 * sum);
    const double s3 = sum * (share - 0.5);
    if (!(s3 > -0.5 * sum && s3 < 0.5 * sum)) continue;
    const auto fit = Gig::maximum_likelihood(s, s, s3);
    if (fit.limit != ShapeLimit::kGaussian) is_maximum(fit, s, s, s3);
  }
}

RC_GTEST_PROP(GigMaximumLikelihood, MovesWithTheUnitOfY, ()) {
  CounterStream stream = any_stream();
  for (int k = 0; k < kLawsPerCase; ++k) {
    const double sum = std::pow(10.0, uniform(stream, -2.0, 1.0));
    const double share = stream.uniform();
    const double s = std::exp(0.5 * sum);
    const double s3 = sum * (share - 0.5);
    const double unit = std::exp2(std::round(uniform(stream, -60.0, 60.0)));
    const auto fit = Gig::maximum_likelihood(s, s, s3);
    const auto moved = Gig::maximum_likelihood(s / unit, s * unit, s3 + std::log(unit));
    // The rounding of s3 + log(unit) is up to 60 times that of s3.
    hold(is_close(moved.law.E_Y(), unit * fit.law.E_Y(), 1e-11));
  }
}

/// Fails the property unless the law is a maximum over the parameters that are not held: the slopes of the likelihood
/// are 0, or point outward at b = 0 and a = 0.
void is_maximum_over_the_rest(const Gig& law, const HeldParameters<Gig>& held, double s1, double s2, double s3) {
  if (!held.values[0]) RC_ASSERT(logarithm_error(law.E_log_Y(), s3) <= kGigMomentResidual);
  const double by_a = law.E_Y() / s2 - 1.0;
  const double by_b = law.E_inv_Y() / s1 - 1.0;
  if (!held.values[1]) RC_ASSERT((law.a() == 0.0 ? by_a : std::abs(by_a)) <= kGigMomentResidual);
  if (!held.values[2]) RC_ASSERT((law.b() == 0.0 ? by_b : std::abs(by_b)) <= kGigMomentResidual);
}

RC_GTEST_PROP(GigMaximumLikelihood, HoldsAnySubsetOfItsParameters, ()) {
  CounterStream stream = any_stream();
  for (int k = 0; k < kLawsPerCase; ++k) {
    const double sum = std::pow(10.0, uniform(stream, -2.0, 0.5));
    const double s = std::exp(0.5 * sum);
    const double s3 = sum * (uniform(stream, 0.01, 0.99) - 0.5);
    const auto bits = 1 + stream.below(6);
    HeldParameters<Gig> held;
    if ((bits & 1U) != 0) held.values[0] = uniform(stream, -6.0, 6.0);
    if ((bits & 2U) != 0) held.values[1] = std::pow(10.0, uniform(stream, -2.0, 2.0));
    if ((bits & 4U) != 0) held.values[2] = std::pow(10.0, uniform(stream, -2.0, 2.0));
    const auto fit = Gig::maximum_likelihood(s, s, s3, held);
    const std::array<double, 3> found = fit.law.parameters();
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (held.values[i]) RC_ASSERT(found[i] == *held.values[i]);
    }
    is_maximum_over_the_rest(fit.law, held, s, s, s3);
  }
}

// The smaller tail has full relative accuracy, so that at a quantile it is the level again, within the conditioning of
// y.
RC_GTEST_PROP(GigTails, QuantilesInvertThem, ()) {
  CounterStream stream = any_stream();
  for (int k = 0; k < 20; ++k) {
    const Gig law = any_gig(stream);
    const double q = std::pow(10.0, uniform(stream, -250.0, -0.31));
    for (const double y : {law.ppf(q), law.isf(q)}) {
      if (!std::isnormal(y)) continue;  // the quantile is beyond the normal doubles
      const double back = y < std::exp(law.E_log_Y()) ? law.cdf(y) : law.sf(y);
      const double scale =
          -std::log(q) + y * std::exp(law.log_prob(y) - std::log(q)) * std::max(1.0, std::abs(std::log(y)));
      if (q < 0.1) RC_ASSERT(relative_error(back, q) <= 1e-14 * scale);
    }
  }
}

}  // namespace
}  // namespace varimix::tests
