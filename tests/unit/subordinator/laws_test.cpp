// These claims hold for every law of Y.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/integrate.hpp"
#include "support/subordinators.hpp"
#include "support/threads.hpp"
#include "varimix/subordinator/draw.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr double kQuadrature = 1e-12;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class S>
class LawOfY : public ::testing::Test {};

struct NameOfLaw {
  template <class S>
  static std::string GetName(int /*index*/) {  // NOLINT(readability-identifier-naming): GoogleTest's name
    return S::kName;
  }
};

using Laws = ::testing::Types<Gamma, InverseGamma, InverseGaussian, GeneralizedInverseGaussian>;
TYPED_TEST_SUITE(LawOfY, Laws, NameOfLaw);

/// Returns E[f(Y)], from the density; laws with alpha of about 1 reach down to e^-60.
template <class S, class F>
double expectation(const S& law, F&& f) {
  return integrate_positive([&](double y) { return f(y) * std::exp(law.log_prob(y)); }, -60.0, 60.0, 12'000);
}

TYPED_TEST(LawOfY, DensityIntegratesToOneAndToItsMoments) {
  for (const TypeParam& law : some_laws<TypeParam>()) {
    const auto parameters = ::testing::PrintToString(law.parameters());
    EXPECT_TRUE(is_close(expectation(law, [](double) { return 1.0; }), 1.0, kQuadrature)) << parameters;
    if (law.moment(1.5) < kInfinity) {
      EXPECT_TRUE(is_close(expectation(law, [](double y) { return y; }), law.E_Y(), kQuadrature)) << parameters;
    }
    if (law.moment(-1.5) < kInfinity) {
      EXPECT_TRUE(is_close(expectation(law, [](double y) { return 1.0 / y; }), law.E_inv_Y(), kQuadrature))
          << parameters;
    }
    const double log_y = expectation(law, [](double y) { return std::log(y); });
    EXPECT_NEAR(log_y, law.E_log_Y(), kQuadrature) << parameters;
    EXPECT_TRUE(is_close(expectation(law, [](double y) { return std::pow(y, 0.3); }), law.moment(0.3), kQuadrature))
        << parameters;
  }
}

TYPED_TEST(LawOfY, EntropyIsThatOfItsDensity) {
  for (const TypeParam& law : some_laws<TypeParam>()) {
    const double entropy = expectation(law, [&](double y) { return -law.log_prob(y); });
    EXPECT_NEAR(entropy, law.entropy(), 1e-11) << ::testing::PrintToString(law.parameters());
  }
}

TYPED_TEST(LawOfY, MomentsOfOrderZeroOneAndMinusOneAreThoseThatHaveNames) {
  for (const TypeParam& law : some_laws<TypeParam>()) {
    EXPECT_TRUE(is_close(law.moment(0.0), 1.0, 1e-14));
    if (std::isinf(law.E_Y())) {
      EXPECT_EQ(law.moment(1.0), kInfinity);
    } else {
      EXPECT_TRUE(is_close(law.moment(1.0), law.E_Y(), 1e-13));
    }
    if (std::isinf(law.E_inv_Y())) {
      EXPECT_EQ(law.moment(-1.0), kInfinity);
    } else {
      EXPECT_TRUE(is_close(law.moment(-1.0), law.E_inv_Y(), 1e-13));
    }
    EXPECT_TRUE(std::isnan(law.moment(std::nan(""))));
    EXPECT_TRUE(is_close(law.cumulants().mean, law.E_Y(), 1e-14));
  }
}

// The identity that the concept Subordinator asks for is log f(y) = log_constant + sqrt(ab) + (p-1) log y - (a y +
// b/y)/2.
TYPED_TEST(LawOfY, IsTheGigThatItSays) {
  for (const TypeParam& law : some_laws<TypeParam>()) {
    const GigParameters gig = law.gig();
    const double root = std::sqrt(gig.a * gig.b);
    for (const double y : {0.02, 0.7, 1.0, 5.0}) {
      const double by_gig = law.log_constant() + root + (gig.p - 1.0) * std::log(y) - 0.5 * (gig.a * y + gig.b / y);
      // The terms cancel, so that the results may differ by the rounding of any of them.
      const double size = root + gig.a * y + gig.b / y + std::abs(gig.p * std::log(y)) + std::abs(law.log_constant());
      EXPECT_NEAR(by_gig, law.log_prob(y), 2e-15 * size + 1e-14) << y;
    }
    const double constant = -gig_log_normaliser(gig.p, gig.a, gig.b);
    EXPECT_NEAR(law.log_constant() + root, constant, 1e-14 * (1.0 + root + std::abs(law.log_constant())));
  }
}

TYPED_TEST(LawOfY, DensityIsZeroOffThePositiveLine) {
  for (const TypeParam& law : some_laws<TypeParam>()) {
    EXPECT_EQ(law.log_prob(-1.0), -kInfinity);
    EXPECT_EQ(law.log_prob(kInfinity), -kInfinity);
    EXPECT_TRUE(std::isnan(law.log_prob(std::nan(""))));
  }
}

/// Returns P(Y > y) by the trapezoidal rule over log y, with Richardson's extrapolation for the end at y.
template <class S>
double upper_tail(const S& law, double y) {
  constexpr double kLength = 60.0;
  const auto density = [&](double v) { return std::exp(law.log_prob(v)); };
  const auto rule = [&](int intervals) {
    return integrate_positive(density, std::log(y), std::log(y) + kLength, intervals) -
           0.5 * density(y) * y * kLength / intervals;
  };
  return (4.0 * rule(40'000) - rule(20'000)) / 3.0;
}

TYPED_TEST(LawOfY, TailsAreIntegralsOfItsDensityAndSumToOne) {
  for (const TypeParam& law : some_laws<TypeParam>()) {
    const double centre = std::exp(law.E_log_Y());
    for (const double y : {0.2 * centre, 0.9 * centre, centre, 1.3 * centre, 4.0 * centre}) {
      EXPECT_NEAR(law.sf(y), upper_tail(law, y), 1e-8) << y;
      EXPECT_TRUE(is_close(law.cdf(y) + law.sf(y), 1.0, 1e-14));
      EXPECT_EQ(law.log_cdf(y), gig_log_tails(law.gig(), y).lower);
      EXPECT_EQ(law.cdf(y), std::exp(law.log_cdf(y)));
    }
    EXPECT_EQ(law.cdf(0.0), 0.0);
    EXPECT_EQ(law.sf(-3.0), 1.0);
    EXPECT_EQ(law.cdf(kInfinity), 1.0);
    EXPECT_EQ(law.log_sf(kInfinity), -kInfinity);
    EXPECT_TRUE(std::isnan(law.cdf(std::nan(""))));
  }
}

TYPED_TEST(LawOfY, QuantilesInvertBothTails) {
  for (const TypeParam& law : some_laws<TypeParam>()) {
    for (const double q : {1e-300, 1e-30, 1e-5, 0.1, 0.4, 0.5, 0.6, 0.9}) {
      const double y = law.ppf(q);
      const double density = y > 0.0 ? y * std::exp(law.log_prob(y)) : q;  // y = 0: the quantile is below the doubles
      EXPECT_NEAR(law.cdf(y), y > 0.0 ? q : 0.0, 1e-13 * q * std::max(1.0, -std::log(q)) + 1e-15 * density) << q;
      const double upper = law.isf(q);
      if (std::isinf(upper)) continue;  // the quantile is beyond the doubles
      const double upper_density = upper * std::exp(law.log_prob(upper));
      EXPECT_NEAR(law.sf(upper), q, 1e-13 * q * std::max(1.0, -std::log(q)) + 1e-15 * upper_density) << q;
    }
    EXPECT_EQ(law.ppf(0.0), 0.0);
    EXPECT_EQ(law.ppf(1.0), kInfinity);
    EXPECT_EQ(law.isf(0.0), kInfinity);
    EXPECT_EQ(law.isf(1.0), 0.0);
    for (const double wrong : {-0.1, 1.5, std::nan("")}) {
      EXPECT_THAT(error_of([&] { (void)law.ppf(wrong); }), HasSubstr("q must be in [0, 1], got"));
      EXPECT_THAT(error_of([&] { (void)law.isf(wrong); }), HasSubstr("q must be in [0, 1], got"));
    }
  }
}

TYPED_TEST(LawOfY, RescaledIsTheLawOfSTimesY) {
  const double s = 12.5;
  for (const TypeParam& law : some_laws<TypeParam>()) {
    const TypeParam scaled = law.rescale_y(s);
    for (const double y : {0.1, 1.0, 4.0}) {
      const double expected = law.log_prob(y) - std::log(s);
      const double size = std::abs(law.gig().p) + law.gig().a * y + law.gig().b / y;
      EXPECT_NEAR(scaled.log_prob(s * y), expected, 1e-14 * (1.0 + std::abs(expected) + size));
    }
    EXPECT_NEAR(scaled.E_log_Y(), law.E_log_Y() + std::log(s), 1e-14);
    EXPECT_THAT(error_of([&] { (void)law.rescale_y(0.0); }), HasSubstr("must be"));
  }
}

TYPED_TEST(LawOfY, ParametersMakeTheLaw) {
  for (const TypeParam& law : some_laws<TypeParam>()) {
    EXPECT_EQ(TypeParam::from_parameters(law.parameters()), law);
    const TypeParam back = TypeParam::from_natural(law.natural_parameters());
    for (std::size_t k = 0; k < back.parameters().size(); ++k) {
      EXPECT_NEAR(back.parameters()[k], law.parameters()[k], 4e-16 * (1.0 + std::abs(law.parameters()[k])));
    }
  }
}

TYPED_TEST(LawOfY, DrawsAreKeyedByRow) {
  const TypeParam law = some_laws<TypeParam>().front();
  const Vector many = draw(law, 1000, Seed{3});
  EXPECT_EQ(draw(law, 300, Seed{3}), many.head(300));
  EXPECT_NE(draw(law, 300, Seed{4}), many.head(300));
  for (const int count : {1, 2, 7}) {
    const ThreadLimit limit(count);
    EXPECT_EQ(draw(law, 1000, Seed{3}), many);
  }
  EXPECT_EQ(draw(law, 0, Seed{3}).size(), 0);
  EXPECT_EQ(error_of([&] { (void)draw(law, -1, Seed{3}); }), "n must be >= 0, got -1");
}

// For alpha -> 0 and small y the law Gamma(alpha, 1) has P(Y > y) = alpha (-log y - Euler's constant) +
// O(alpha^2 log^2 y): nearly all mass is below y.
TEST(GammaLaw, TheUpperTailOfATinyShapeKeepsItsDigits) {
  constexpr double kEuler = 0.57721566490153286061;
  for (const double alpha : {1e-14, 1e-18, 1e-100, 1e-300}) {
    const Gamma law(alpha, 1.0);
    for (const double log_y : {-20.0, -50.0, -300.0, -600.0}) {
      const double tail = alpha * (-log_y - kEuler);
      EXPECT_TRUE(is_close(law.sf(std::exp(log_y)), tail, 1e-11 + std::exp(log_y))) << alpha << ", " << log_y;
      EXPECT_NEAR(std::log(law.isf(tail)), log_y, 1e-8 * -log_y) << alpha << ", " << log_y;
    }
    EXPECT_EQ(law.ppf(0.9), 0.0) << "below the doubles";
    const InverseGamma inverse(alpha, 1.0);
    EXPECT_TRUE(is_close(inverse.ppf(1e-2 * alpha), 1.0 / law.isf(1e-2 * alpha), 1e-11));
    EXPECT_EQ(inverse.ppf(0.9), kInfinity);
  }
}

TEST(GigLaw, QuantilesOfLawsAllButFlatInLogYAreMirrored) {
  for (const double z : {1e-30, 1e-100, 1e-150}) {
    const GeneralizedInverseGaussian law(0.0, z, z);
    for (const double q : {1e-10, 0.1, 0.4}) {
      const double y = law.ppf(q);
      EXPECT_NEAR(std::log(law.isf(q)), -std::log(y), 1e-12 * std::abs(std::log(y))) << z << ", " << q;
      EXPECT_TRUE(is_close(law.cdf(y), q, 1e-11)) << z << ", " << q;
    }
    EXPECT_NEAR(law.ppf(0.5), 1.0, 1e-9);
  }
}

// For the gamma laws E[Y^10] = 1 + 45/n + ..., where Var(Y) = 1/n.
TEST(LawsOfY, HighMomentsOfLargeShapesKeepTheirDigits) {
  EXPECT_NEAR(Gamma(1e100, 1e100).moment(10.0), 1.0, 1e-14);
  EXPECT_NEAR(InverseGamma(1e100, 1e100).moment(10.0), 1.0, 1e-14);
  EXPECT_NEAR(Gamma(1e10, 1e10).moment(10.0) - 1.0, 45e-10, 1e-14);
  EXPECT_NEAR(Gamma(1e10, 1e10).moment(-10.0) - 1.0, 55e-10, 1e-14);
  EXPECT_NEAR(GeneralizedInverseGaussian(1e15, 2e15, 1.0).moment(10.0) - 1.0, 45e-15, 1e-13);
  EXPECT_NEAR(GeneralizedInverseGaussian(1e10, 2e10, 1.0).moment(10.0) - 1.0, 50e-10, 1e-13);
  double rising = 1.0;
  for (int k = 0; k < 10; ++k) rising *= (1e4 + k) / 1e4;
  EXPECT_TRUE(is_close(GeneralizedInverseGaussian(1e4, 2e4, 1e-9).moment(10.0), rising, 1e-12));
  EXPECT_TRUE(is_close(Gamma(1e300, 1e-5).moment(1.0), 1e305, 1e-12)) << "beside what overflows";
}

}  // namespace
}  // namespace varimix::tests
