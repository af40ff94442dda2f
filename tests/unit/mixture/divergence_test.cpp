#include "varimix/mixture/divergence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <vector>

#include "support/close.hpp"
#include "support/integrate.hpp"
#include "support/mixture_pairs.hpp"
#include "support/models.hpp"
#include "varimix/core/constants.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

/// A bound on the squared Hellinger distance of equal laws: the square of a rounding.
constexpr double kSquaredRounding = 1e-30;
constexpr double kInf = std::numeric_limits<double>::infinity();

/// Both divergences of a d = 1 pair by brute force, over x and log y, in the gauge in which log Y has its mode at 0.
struct BruteForce {
  double squared_hellinger = 0.0;
  double kl = 0.0;
};

template <Subordinator S>
class JointDensity {
 public:
  explicit JointDensity(const MeanVarianceMixture<S>& model)
      : mu_(model.mu()(0)), gamma_(model.gamma()(0)), sigma_(model.L_Sigma()(0, 0)), y_(model.subordinator()) {}
  [[nodiscard]] double mean(double y) const { return mu_ + gamma_ * y; }
  [[nodiscard]] double deviation(double y) const { return sigma_ * std::sqrt(y); }
  [[nodiscard]] double log_density(double x, double y) const {
    const double z = (x - mean(y)) / deviation(y);
    return y_.log_prob(y) - 0.5 * z * z - 0.5 * kLogTwoPi - std::log(deviation(y));
  }

 private:
  double mu_, gamma_, sigma_;
  S y_;
};

template <Subordinator S>
BruteForce brute_force(const MeanVarianceMixture<S>& model, const MeanVarianceMixture<S>& other) {
  const JointDensity<S> one(model);
  const JointDensity<S> two(other);
  // Integrates over y, and over x where the product of powers of the normal densities, `share` that of the second, is
  // large.
  const auto over_both = [&](double share, auto&& term) {
    return integrate_positive(
        [&](double y) {
          const double weight_one = (1.0 - share) / std::pow(one.deviation(y), 2);
          const double weight_two = share / std::pow(two.deviation(y), 2);
          const double total = weight_one + weight_two;
          return integrate_line([&](double x) { return term(one.log_density(x, y), two.log_density(x, y)); },
                                (weight_one * one.mean(y) + weight_two * two.mean(y)) / total, 1.0 / std::sqrt(total),
                                200);
        },
        -16.0, 12.0, 300);
  };
  return {1.0 - over_both(0.5, [](double f, double g) { return std::exp(0.5 * (f + g)); }),
          over_both(0.0, [](double f, double g) { return f < -700.0 ? 0.0 : std::exp(f) * (f - g); })};
}

TEST(JointDivergence, IsTheIntegralOverXAndY) {
  // These laws of Y are in the gauge of BruteForce already: a - b = 2p.
  using Gig = GeneralizedInverseGaussian;
  const auto check = [](const auto& model, const auto& other) {
    const BruteForce expected = brute_force(model, other);
    EXPECT_TRUE(is_close(squared_hellinger(model, other), expected.squared_hellinger, 1e-9)) << model << other;
    EXPECT_TRUE(is_close(kl_divergence(model, other), expected.kl, 1e-9)) << model << other;
  };
  check(drawn(1, 1, Gig(0.75, 2.0, 0.5)), drawn(1, 4, Gig(-1.0, 1.0, 3.0)));
  check(drawn(1, 7, Gig(2.5, 5.0, 0.0)), drawn(1, 10, Gig(1.5, 3.0, 0.0)));
  check(drawn(1, 13, Gamma(3.0, 3.0)), drawn(1, 16, Gamma(2.0, 2.0)));
  check(drawn(1, 19, InverseGamma(3.0, 3.0)), drawn(1, 22, InverseGamma(2.0, 2.0)));
}

TEST(JointDivergence, IsZeroForEqualLaws) {
  for_every_pair([](const auto& model, const auto& /*other*/) {
    EXPECT_LE(squared_hellinger(model, model), kSquaredRounding) << model;
    EXPECT_LE(kl_divergence(model, model), kSquaredRounding) << model;
  });
}

TEST(JointDivergence, DoesNotDependOnTheGauges) {
  for_every_pair([](const auto& model, const auto& other) {
    const auto one = model.rescale_y(1e-6);
    const auto two = other.rescale_y(3e5);
    EXPECT_TRUE(is_close(squared_hellinger(one, two), squared_hellinger(model, other), 1e-12)) << model << other;
    EXPECT_TRUE(is_close(kl_divergence(one, two), kl_divergence(model, other), 1e-12)) << model << other;
  });
}

