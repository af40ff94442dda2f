#include "varimix/inference/goodness_of_fit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/families.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"

namespace varimix::tests {
namespace {

template <class S>
class GoodnessOfFitOf : public ::testing::Test {};
TYPED_TEST_SUITE(GoodnessOfFitOf, Families, FamilyNames);

bool same(const GoodnessOfFit& a, const GoodnessOfFit& b) {
  return a.statistics == b.statistics && a.p_values == b.p_values && a.p_value == b.p_value &&
         a.failed_refits == b.failed_refits && a.unconverged_refits == b.unconverged_refits;
}

TYPED_TEST(GoodnessOfFitOf, HasTheSameBitsForAnyNumberOfThreads) {
  const auto model = some_model<TypeParam>(2, 1, 0.7);
  const RowMatrix x = model.rvs(60, Seed{1});
  std::vector<GoodnessOfFit> found;
  for (const int threads : {1, 2, 7}) {
    const ThreadLimit limit(threads);
    found.push_back(goodness_of_fit(model, x, {.replicates = 9, .fit = {.max_iter = 30}}));
  }
  EXPECT_TRUE(same(found[0], found[1]));
  EXPECT_TRUE(same(found[0], found[2]));
  EXPECT_EQ(found[0].failed_refits, 0);
}

TEST(GoodnessOfFit, IsThatOfThePitOfEachProjection) {
  const auto model = tutorial_model();
  const RowMatrix x = model.rvs(50, Seed{2});
  const GoodnessOfFit test = goodness_of_fit(model, x, {.replicates = 0});
  ASSERT_EQ(test.statistics.size(), 3);
  EXPECT_EQ(test.directions, (Matrix{{1.0, 0.0}, {0.0, 1.0}, {0.5, 0.5}}));
  for (Index k = 0; k < 3; ++k) {
    const Vector w = test.directions.row(k).transpose();
    const auto law = model.project(w);
    std::vector<double> u;
    for (Index i = 0; i < x.rows(); ++i) u.push_back(law.cdf(x.row(i).dot(w)));
    double d = 0.0;  // sup of |F_n - u| at, and just before, every u
    for (const double at : u) {
      const auto below = static_cast<double>(std::count_if(u.begin(), u.end(), [&](double v) { return v < at; }));
      const auto upto = static_cast<double>(std::count_if(u.begin(), u.end(), [&](double v) { return v <= at; }));
      d = std::max({d, std::abs(below / 50.0 - at), std::abs(upto / 50.0 - at)});
    }
    EXPECT_NEAR(test.statistics(k), std::sqrt(50.0) * d, 1e-12);
  }
  EXPECT_EQ(test.statistic, test.statistics.maxCoeff());
  EXPECT_FALSE(test.p_value.has_value());
  EXPECT_EQ(test.p_values.size(), 0);
}

TEST(GoodnessOfFit, OfOneColumnHasOneProjection) {
  const auto model = univariate(0.0, 0.3, 1.0, 1.0, 1.0);
  EXPECT_EQ(goodness_of_fit(model, model.rvs(20, Seed{1}), {.replicates = 3}).statistics.size(), 1);
}

TEST(GoodnessOfFit, TakesDirectionsAsTheyAreGiven) {
  const auto model = tutorial_model();
  const RowMatrix x = model.rvs(40, Seed{3});
  const Matrix one{{2.0, -1.0}};
  const Matrix scaled{{20.0, -10.0}};  // the transform of a projection does not depend on its unit
  EXPECT_NEAR(goodness_of_fit(model, x, {.directions = one, .replicates = 0}).statistic,
              goodness_of_fit(model, x, {.directions = scaled, .replicates = 0}).statistic, 1e-12);
}

TEST(GoodnessOfFit, RandomDirectionsHaveAUnitOfSigmaAndAKey) {
  const auto model = some_model(4, 2, 1.0);
  const Matrix w = random_directions(model.L_Sigma(), 6, Key{5});
  const Matrix scale = w * model.sigma() * w.transpose();
  for (Index k = 0; k < 6; ++k) EXPECT_NEAR(scale(k, k), 1.0, 1e-12);
  EXPECT_EQ(w, random_directions(model.L_Sigma(), 6, Key{5}));
  EXPECT_EQ(Matrix(w.topRows(3)), random_directions(model.L_Sigma(), 3, Key{5}));
  EXPECT_NE(w, random_directions(model.L_Sigma(), 6, Key{6}));
  EXPECT_THROW((void)random_directions(model.L_Sigma(), 0, Key{5}), std::invalid_argument);
}

TEST(GoodnessOfFit, FindsThatTwoClustersAreNoMixtureOfThisKind) {
  RowMatrix x = gaussian_rows(300, 2, 1);
  for (Index i = 0; i < x.rows(); i += 2) x.row(i).array() += 3.0;
  const auto fit = NormalInverseGaussian::fit(x);
  const GoodnessOfFit test = goodness_of_fit(fit.model, x, {.replicates = 19});
  EXPECT_EQ(test.p_value, 1.0 / 20.0);
}

TEST(GoodnessOfFit, ReplicatesHoldWhatTheFitHeld) {
  const RowMatrix x = tutorial_model().rvs(300, Seed{4});
  const BatchEMOptions symmetric{.symmetric = true};
  const auto fit = NormalInverseGaussian::fit(x, symmetric);
  const GoodnessOfFit held = goodness_of_fit(fit.model, x, {.replicates = 99, .fit = symmetric});
  const GoodnessOfFit free = goodness_of_fit(fit.model, x, {.replicates = 99});
  EXPECT_EQ(held.statistics, free.statistics);
  EXPECT_NE(held.p_values, free.p_values);
}

TEST(GoodnessOfFit, CountsReplicatesThatFailOrDoNotConverge) {
  const auto model = tutorial_model();
  const RowMatrix x = model.rvs(50, Seed{5});
  const GoodnessOfFit stopped = goodness_of_fit(model, x, {.replicates = 9, .fit = {.max_iter = 1}});
  EXPECT_EQ(stopped.unconverged_refits, 9);
  EXPECT_EQ(stopped.failed_refits, 0);
  const NormalInverseGamma without_moments(Vector::Zero(2), Vector::Zero(2), Matrix::Identity(2, 2),
                                           InverseGamma(1e-3, 1.0));  // its draws overflow
  const GoodnessOfFit failed = goodness_of_fit(without_moments, x, {.replicates = 9});
  EXPECT_EQ(failed.failed_refits, 9);
  EXPECT_EQ(failed.p_value, 1.0);
  EXPECT_NE(failed.line().find("9 without a fit"), std::string::npos);
  EXPECT_NE(stopped.line().find("9 not converged"), std::string::npos);
}

TEST(GoodnessOfFit, IsALineInTheSummaryOfAFit) {
  const RowMatrix x = tutorial_model().rvs(100, Seed{6});
  auto fit = NormalInverseGaussian::fit(x);
  EXPECT_EQ(fit.summary().find("goodness of fit"), std::string::npos);
  fit.goodness_of_fit = goodness_of_fit(fit.model, x, {.replicates = 9}).line();
  EXPECT_NE(fit.summary().find("\ngoodness of fit: largest sqrt(n) D of 3 projections"), std::string::npos);
}

std::string refusal(const RowMatrix& x, const GoodnessOfFitOptions& options) {
  try {
    (void)goodness_of_fit(tutorial_model(), x, options);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(GoodnessOfFit, RefusesWhatItCannotTest) {
  const RowMatrix x = tutorial_model().rvs(10, Seed{7});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(refusal(RowMatrix(0, 2), {}).find('X'), std::string::npos);
  EXPECT_NE(refusal(RowMatrix::Zero(3, 3), {}).find('X'), std::string::npos);
  EXPECT_NE(refusal(RowMatrix::Constant(3, 2, nan), {}).find('X'), std::string::npos);
  EXPECT_NE(refusal(x, {.replicates = -1}).find("replicates"), std::string::npos);
  EXPECT_NE(refusal(x, {.replicates = 1'000'001}).find("replicates"), std::string::npos);
  EXPECT_NE(refusal(x, {.directions = Matrix::Ones(1, 3)}).find("directions"), std::string::npos);
  EXPECT_NE(refusal(x, {.directions = Matrix::Constant(1, 2, nan)}).find("directions"), std::string::npos);
  EXPECT_FALSE(refusal(x, {.directions = Matrix::Zero(1, 2)}).empty());
  EXPECT_NE(refusal(x, {.fit = {.missing = Missing::kExact}}).find("missing"), std::string::npos);
  EXPECT_NE(refusal(x, {.fit = {.tol = -1.0}}).find("tol"), std::string::npos);
  EXPECT_NE(refusal(x, {.fit = {.fixed = {"alpha"}}}).find("fixed"), std::string::npos);
  EXPECT_NE(
      refusal(RowMatrix::Constant(2, 2, 1e308), {.directions = Matrix::Constant(1, 2, 10.0)}).find("projection 0"),
      std::string::npos);
}

}  // namespace
}  // namespace varimix::tests
