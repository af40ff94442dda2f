#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include "support/close.hpp"
#include "support/complete_likelihood.hpp"
#include "support/eta.hpp"
#include "support/families.hpp"
#include "support/properties.hpp"
#include "varimix/mixture/m_step.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix::tests {
namespace {

template <class S>
class MStepProperty : public ::testing::Test {};
TYPED_TEST_SUITE(MStepProperty, Families, FamilyNames);

// The parameters of a GIG are quotients of differences of its moments, which cancel where sqrt(ab) is large or small.
// There the eta is well determined, the parameters are not; so the eta is compared in every family.
TYPED_TEST(MStepProperty, InvertsTheModelsEta) {
  check_property([] {
    const auto model = any_model<TypeParam>().rescale_y(any_scale(-6, 6));
    const Vector elsewhere = gaussian_rows(1, model.d(), any_seed()).transpose();
    const auto back = model.m_step(with_origin(model.compute_eta_from_model(), elsewhere));
    constexpr double kRounding = 1e-10;  // for quotients by a tail weight of 0.03 and more
    hold(same_eta(with_origin(back.compute_eta_from_model(), model.mu()), model.compute_eta_from_model(), kRounding));
    if constexpr (!std::same_as<TypeParam, GeneralizedInverseGaussian>) {
      hold_same_law(back, model, kRounding);
    } else {
      const GigParameters gig = model.subordinator().gig();
      const double z = std::sqrt(gig.a * gig.b);
      constexpr double kFlatDirection = 1e-6;
      if (z > 0.1 && z < 10.0) hold_same_law(back, model, kFlatDirection);
    }
  });
}

/// Returns a model at distance t along a random direction in mu, gamma, L_Sigma and, in their logarithms, in the
/// parameters of Y.
template <Subordinator S>
MeanVarianceMixture<S> neighbour(const MeanVarianceMixture<S>& model, double t) {
  const Index d = model.d();
  const RowMatrix direction = gaussian_rows(d + 5, d, any_seed());
  Matrix factor = model.L_Sigma() + t * direction.topRows(d);
  factor.template triangularView<Eigen::StrictlyUpper>().setZero();
  factor.diagonal() = factor.diagonal().cwiseAbs();
  auto shape = model.subordinator().parameters();
  for (std::size_t k = 0; k < shape.size(); ++k) {
    shape[k] *= std::exp(t * direction(d + 2 + static_cast<Index>(k), 0));
  }
  return {model.mu() + t * direction.row(d).transpose(), model.gamma() + t * direction.row(d + 1).transpose(), factor,
          S::from_parameters(shape)};
}

// The statistics are those of rows of another law, as in a fit, so that no model has them as its own.
TYPED_TEST(MStepProperty, NoOtherModelHasALargerExpectedLikelihood) {
  check_property([] {
    const auto driving = any_model<TypeParam>();
    const auto truth = some_model(driving.d(), any_seed(), 0.8);
    const Eta eta = driving.e_step(truth.rvs(60, Seed{any_seed()})).eta;
    const auto best = driving.m_step(eta);
    const double largest = expected_complete_likelihood(best, eta);
    constexpr double kRounding = 1e-12;
    for (int k = 0; k < 10; ++k) {
      const auto other = neighbour(best, any_scale(-5, -1));
      RC_ASSERT(expected_complete_likelihood(other, eta) <= largest + kRounding * std::max(1.0, std::abs(largest)));
    }
  });
}

/// Returns the GIG's mean log-likelihood at moments (s1, s2, s3), without the terms that no parameter enters.
double gig_likelihood(const GeneralizedInverseGaussian& law, double s1, double s2, double s3) {
  const auto [p, a, b] = law.gig();
  return p * s3 - 0.5 * (a * s2 + b * s1) - gig_log_normaliser(p, a, b);
}

/// Feasible moments: s1 s2 = 1 + tail weight, and E[log Y] at a share of the way from -log s1 to log s2.
struct Moments {
  double s1, s2, s3;
};

Moments any_moments() {
  const double s2 = any_scale(-3, 3);
  const double s1 = (1.0 + any_scale(-4, 2)) / s2;
  const double share = 0.005 * *rc::gen::inRange(1, 200);
  return {s1, s2, -std::log(s1) + share * (std::log(s2) + std::log(s1))};
}

// Inside the three moments match. On a face two do, and the third is such that no step to the inside gains.
TEST(GigMaximumLikelihood, MatchesItsMomentsOrLiesOnTheFaceThatTheyPointTo) {
  check_property([] {
    const auto [s1, s2, s3] = any_moments();
    const auto fit = GeneralizedInverseGaussian::maximum_likelihood(s1, s2, s3);
    const auto& law = fit.law;
    std::ostringstream place;
    place.precision(17);
    place << "s = (" << s1 << ", " << s2 << ", " << s3 << "), p, a, b = " << law.p() << ", " << law.a() << ", "
          << law.b();
    RC_LOG(place.str());
    constexpr double kResidual = 1e-11;  // ten times the promise, because the law's moments are rounded as well
    const double log_scale = std::max(1.0, std::abs(s3));
    if (fit.limit != ShapeLimit::kGammaFace) hold(is_close(law.E_inv_Y(), s1, kResidual));
    if (fit.limit != ShapeLimit::kInverseGammaFace) hold(is_close(law.E_Y(), s2, kResidual));
    hold(is_close(law.E_log_Y() / log_scale, s3 / log_scale, kResidual));
    // d/db of the likelihood at b = 0 is (E[1/Y] - s1)/2, and d/da at a = 0 (E[Y] - s2)/2.
    if (fit.limit == ShapeLimit::kGammaFace) RC_ASSERT(law.b() == 0.0 && law.E_inv_Y() <= s1 * (1.0 + kResidual));
    if (fit.limit == ShapeLimit::kInverseGammaFace) RC_ASSERT(law.a() == 0.0 && law.E_Y() <= s2 * (1.0 + kResidual));
  });
}

TEST(GigMaximumLikelihood, NoOtherLawIsMoreLikely) {
  check_property([] {
    const auto [s1, s2, s3] = any_moments();
    const auto fit = GeneralizedInverseGaussian::maximum_likelihood(s1, s2, s3);
    const double best = gig_likelihood(fit.law, s1, s2, s3);
    const double size = std::abs(fit.law.p() * s3) + fit.law.a() * s2 + fit.law.b() * s1;
    const double step = any_scale(-6, 1);
    const double unit = std::max(1.0, std::abs(fit.law.p()));
    for (int k = 0; k < 8; ++k) {  // some of the steps lead away from the face
      const double p = fit.law.p() + (k % 2 == 0 ? step : -step) * unit;
      const double a =
          (fit.law.a() + (fit.law.a() == 0.0 ? 1e-3 * step / s2 : 0.0)) * (k / 2 % 2 == 0 ? 1.0 + step : 1.0);
      const double b = (fit.law.b() + (fit.law.b() == 0.0 ? 1e-3 * step / s1 : 0.0)) * (k < 4 ? 1.0 + step : 1.0);
      const double other = gig_likelihood({p, a, b}, s1, s2, s3);
      RC_ASSERT(other <= best + 1e-12 * std::max(1.0, size));
    }
  });
}

TYPED_TEST(MStepProperty, StatisticsMergedOverAnyCutAreThoseOfOnePass) {
  check_property([] {
    const auto model = any_model<TypeParam>();
    constexpr Index kRows = 400;
    const RowMatrix x = model.rvs(kRows, Seed{any_seed()});
    std::vector<Index> cuts = *rc::gen::container<std::vector<Index>>(rc::gen::inRange<Index>(1, kRows));
    cuts.push_back(kRows);
    std::sort(cuts.begin(), cuts.end());
    Eta merged = model.e_step(RowView(x).slice(0, cuts.front())).eta;
    for (std::size_t k = 1; k < cuts.size(); ++k) {
      if (cuts[k] == cuts[k - 1]) continue;
      merged = merge(merged, model.e_step(RowView(x).slice(cuts[k - 1], cuts[k] - cuts[k - 1])).eta);
    }
    hold(same_eta(merged, model.e_step(x).eta, 1e-13));
  });
}

TYPED_TEST(MStepProperty, MergingIsCommutativeAndAssociativeWhateverTheOrigins) {
  check_property([] {
    const auto model = any_model<TypeParam>();
    const auto part = [&](std::int64_t rows) {
      const Vector origin = model.mu() + gaussian_rows(1, model.d(), any_seed()).transpose();
      return with_origin(model.e_step(model.rvs(rows, Seed{any_seed()})).eta, origin);
    };
    const Eta a = part(30), b = part(1), c = part(200);
    constexpr double kRounding = 1e-13;
    hold(same_eta(merge(merge(a, b), c), merge(a, merge(b, c)), kRounding));
    hold(same_eta(with_origin(merge(b, a), a.origin), merge(a, b), kRounding));
  });
}

TYPED_TEST(MStepProperty, AChangeOfOriginChangesNoModelAndAChangeBackUndoesIt) {
  check_property([] {
    const auto model = any_model<TypeParam>();
    const Eta eta = model.e_step(model.rvs(60, Seed{any_seed()})).eta;
    const Vector far = 10.0 * gaussian_rows(1, model.d(), any_seed()).transpose();
    const Eta there = with_origin(eta, far);
    hold(same_eta(with_origin(there, eta.origin), eta, 1e-11));
    hold_same_law(model.m_step(there), model.m_step(eta), 1e-9);
  });
}

}  // namespace
}  // namespace varimix::tests