TEST(JointDivergence, IsAffineInvariant) {
  for_every_pair([](const auto& model, const auto& other) {
    const Matrix A = 1e3 * some_factor(model.d(), 77);
    const Vector b = gaussian_rows(1, model.d(), 78).transpose();
    const auto moved = [&]<class Model>(const Model& m) {
      return Model(A * m.mu() + b, A * m.gamma(), A * m.L_Sigma(), m.subordinator());
    };
    EXPECT_TRUE(is_close(squared_hellinger(moved(model), moved(other)), squared_hellinger(model, other), 1e-11));
    EXPECT_TRUE(is_close(kl_divergence(moved(model), moved(other)), kl_divergence(model, other), 1e-11));
  });
}

TEST(JointDivergence, HasASymmetricHellingerDistanceBoundedByKl) {
  for_every_pair([](const auto& model, const auto& other) {
    const double h = squared_hellinger(model, other);
    EXPECT_TRUE(is_close(squared_hellinger(other, model), h, 1e-13)) << model << other;
    EXPECT_GT(h, 0.0);
    EXPECT_LT(h, 1.0);
    EXPECT_GE(kl_divergence(model, other), -2.0 * std::log1p(-h)) << model << other;
  });
}

TEST(JointDivergence, OfCloseLawsIsItsQuadraticForm) {
  // At laws a small distance e apart H^2 = e^2 c + O(e^3), with a constant c, and KL = 4 H^2 to leading order.
  const auto model = drawn(2, 50, GeneralizedInverseGaussian(0.5, 1.0, 2.0));
  const auto other = [&](double e) {
    return model.replace({.mu = model.mu() + Vector{{e, -e}}, .p = 0.5 + e, .a = 1.0 - 2.0 * e});
  };
  const double form = squared_hellinger(model, other(0x1p-20)) * 0x1p40;
  const double finer = squared_hellinger(model, other(0x1p-30)) * 0x1p60;
  EXPECT_TRUE(is_close(finer, form, 1e-5));
  EXPECT_TRUE(is_close(kl_divergence(model, other(0x1p-30)) * 0x1p60, 4.0 * finer, 1e-7));
}

TEST(JointDivergence, OnTheFacesIsThatOfTheirFamilies) {
  const VarianceGamma vg = drawn(2, 60, Gamma(1.75, 2.0));
  const VarianceGamma other_vg = drawn(2, 65, Gamma(0.5, 3.0));
  const NormalInverseGamma t = drawn(2, 70, InverseGamma(1.75, 2.0));
  const NormalInverseGamma other_t = drawn(2, 75, InverseGamma(2.5, 3.0));
  const auto general = [](const auto& m) {
    const GigParameters gig = m.subordinator().gig();
    return GeneralizedHyperbolic(m.mu(), m.gamma(), m.L_Sigma(), {gig.p, gig.a, gig.b});
  };
  EXPECT_TRUE(is_close(squared_hellinger(general(vg), general(other_vg)), squared_hellinger(vg, other_vg), 1e-14));
  EXPECT_TRUE(is_close(kl_divergence(general(vg), general(other_vg)), kl_divergence(vg, other_vg), 1e-14));
  EXPECT_TRUE(is_close(squared_hellinger(general(t), general(other_t)), squared_hellinger(t, other_t), 1e-14));
  EXPECT_TRUE(is_close(kl_divergence(general(t), general(other_t)), kl_divergence(t, other_t), 1e-14));
  // One face is compared with the other, and with laws next to it.
  const double faces = squared_hellinger(general(vg), general(t));
  EXPECT_TRUE(faces > 0.0 && faces < 1.0);
  const GeneralizedHyperbolic near_face(vg.mu(), vg.gamma(), vg.L_Sigma(), {1.75, 4.0, 1e-30});
  EXPECT_LE(squared_hellinger(general(vg), near_face), 1e-14);
  EXPECT_TRUE(is_close(kl_divergence(near_face, general(other_vg)), kInf, 0.0) ||
              kl_divergence(near_face, general(other_vg)) > 0.0);
}

TEST(KlDivergence, IsInfiniteExactlyWhereAnInfiniteMomentCounts) {
  const Vector zero{{0.0, 0.0}};
  const Vector other{{0.0, 0.5}};
  const Matrix L = Matrix::Identity(2, 2);
  // E[1/Y] is infinite for a gamma shape <= 1.
  const VarianceGamma peaked(zero, other, L, Gamma(0.75, 1.0));
  EXPECT_EQ(kl_divergence(peaked, VarianceGamma(other, other, L, Gamma(0.75, 1.0))), kInf);
  EXPECT_LT(kl_divergence(peaked, VarianceGamma(zero, zero, L, Gamma(2.0, 1.0))), kInf);
  EXPECT_LT(
      kl_divergence(VarianceGamma(zero, other, L, Gamma(1.5, 1.0)), VarianceGamma(other, zero, L, Gamma(0.5, 1.0))),
      kInf);
  // E[Y] is infinite for an inverse gamma shape <= 1.
  const NormalInverseGamma heavy(zero, zero, L, InverseGamma(0.75, 1.0));
  EXPECT_EQ(kl_divergence(heavy, NormalInverseGamma(zero, other, L, InverseGamma(0.75, 1.0))), kInf);
  EXPECT_LT(kl_divergence(heavy, NormalInverseGamma(other, zero, 2.0 * L, InverseGamma(2.0, 3.0))), kInf);
  // A law on a face is compared with one whose density decays faster at Y -> 0.
  const GeneralizedHyperbolic face(zero, zero, L, {0.75, 1.0, 0.0});
  const GeneralizedHyperbolic inside(zero, zero, L, {0.75, 1.0, 1e-3});
  EXPECT_EQ(kl_divergence(face, inside), kInf);
  EXPECT_LT(kl_divergence(inside, face), kInf);
}

