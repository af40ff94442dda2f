#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "support/close.hpp"
#include "support/subordinators.hpp"
#include "varimix/core/constants.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;
using Gig = GeneralizedInverseGaussian;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Returns the relative error of alpha by rounding: log E[Y] - E[log Y] is about 1/(2 alpha), so that a rounding of
/// either logarithm moves alpha by 2 alpha^2 times as much.
double shape_rounding(double alpha, double log_mean) {
  return 4e-16 * (10.0 + 2.0 * alpha * std::max(1.0, std::abs(log_mean)));
}

TEST(GammaLaw, FromExpectationInvertsItsMoments) {
  for (const double alpha : {1e-3, 0.3, 1.0, 7.0, 900.0, 1e6}) {
    const Gamma law(alpha, 2.5);
    const Gamma back = Gamma::from_expectation(std::nan(""), law.E_Y(), law.E_log_Y());
    EXPECT_TRUE(is_close(back.alpha(), alpha, shape_rounding(alpha, law.E_log_Y()))) << alpha;
    EXPECT_TRUE(is_close(back.E_Y(), law.E_Y(), 1e-15));
  }
}

TEST(InverseGammaLaw, FromExpectationInvertsItsMoments) {
  for (const double alpha : {1e-3, 0.3, 1.0, 7.0, 900.0, 1e6}) {
    const InverseGamma law(alpha, 2.5);
    const InverseGamma back = InverseGamma::from_expectation(law.E_inv_Y(), kInfinity, law.E_log_Y());
    EXPECT_TRUE(is_close(back.alpha(), alpha, shape_rounding(alpha, law.E_log_Y()))) << alpha;
    EXPECT_TRUE(is_close(back.E_inv_Y(), law.E_inv_Y(), 1e-15));
  }
}

TEST(FromExpectation, NamesTheMomentThatIsMissingOrInfeasible) {
  EXPECT_THAT(error_of([] { (void)Gamma::from_expectation(2.0, 1.0); }), HasSubstr("E_log_Y must be given"));
  EXPECT_THAT(error_of([] { (void)Gamma::from_expectation(2.0, 1.0, 0.0); }), HasSubstr("E_log_Y must be < log E_Y"));
  EXPECT_THAT(error_of([] { (void)Gamma::from_expectation(2.0, -1.0, 0.0); }), HasSubstr("E_Y must be finite and > 0"));
  EXPECT_THAT(error_of([] { (void)InverseGamma::from_expectation(2.0, 1.0, -0.7); }),
              HasSubstr("E_log_Y must be > -log E_inv_Y"));
  EXPECT_THAT(error_of([] { (void)InverseGamma::from_expectation(kInfinity, 1.0, 0.0); }), HasSubstr("E_inv_Y must"));
  EXPECT_THAT(error_of([] { (void)Gig::from_expectation(2.0, 1.0); }), HasSubstr("E_log_Y must be given"));
  EXPECT_THAT(error_of([] { (void)Gig::from_expectation(0.5, 1.0, 0.0); }), HasSubstr("E_inv_Y must be > 1 / E_Y"));
  EXPECT_THAT(error_of([] { (void)Gig::from_expectation(2.0, 1.0, 0.1); }), HasSubstr("E_log_Y must be < log E_Y"));
  EXPECT_THAT(error_of([] { (void)Gig::from_expectation(2.0, 1.0, -0.9); }), HasSubstr("E_log_Y must be > -log E_inv"));
  EXPECT_THAT(error_of([] { (void)Gig::from_expectation(2.0, 1.0, std::nan("")); }), HasSubstr("E_log_Y must be fin"));
}

// Moments that are infeasible by rounding give the limit; moments that are infeasible beyond it are a mistake.
TEST(MaximumLikelihood, AtTheGaussianLimitCapsTheShapeAndSaysSo) {
  const double mean = 3.0;
  for (const double gap : {0.0, 1e-15, -1e-15, 1e-9}) {
    const double inverse = (1.0 + gap) / mean;
    const double log_mean = std::log(mean) - 0.5 * gap;
    const auto gamma = Gamma::maximum_likelihood(inverse, mean, log_mean);
    const auto inverse_gamma = InverseGamma::maximum_likelihood(inverse, mean, log_mean);
    const auto inverse_gaussian = InverseGaussian::maximum_likelihood(inverse, mean);
    const auto gig = Gig::maximum_likelihood(inverse, mean, log_mean);
    EXPECT_EQ(gamma.limit, ShapeLimit::kGaussian) << gap;
    EXPECT_EQ(inverse_gamma.limit, ShapeLimit::kGaussian) << gap;
    EXPECT_EQ(inverse_gaussian.limit, ShapeLimit::kGaussian) << gap;
    EXPECT_EQ(gig.limit, ShapeLimit::kGaussian) << gap;
    EXPECT_EQ(gamma.law.alpha(), kLargestShape);
    EXPECT_EQ(inverse_gamma.law.alpha(), kLargestShape);
    EXPECT_EQ(inverse_gaussian.law, InverseGaussian(mean, kLargestShape * mean));
    EXPECT_TRUE(is_close(gig.law.E_Y(), mean, 1e-14));
    EXPECT_TRUE(is_close(gamma.law.E_Y(), mean, 1e-14));
  }
  EXPECT_EQ(kLargestShape * kGaussianTailWeight, 1.0);
  EXPECT_NE(error_of([] { (void)Gamma::maximum_likelihood(1.0, 1.0, 1e-3); }), "");
  EXPECT_NE(error_of([] { (void)InverseGaussian::maximum_likelihood(0.999, 1.0); }), "");
  EXPECT_NE(error_of([] { (void)Gig::maximum_likelihood(0.999, 1.0, -1e-4); }), "");
}

