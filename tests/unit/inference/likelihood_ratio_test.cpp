#include "varimix/inference/likelihood_ratio.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "inference/chi_square.hpp"
#include "support/models.hpp"
#include "varimix/em/batch_em_fitter.hpp"

namespace varimix::tests {
namespace {

/// Returns what a fit of a law to 100 rows could have given.
template <Subordinator S>
EMResult<MeanVarianceMixture<S>> made(const S& law, double log_likelihood, Index n_parameters,
                                      const std::vector<std::string>& held = {}) {
  const MeanVarianceMixture<S> model(Vector::Zero(2), Vector::Zero(2), Matrix::Identity(2, 2), law);
  EMResult<MeanVarianceMixture<S>> fit{.model = model};
  fit.log_likelihood = log_likelihood;
  fit.n_parameters = n_parameters;
  fit.held = held;
  fit.total_weight = 100.0;
  fit.converged = true;
  return fit;
}

EMResult<NormalInverseGaussian> nig(double log_likelihood, Index n_parameters = 8,
                                    const std::vector<std::string>& held = {}) {
  return made(InverseGaussian(1.0, 1.0), log_likelihood, n_parameters, held);
}
EMResult<VarianceGamma> vg(double log_likelihood, double alpha = 3.0) {
  return made(Gamma(alpha, alpha), log_likelihood, 8);
}
EMResult<NormalInverseGamma> skewed_t(double log_likelihood, double alpha = 3.0) {
  return made(InverseGamma(alpha, 2.0), log_likelihood, 8);
}
EMResult<GeneralizedHyperbolic> gh(double log_likelihood) {
  return made(GeneralizedInverseGaussian(1.0, 1.0, 1.0), log_likelihood, 9);
}
const EMResult<NormalInverseGaussian>& symmetric_nig() {
  static const auto fit = nig(-203.0, 6, {"gamma"});
  return fit;
}

template <class Small, class Large>
std::string refusal(const EMResult<Small>& small, const EMResult<Large>& large) {
  try {
    (void)likelihood_ratio(small, large);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

#define EXPECT_REFUSED(small, large, words) \
  EXPECT_NE(refusal(small, large).find(words), std::string::npos) << refusal(small, large)

TEST(LikelihoodRatio, OfHeldParametersIsChiSquareOfAsManyDegrees) {
  const LikelihoodRatio test = likelihood_ratio(symmetric_nig(), nig(-200.0));
  EXPECT_EQ(test, (LikelihoodRatio{6.0, 2, NullLaw::kChiSquare, chi_square_sf(6.0, 2.0), FitTestStatus::kOk}));
}

TEST(LikelihoodRatio, OfAnNigInAGeneralizedHyperbolicIsChiSquareOfOneDegree) {
  const LikelihoodRatio test = likelihood_ratio(nig(-202.0), gh(-200.0));
  EXPECT_EQ(test.null_law, NullLaw::kChiSquare);
  EXPECT_EQ(test.degrees, 1);
  EXPECT_NEAR(test.p_value, std::erfc(std::sqrt(2.0)), 1e-15);
}

TEST(LikelihoodRatio, OfAFaceIsHalfAndHalf) {
  for (const LikelihoodRatio& test :
       {likelihood_ratio(vg(-202.0), gh(-200.0)), likelihood_ratio(skewed_t(-202.0), gh(-200.0))}) {
    EXPECT_EQ(test.null_law, NullLaw::kChiBarSquare);
    EXPECT_EQ(test.statistic, 4.0);
    EXPECT_NEAR(test.p_value, 0.5 * std::erfc(std::sqrt(2.0)), 1e-15);
  }
}

TEST(LikelihoodRatio, OfAFaceWithMoreRestrictionsIsHalfOfEachDegree) {
  auto symmetric = vg(-203.0);
  symmetric.held = {"gamma"};
  symmetric.n_parameters = 6;
  const LikelihoodRatio test = likelihood_ratio(symmetric, gh(-200.0));
  EXPECT_EQ(test.degrees, 3);
  EXPECT_NEAR(test.p_value, 0.5 * (chi_square_sf(6.0, 2.0) + chi_square_sf(6.0, 3.0)), 1e-15);
}

TEST(LikelihoodRatio, BelowZeroByWhatAStoppingRuleLeavesIsZero) {
  const LikelihoodRatio face = likelihood_ratio(vg(-200.0), gh(-200.005));
  EXPECT_EQ(face.statistic, 0.0);
  EXPECT_EQ(face.p_value, 0.5);
  EXPECT_EQ(likelihood_ratio(nig(-200.0), gh(-200.005)).p_value, 1.0);
  EXPECT_REFUSED(vg(-200.0), gh(-200.02), "large must be a maximum");
  EXPECT_REFUSED(symmetric_nig(), nig(-203.02), "large must be a maximum");
}

TEST(LikelihoodRatio, RefusesLawsThatDoNotNest) {
  EXPECT_REFUSED(nig(-202.0), vg(-200.0), "small must be a law within that of large, VarianceGamma");
  EXPECT_REFUSED(gh(-202.0), nig(-200.0), "small must be a law within that of large, NormalInverseGaussian");
  EXPECT_REFUSED(nig(-202.0), nig(-200.0), "fewer free parameters");
  EXPECT_REFUSED(nig(-202.0), symmetric_nig(), "small.held must be all that large holds, ['gamma'], got []");
  EXPECT_REFUSED(nig(-205.0, 4, {"sigma"}), nig(-203.0, 6, {"gamma"}), "small.held");
}

TEST(LikelihoodRatio, RefusesOtherValuesOfWhatBothHold) {
  auto small = nig(-203.0, 4, {"gamma", "mu"});
  auto large = nig(-201.0, 6, {"mu"});
  EXPECT_EQ(likelihood_ratio(small, large).degrees, 2);
  large.model = NormalInverseGaussian(Vector::Ones(2), Vector::Zero(2), Matrix::Identity(2, 2), {1.0, 1.0});
  EXPECT_REFUSED(small, large, "small.mu must be held at the value");
  auto shaped = gh(-201.0);
  shaped.held = {"p"};
  shaped.n_parameters = 8;
  auto both = gh(-203.0);
  both.held = {"gamma", "p"};
  both.n_parameters = 6;
  EXPECT_EQ(likelihood_ratio(both, shaped).degrees, 2);
  both.model = made(GeneralizedInverseGaussian(1.5, 1.0, 1.0), 0.0, 6).model;
  EXPECT_REFUSED(both, shaped, "small.p must be held at the value");
}

TEST(LikelihoodRatio, RefusesFitsOfOtherRowsOrOtherFitters) {
  auto other = nig(-200.0);
  other.total_weight = 99.0;
  EXPECT_REFUSED(symmetric_nig(), other, "total_weight");
  other = nig(-200.0);
  other.log_likelihood.reset();
  EXPECT_REFUSED(symmetric_nig(), other, "large must be a fit of BatchEMFitter");
  other.log_likelihood = std::numeric_limits<double>::infinity();
  EXPECT_REFUSED(symmetric_nig(), other, "large.log_likelihood must be finite");
  other = nig(-200.0);
  other.has_prior = true;
  EXPECT_REFUSED(symmetric_nig(), other, "one with a prior");
  other = nig(-200.0);
  other.model = some_model(3, 1, 1.0);
  EXPECT_REFUSED(symmetric_nig(), other, "dimension");
  auto named = symmetric_nig();
  named.model = named.model.with_columns(ColumnNames({"a", "b"}));
  other = nig(-200.0);
  other.model = other.model.with_columns(ColumnNames({"a", "c"}));
  EXPECT_REFUSED(named, other, "columns of small, ['a', 'b'], got ['a', 'c']");
  auto weighted = symmetric_nig();
  weighted.total_weight = 99.5;
  other = nig(-200.0);
  other.total_weight = 99.5;
  EXPECT_REFUSED(weighted, other, "a number of rows");
}

TEST(LikelihoodRatio, RefusesIrregularFits) {
  for (const StatusCode code : {StatusCode::kGaussianLimit, StatusCode::kModeTrap, StatusCode::kShapeMinimum,
                                StatusCode::kConstantColumn, StatusCode::kDispersionFloor}) {
    auto irregular = nig(-200.0);
    irregular.status.add(code);
    EXPECT_REFUSED(symmetric_nig(), irregular, name(code));
    EXPECT_REFUSED(irregular, gh(-199.0), name(code));
  }
  EXPECT_REFUSED(vg(-202.0, 0.9), gh(-200.0), "finite information of mu");
  EXPECT_REFUSED(skewed_t(-202.0, 0.9), gh(-200.0), "finite information of gamma");
  auto on_face = gh(-200.0);
  on_face.status.add(StatusCode::kGammaFace);
  EXPECT_EQ(likelihood_ratio(nig(-200.5), on_face).status, FitTestStatus::kOk);  // the law of LR is that of the null
  auto null_on_face = on_face;
  null_on_face.held = {"gamma"};
  null_on_face.n_parameters = 7;
  EXPECT_REFUSED(null_on_face, gh(-199.0), "one on a face");
}

TEST(LikelihoodRatio, SaysWhereItsLawIsApproachedSlowlyOrAFitHasNotConverged) {
  EXPECT_EQ(likelihood_ratio(vg(-202.0, 1.4), gh(-200.0)).status, FitTestStatus::kIrregular);
  EXPECT_EQ(likelihood_ratio(vg(-202.0, 1.6), gh(-200.0)).status, FitTestStatus::kOk);
  EXPECT_EQ(likelihood_ratio(skewed_t(-202.0, 1.9), gh(-200.0)).status, FitTestStatus::kIrregular);
  EXPECT_EQ(likelihood_ratio(skewed_t(-202.0, 2.1), gh(-200.0)).status, FitTestStatus::kOk);
  auto stopped = nig(-200.0);
  stopped.converged = false;
  EXPECT_EQ(likelihood_ratio(symmetric_nig(), stopped).status, FitTestStatus::kNotConverged);
}

TEST(LikelihoodRatio, KnowsWhatAFitHeld) {
  const RowMatrix x = tutorial_model().rvs(100, Seed{1});
  const auto init = NormalInverseGaussian::default_init(x);
  const auto held = [&](BatchEMOptions options) { return BatchEMFitter(std::move(options)).fit(init, x).held; };
  EXPECT_EQ(held({.max_iter = 2}), std::vector<std::string>{});
  EXPECT_EQ(held({.max_iter = 2, .symmetric = true}), std::vector<std::string>{"gamma"});
  EXPECT_EQ(held({.max_iter = 2, .symmetric = true, .fixed = {"sigma", "mu", "mu"}}),
            (std::vector<std::string>{"gamma", "mu", "sigma"}));
  const Shrinkage prior{IdentityUpdate{}, init.compute_eta_from_model(), 0.1};
  EXPECT_TRUE(BatchEMFitter({.max_iter = 2, .eta_update = prior}).fit(init, x).has_prior);
  EXPECT_FALSE(BatchEMFitter({.max_iter = 2}).fit(init, x).has_prior);
}

#undef EXPECT_REFUSED

}  // namespace
}  // namespace varimix::tests