TEST(JointDivergence, TendsToThatOfNormalLaws) {
  constexpr double kShape = 1e7;
  const Vector mean{{0.5, -1.0}};
  const Matrix L{{1.0, 0.0}, {0.5, 2.0}};
  const NormalInverseGaussian one(mean, Vector{{0.0, 0.0}}, L, InverseGaussian(1.0, kShape));
  const NormalInverseGaussian two(Vector{{0.0, 0.0}}, Vector{{0.0, 0.0}}, Matrix::Identity(2, 2),
                                  InverseGaussian(1.0, kShape));
  const Matrix sigma = L * L.transpose();
  const double kl = 0.5 * (sigma.trace() + mean.squaredNorm() - 2.0 - std::log(sigma.determinant()));
  EXPECT_NEAR(kl_divergence(one, two), kl, 10.0 / kShape);
  // mu and gamma may be traded, because only mu + gamma E[Y] counts where Y is constant.
  const NormalInverseGaussian moved(Vector{{0.0, 0.0}}, mean, L, InverseGaussian(1.0, kShape));
  EXPECT_LT(squared_hellinger(one, moved), 10.0 / kShape);
  EXPECT_GT(squared_hellinger(one, moved), 0.01 / kShape);
}

TEST(JointDivergence, IsFiniteOrInfiniteButNeverNan) {
  const std::vector<double> shapes = {1e-6, 1e-2, 0.5, 1.0, 2.0, 30.0, 1e7};
  for (const double one : shapes) {
    for (const double two : shapes) {
      const auto check = [](const auto& model, const auto& other) {
        const double h = squared_hellinger(model, other);
        const double kl = kl_divergence(model, other);
        EXPECT_TRUE(h >= 0.0 && h <= 1.0) << model << other << h;
        EXPECT_GE(kl * (1.0 + 1e-12) + 1e-12, h == 1.0 ? 0.0 : -2.0 * std::log1p(-h)) << model << other;
      };
      const Vector far = Vector{{1e120, -1e100}};
      const Matrix L = Matrix{{1e-60, 0.0}, {3e10, 1e80}};
      check(drawn(2, 1, Gamma(one, 1.0)), drawn(2, 4, Gamma(two, 2.0)));
      check(drawn(2, 1, InverseGamma(one, 1.0)), drawn(2, 4, InverseGamma(two, 2.0)));
      check(drawn(2, 1, InverseGaussian(1.0, one)), drawn(2, 4, InverseGaussian(2.0, two)));
      check(drawn(2, 1, GeneralizedInverseGaussian(one, 1.0, two)),
            drawn(2, 4, GeneralizedInverseGaussian(-two, one, 1.0)));
      // These laws lie beside a face, near each other or not.
      for (const double next : {0.0, 1e-300, 1e-30, 1e-3}) {
        check(drawn(2, 1, GeneralizedInverseGaussian(one, 1.0, next)),
              drawn(2, 1, GeneralizedInverseGaussian(1.1 * one, 1.2, 1e-10)));
        check(drawn(2, 1, GeneralizedInverseGaussian(-one, 1e-10, 1.2)),
              drawn(2, 1, GeneralizedInverseGaussian(-0.99 * one, next, 1.0)));
      }
      check(NormalInverseGaussian(far, far, L, {1.0, one}), drawn(2, 4, InverseGaussian(2.0, two)));
      check(drawn(2, 4, InverseGaussian(2.0, two)), NormalInverseGaussian(far, far, L, {1.0, one}));
    }
  }
}

TEST(JointDivergence, AsksForModelsOfOneDimension) {
  const auto one = drawn(1, 1, Gamma(2.0, 1.0));
  const auto two = drawn(2, 1, Gamma(2.0, 1.0));
  EXPECT_THAT(error_of([&] { (void)squared_hellinger(one, two); }), HasSubstr("other must be of dimension 1, got 2"));
  EXPECT_THAT(error_of([&] { (void)kl_divergence(two, one); }), HasSubstr("other must be of dimension 2, got 1"));
}

}  // namespace
}  // namespace varimix::tests