// The moments are those of a law on the face but for one, which is 1.1 times as large and which no law inside matches.
TEST(GigMaximumLikelihood, OfMomentsBeyondAFaceIsThatFacesLaw) {
  const Gamma gamma(2.5, 1.5);
  const auto gamma_fit = Gig::maximum_likelihood(gamma.E_inv_Y() * 1.1, gamma.E_Y(), gamma.E_log_Y());
  EXPECT_EQ(gamma_fit.limit, ShapeLimit::kGammaFace);
  EXPECT_EQ(gamma_fit.law.b(), 0.0);
  EXPECT_TRUE(is_close(gamma_fit.law.p(), 2.5, 1e-14));
  const InverseGamma inverse(2.5, 1.5);
  const auto inverse_fit = Gig::maximum_likelihood(inverse.E_inv_Y(), inverse.E_Y() * 1.1, inverse.E_log_Y());
  EXPECT_EQ(inverse_fit.limit, ShapeLimit::kInverseGammaFace);
  EXPECT_EQ(inverse_fit.law.a(), 0.0);
  EXPECT_TRUE(is_close(inverse_fit.law.p(), -2.5, 1e-14));
  EXPECT_EQ(name(ShapeLimit::kInverseGammaFace), "inverse_gamma_face");
}

TEST(GigMaximumLikelihood, OfTheReciprocalIsTheMirroredLaw) {
  for (const Gig& law : some_laws<Gig>()) {
    if (law.a() == 0.0 || law.b() == 0.0) continue;
    const auto fit = Gig::maximum_likelihood(law.E_inv_Y(), law.E_Y(), law.E_log_Y());
    const auto mirrored = Gig::maximum_likelihood(law.E_Y(), law.E_inv_Y(), -law.E_log_Y());
    // The likelihood's curvature in p falls as the third power of sqrt(ab).
    const double z = std::sqrt(law.a() * law.b());
    const double rounding = 1e-15 * (100.0 + z * z * z) * (1.0 + std::abs(law.p()));
    EXPECT_NEAR(fit.law.p(), -mirrored.law.p(), rounding);
    EXPECT_NEAR(fit.law.p(), law.p(), 100.0 * rounding);
    EXPECT_TRUE(is_close(fit.law.a(), mirrored.law.b(), rounding));
  }
}

TEST(HeldParameters, OfTheGammaLawsLeaveTheOtherAtItsMaximum) {
  const Gamma law(2.5, 1.5);
  const double s2 = 1.1 * law.E_Y();
  const double s3 = law.E_log_Y();
  const auto by_alpha = Gamma::maximum_likelihood(0.0, s2, s3, {{2.0, std::nullopt}});
  EXPECT_EQ(by_alpha.law, Gamma(2.0, 2.0 / s2));
  const auto by_beta = Gamma::maximum_likelihood(0.0, s2, s3, {{std::nullopt, 0.7}});
  EXPECT_EQ(by_beta.law.beta(), 0.7);
  EXPECT_NEAR(by_beta.law.E_log_Y(), s3, 1e-14);
  EXPECT_EQ(Gamma::maximum_likelihood(0.0, s2, s3, {{3.0, 4.0}}).law, Gamma(3.0, 4.0));
  EXPECT_THAT(error_of([&] {
                (void)Gamma::maximum_likelihood(0.0, s2, s3, {{-1.0, std::nullopt}});
              }),
              HasSubstr("alpha must be finite and > 0, got -1"));
  const auto inverse = InverseGamma::maximum_likelihood(s2, 0.0, -s3, {{std::nullopt, 0.7}});
  EXPECT_NEAR(inverse.law.E_log_Y(), -s3, 1e-14);
}

