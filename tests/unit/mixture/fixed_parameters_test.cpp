#include "varimix/mixture/fixed_parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/complete_likelihood.hpp"
#include "support/models.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/mixture/m_step.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

GeneralizedHyperbolic some_hyperbolic() {
  const NormalInverseGaussian model = some_model(3, 4, 0.8);
  return {model.mu(), model.gamma(), model.L_Sigma(), GeneralizedInverseGaussian(0.7, 1.3, 0.9)};
}

template <Subordinator S>
Eta posterior(const MeanVarianceMixture<S>& model, const RowMatrix& x) {
  return e_step(model, x, model.mu(), {.log_y = LogY::kCompute}).eta;
}

/// Returns models with one parameter that is not fixed moved a little, either way.
template <Subordinator S>
std::vector<MeanVarianceMixture<S>> neighbours(const MeanVarianceMixture<S>& model, const FixedParameters<S>& fixed) {
  std::vector<MeanVarianceMixture<S>> all;
  for (const double step : {-1e-3, 1e-3}) {
    const Vector move = Vector::LinSpaced(model.d(), step, -2.0 * step);
    const S& y = model.subordinator();
    if (!fixed.mu) all.emplace_back(model.mu() + move, model.gamma(), model.L_Sigma(), y);
    if (!fixed.gamma) all.emplace_back(model.mu(), model.gamma() + move, model.L_Sigma(), y);
    if (!fixed.L_Sigma) all.emplace_back(model.mu(), model.gamma(), model.L_Sigma() * (1.0 + step), y);
    for (std::size_t k = 0; k < fixed.shape.values.size(); ++k) {
      if (fixed.shape.values[k]) continue;
      auto parameters = y.parameters();
      parameters[k] *= 1.0 + step;
      all.emplace_back(model.mu(), model.gamma(), model.L_Sigma(), S::from_parameters(parameters));
    }
  }
  return all;
}

TEST(FixedParameters, TheMStepIsTheBestModelThatHasThem) {
  const GeneralizedHyperbolic model = some_hyperbolic();
  const Eta eta = posterior(model.replace({.mu = Vector::Zero(3)}), model.rvs(300, Seed{1}));
  const std::vector<std::vector<std::string>> all_names = {
      {"mu"}, {"gamma"}, {"sigma"},  {"mu", "gamma"}, {"mu", "sigma"}, {"mu", "gamma", "sigma"}, {"p"},
      {"a"},  {"b"},     {"p", "a"}, {"p", "b"},      {"a", "b"},      {"p", "a", "b"},          {"gamma", "p"}};
  for (const auto& names : all_names) {
    const auto fixed = fix_parameters(model, names, false);
    const auto best = m_step<GeneralizedInverseGaussian>(eta, {.fixed = fixed}).model;
    ASSERT_TRUE(best.has_value()) << names[0];
    EXPECT_EQ(*best, with_fixed(*best, fixed)) << names[0] << ": a fixed value has moved";
    const double maximum = expected_complete_likelihood(*best, eta);
    for (const auto& other : neighbours(*best, fixed)) {
      EXPECT_LT(expected_complete_likelihood(other, eta), maximum) << names[0] << " and " << names.size() - 1;
    }
  }
}

TEST(FixedParameters, SymmetricIsGammaZero) {
  const GeneralizedHyperbolic model = some_hyperbolic();
  const Eta eta = posterior(model, model.rvs(300, Seed{1}));
  const auto symmetric = m_step<GeneralizedInverseGaussian>(eta, {.fixed = fix_parameters(model, {}, true)}).model;
  const GeneralizedHyperbolic centred = model.replace({.gamma = Vector::Zero(3)});
  const auto by_name =
      m_step<GeneralizedInverseGaussian>(eta, {.fixed = fix_parameters(centred, {"gamma"}, false)}).model;
  EXPECT_TRUE(symmetric->gamma().isZero(0.0));
  EXPECT_EQ(*symmetric, *by_name);
  EXPECT_TRUE(all_close(symmetric->mu(), eta.E_X_inv_Y() / eta.E_inv_Y(), 1e-13));
}

TEST(FixedParameters, AFitLeavesThemAsTheyWereBitForBit) {
  const GeneralizedHyperbolic model = some_hyperbolic();
  const RowMatrix x = model.rvs(2000, Seed{2});
  for (const auto& names : std::vector<std::vector<std::string>>{{"gamma"}, {"sigma"}, {"a"}, {"b"}, {"mu", "gamma"}}) {
    OnlineEM<GeneralizedHyperbolic> state(model, PolyakRuppertUpdate{}, Key{0}, {.fixed = names});
    for (Index k = 0; k < 20; ++k) state.update(RowView(x).slice(100 * k, 100));
    const GeneralizedHyperbolic fitted = state.model();
    EXPECT_EQ(fitted, with_fixed(fitted, fix_parameters(model, names, false))) << names[0];
    EXPECT_NE(fitted, model);
    EXPECT_GT(fitted.marginal_log_likelihood(x), model.marginal_log_likelihood(x) - 0.05) << names[0];
  }
}

TEST(FixedParameters, WhatDependsOnTheGaugeIsCarriedWithIt) {
  const GeneralizedHyperbolic model = some_hyperbolic();
  const GeneralizedHyperbolic scaled = model.rescale_y(3.0);
  for (const char* name : {"mu", "gamma", "sigma", "p", "a", "b"}) {
    const auto carried = fix_parameters(model, {name}, false).rescale_y(3.0);
    EXPECT_TRUE(with_fixed(scaled, carried).same_law(scaled, 1e-15)) << name;
    EXPECT_EQ(carried.depend_on_gauge(), std::string(name) != "mu" && std::string(name) != "p") << name;
  }
  EXPECT_FALSE(fix_parameters(model, {"mu", "p"}, true).depend_on_gauge());
  EXPECT_TRUE(fix_parameters(model, {}, false).empty());
}

TEST(FixedParameters, NameAParameterOfTheFamily) {
  const NormalInverseGaussian model = some_model(2, 1, 1.0);
  EXPECT_THAT(error_of([&] { (void)fix_parameters(model, {"alpha"}, false); }),
              HasSubstr("fixed must be one of 'mu', 'gamma', 'sigma', 'mu_ig', 'lam', got 'alpha'"));
  EXPECT_THAT(error_of([&] { (void)fix_parameters(model, {"gamma"}, true); }), HasSubstr("gamma must be 0"));
  EXPECT_THAT(error_of([&] { OnlineEM<NormalInverseGaussian>(model, IdentityUpdate{}, Key{0}, {.fixed = {"nu"}}); }),
              HasSubstr("fixed must be one of"));
}

}  // namespace
}  // namespace varimix::tests
