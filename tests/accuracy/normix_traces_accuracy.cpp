#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <concepts>
#include <map>
#include <stdexcept>
#include <string>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "support/paths.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/em/shrinkage_targets.hpp"

namespace varimix::tests {
namespace {

// A second program met the reference package's NIG to 3e-7; the other families were not computed twice, so that they
// get a larger tolerance.
template <Subordinator S>
constexpr double kTolerance = std::same_as<S, InverseGaussian> ? 1e-6 : 1e-5;

constexpr Index kBatch = 200;

/// Returns a rule of make_normix_traces.py; the isotropic target has the mean of the sample variances with divisor n -
/// 1.
template <Subordinator S>
UpdateRule rule_named(const std::string& name, const MeanVarianceMixture<S>& init, const RowMatrix& x) {
  const auto n = static_cast<double>(x.rows());
  const Eta isotropic = eta0_isotropic(init, sample_covariance(x).diagonal().mean() * n / (n - 1.0));
  if (name == "Identity") return IdentityUpdate{};
  if (name == "RobbinsMonro") return RobbinsMonroUpdate{10.0};
  if (name == "SampleWeighted") return SampleWeightedUpdate{};
  if (name == "EWMA") return EWMAUpdate{.w = 0.1};
  if (name == "Affine") return AffineUpdate{.b = 0.5, .c = 0.5};
  if (name == "Shrinkage to the model") return Shrinkage{IdentityUpdate{}, eta0_from_model(init), 0.3};
  if (name == "Shrinkage to isotropic") return Shrinkage{IdentityUpdate{}, isotropic, 0.5};
  if (name == "Shrinkage with feedback") return Shrinkage{RobbinsMonroUpdate{10.0}, isotropic, 0.5, true};
  throw std::invalid_argument("no rule " + name);
}

const std::array<std::string, 9> kColumns = {"mu_0",     "mu_1",     "gamma_0", "gamma_1", "sigma_00",
                                             "sigma_01", "sigma_11", "y_inv_y", "log_y"};

/// Returns a model's gauge-free numbers in the order of the columns.
template <Subordinator S>
std::array<double, 9> gauge_free(const MeanVarianceMixture<S>& model) {
  const S& law = model.subordinator();
  const double y = law.E_Y();
  const Vector gamma = y * model.gamma();
  const Matrix sigma = y * model.sigma();
  return {model.mu()(0), model.mu()(1),     gamma(0),
          gamma(1),      sigma(0, 0),       sigma(1, 0),
          sigma(1, 1),   y * law.E_inv_Y(), law.E_log_Y() - std::log(y)};
}

/// The E[Y] of the reference package's initial models, whose Y is Gamma(2, 1) or InverseGamma(3, 1). The file's values
/// are gauge-free, but an isotropic target is isotropic in this gauge.
template <Subordinator S>
constexpr double kInitialMean = std::same_as<S, Gamma>          ? 2.0
                                : std::same_as<S, InverseGamma> ? 0.5
                                                                : 1.0;

/// Returns the initial model of a line of step 0.
template <Subordinator S>
MeanVarianceMixture<S> initial_model(const Table& table, std::size_t line) {
  const auto value = [&](const char* column) { return table.number(line, column); };
  const Matrix sigma{{value("sigma_00"), value("sigma_01")}, {value("sigma_01"), value("sigma_11")}};
  const MeanVarianceMixture<S> of_mean_one(Vector{{value("mu_0"), value("mu_1")}},
                                           Vector{{value("gamma_0"), value("gamma_1")}}, Matrix(sigma.llt().matrixL()),
                                           S::from_expectation(value("y_inv_y"), 1.0, value("log_y")));
  return of_mean_one.rescale_y(kInitialMean<S>);
}

template <class S>
class NormixTracesAccuracy : public ::testing::Test {};
TYPED_TEST_SUITE(NormixTracesAccuracy, Families, FamilyNames);

TYPED_TEST(NormixTracesAccuracy, EveryStepOfEveryRuleIsMet) {
  const RowMatrix x = Table(data_file("nig_seed_2000.csv")).values();
  const Table table(data_file("normix_traces.csv"));
  std::map<std::string, OnlineEM<MeanVarianceMixture<TypeParam>>> states;
  std::map<std::string, Worst> worst;
  Worst likelihoods("mean log-likelihood");
  for (std::size_t line = 0; line < table.rows(); ++line) {
    if (table.text(line, "family") != kFamilyName<TypeParam>) continue;
    const std::string& rule = table.text(line, "rule");
    const auto step = static_cast<Index>(table.number(line, "step"));
    if (step == 0) {
      const auto init = initial_model<TypeParam>(table, line);
      states.insert_or_assign(rule, OnlineEM<MeanVarianceMixture<TypeParam>>(init, rule_named(rule, init, x)));
      worst.try_emplace(rule, rule);
    } else {
      (void)states.at(rule).update(RowView(x).slice((step - 1) * kBatch, kBatch));
    }
    const auto model = states.at(rule).model();
    const auto actual = gauge_free(model);
    const auto where = [&] { return rule + ", step " + std::to_string(step); };
    for (std::size_t k = 0; k < actual.size(); ++k) {  // in the unit of the data, whose deviations are near 1
      const double expected = table.number(line, kColumns[k]);
      worst.at(rule).add(error_in(1.0, actual[k], expected), actual[k], expected,
                         [&] { return kColumns[k] + ", " + where(); });
    }
    const double expected = table.number(line, "mean_ll");
    if (std::isnan(expected)) continue;  // it is given at the first and last step only
    const double log_likelihood = model.marginal_log_likelihood(x);
    likelihoods.add(relative_error(log_likelihood, expected), log_likelihood, expected, where);
  }
  const bool is_gh = std::same_as<TypeParam, GeneralizedInverseGaussian>;  // the reference is slow for it: three rules
  EXPECT_EQ(states.size(), is_gh ? 3U : 8U);
  for (const auto& [rule, errors] : worst) EXPECT_TRUE(errors.within(kTolerance<TypeParam>));
  EXPECT_TRUE(likelihoods.within(kTolerance<TypeParam>));
}

}  // namespace
}  // namespace varimix::tests