// At the maximum d/dlam and d/dmu of the mean log density vanish: E[(Y - mu)^2 / (mu^2 Y)] = 1/lam and E[Y] = mu.
TEST(HeldParameters, OfTheInverseGaussianLeaveTheOtherAtItsMaximum) {
  const double s1 = 2.0;
  const double s2 = 1.3;
  const auto log_likelihood = [&](double mu, double lam) {
    return 0.5 * std::log(lam) - 0.5 * lam * (s2 / (mu * mu) - 2.0 / mu + s1);
  };
  const InverseGaussian by_mu = InverseGaussian::maximum_likelihood(s1, s2, {}, {{0.9, std::nullopt}}).law;
  EXPECT_EQ(by_mu.mu_ig(), 0.9);
  for (const double factor : {0.999, 1.001}) {
    EXPECT_GT(log_likelihood(0.9, by_mu.lam()), log_likelihood(0.9, factor * by_mu.lam()));
  }
  EXPECT_EQ(InverseGaussian::maximum_likelihood(s1, s2, {}, {{std::nullopt, 4.0}}).law, InverseGaussian(s2, 4.0));
}

/// The three slopes of the likelihood, relative to the moments.
struct Slopes {
  double p, a, b;
};
Slopes slopes_at(const Gig& law, double s1, double s2, double s3) {
  return {s3 - law.E_log_Y(), law.E_Y() / s2 - 1.0, law.E_inv_Y() / s1 - 1.0};
}

TEST(HeldParameters, OfTheGigLeaveTheOthersWhereTheSlopesVanish) {
  const double s1 = 1.8;
  const double s2 = 1.4;
  const double s3 = 0.05;
  for (int held_bits = 1; held_bits < 7; ++held_bits) {
    HeldParameters<Gig> held;
    if ((held_bits & 1) != 0) held.values[0] = 0.8;
    if ((held_bits & 2) != 0) held.values[1] = 0.9;
    if ((held_bits & 4) != 0) held.values[2] = 0.4;
    const auto fit = Gig::maximum_likelihood(s1, s2, s3, held);
    EXPECT_EQ(fit.limit, ShapeLimit::kNone) << held_bits;
    const Slopes slopes = slopes_at(fit.law, s1, s2, s3);
    EXPECT_NEAR((held_bits & 1) != 0 ? fit.law.p() - 0.8 : slopes.p, 0.0, 1e-13) << held_bits;
    EXPECT_NEAR((held_bits & 2) != 0 ? fit.law.a() - 0.9 : slopes.a, 0.0, 1e-13) << held_bits;
    EXPECT_NEAR((held_bits & 4) != 0 ? fit.law.b() - 0.4 : slopes.b, 0.0, 1e-13) << held_bits;
  }
}

TEST(HeldParameters, OfTheGigMayLeaveAFaceAsTheMaximum) {
  // At order 5 no law has E[Y] E[1/Y] above 5/4.
  const auto by_order = Gig::maximum_likelihood(1.5, 1.0, -0.2, {{5.0, std::nullopt, std::nullopt}});
  EXPECT_EQ(by_order.limit, ShapeLimit::kGammaFace);
  EXPECT_EQ(by_order.law, Gig(5.0, 10.0, 0.0));
  // With p = 5 and a = 2, E[1/Y] is 1/4 at b = 0 and falls as b grows.
  const auto beyond = Gig::maximum_likelihood(0.3, 5.0, 1.4, {{5.0, 2.0, std::nullopt}});
  EXPECT_EQ(beyond.limit, ShapeLimit::kGammaFace);
  EXPECT_EQ(beyond.law, Gig(5.0, 2.0, 0.0));
  const auto inside = Gig::maximum_likelihood(0.22, 5.0, 1.56, {{5.0, 2.0, std::nullopt}});
  EXPECT_EQ(inside.limit, ShapeLimit::kNone);
  EXPECT_TRUE(is_close(inside.law.E_inv_Y(), 0.22, 1e-13));
  const auto by_face = Gig::maximum_likelihood(1.5, 1.0, -0.2, {{std::nullopt, 0.0, std::nullopt}});
  EXPECT_EQ(by_face.limit, ShapeLimit::kNone) << "the face was asked for";
  const InverseGamma inverse = InverseGamma::from_expectation(1.5, 1.0, -0.2);
  EXPECT_EQ(by_face.law, Gig(-inverse.alpha(), 0.0, 2.0 * inverse.beta()));
  EXPECT_NE(error_of([] { (void)Gig::maximum_likelihood(1.5, 1.0, -0.2, {{1.0, 0.0, std::nullopt}}); }), "");
  EXPECT_NE(error_of([] { (void)Gig::maximum_likelihood(1.5, 1.0, -0.2, {{std::nullopt, -1.0, 1.0}}); }), "");
}

}  // namespace
}  // namespace varimix::tests
