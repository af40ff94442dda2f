#include "varimix/em/fit_best.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/models.hpp"
#include "support/paths.hpp"
#include "support/tied_rows.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

RowMatrix skewed_t_rows() {
  const NormalInverseGamma truth(Vector{{0.1, -0.4}}, Vector{{0.3, 0.2}}, some_factor(2, 3), InverseGamma(1.4, 1.4));
  return truth.rvs(4000, Seed{3});
}

TEST(FitBest, FindsTheFamilyThatMadeTheRows) {
  const RowMatrix x = skewed_t_rows();
  const BestFit fits = fit_best(x);
  ASSERT_EQ(fits.table.size(), 4U);
  EXPECT_EQ(fits.best().family, Family::kNormalInverseGamma);
  std::set<Family> families;
  for (std::size_t k = 0; k < fits.table.size(); ++k) {
    const FamilyFit& fit = fits.table[k];
    families.insert(fit.family);
    if (k > 0) {
      EXPECT_GE(fit.bic, fits.table[k - 1].bic);
    }
    EXPECT_EQ(fit.n_parameters, fit.family == Family::kGeneralizedHyperbolic ? 9 : 8);
    EXPECT_DOUBLE_EQ(fit.aic, 2.0 * static_cast<double>(fit.n_parameters) - 2.0 * fit.log_likelihood);
    EXPECT_DOUBLE_EQ(fit.bic, std::log(4000.0) * static_cast<double>(fit.n_parameters) - 2.0 * fit.log_likelihood);
    EXPECT_GT(fit.seconds, 0.0);
    // In the table a variance gamma law that sits on a row has the likelihood with the floored distance.
    if (fit.status.has(StatusCode::kModeTrap)) continue;
    const double own = std::visit([&](const auto& model) { return model.marginal_log_likelihood(x); }, fit.model);
    EXPECT_TRUE(is_close(fit.log_likelihood, 4000.0 * own, 1e-13))
        << word(fit.family) << ": of the model that is returned";
    EXPECT_TRUE(fit.converged) << word(fit.family) << ": " << fit.status;
    EXPECT_LT(fit.start_gap, 1e-3) << word(fit.family);
  }
  EXPECT_EQ(families.size(), 4U);
}

TEST(FitBest, IsReproducible) {
  const RowMatrix x = skewed_t_rows().topRows(300);
  const BestFit one = fit_best(x, {}, Key{5});
  const BestFit two = fit_best(x, {}, Key{5});
  for (std::size_t k = 0; k < one.table.size(); ++k) {
    EXPECT_EQ(one.table[k].model, two.table[k].model);
    EXPECT_EQ(one.table[k].start_gap, two.table[k].start_gap);
  }
}

TEST(FitBest, RanksByTheCriterionAskedFor) {
  const RowMatrix x = skewed_t_rows().topRows(500);
  const BestFit by_likelihood = fit_best(x, {.n_starts = 1, .criterion = Criterion::kLogLikelihood});
  for (std::size_t k = 1; k < by_likelihood.table.size(); ++k) {
    EXPECT_LE(by_likelihood.table[k].log_likelihood, by_likelihood.table[k - 1].log_likelihood);
  }
  EXPECT_EQ(fit_best(x, {.families = {Family::kVarianceGamma}, .n_starts = 2}).best().family, Family::kVarianceGamma);
}

// The likelihood of these 80 rows has several maxima (tests/data/make_rugged.py).
TEST(FitBest, EightStartsMostlyFindTheMaximumThatOneMisses) {
  const RowMatrix x = Table(data_file("rugged.csv")).values();
  constexpr double kMaximum = -231.396;
  const auto log_likelihood = [&](int n_starts, const Key& key) {
    return fit_best(x, {.families = {Family::kNormalInverseGaussian}, .n_starts = n_starts}, key).best().log_likelihood;
  };
  EXPECT_LT(log_likelihood(1, Key{0}), kMaximum - 5.0);
  constexpr std::int64_t kKeys = 8;
  int found = 0;
  for (std::int64_t key = 0; key < kKeys; ++key) found += log_likelihood(8, Key{key}) > kMaximum - 1e-2 ? 1 : 0;
  EXPECT_GE(found, 6);  // of the first 16 keys 14 find it
}

// If rows are equal, a density with a pole at mu may have any likelihood, even if b is not quite 0.
TEST(FitBest, RanksAnUnboundedDensityLast) {
  RowMatrix x = skewed_t_rows().topRows(300);
  x.topRows(60).rowwise() = Vector{{0.15, -0.35}}.transpose();
  const BestFit fits = fit_best(x, {.n_starts = 2, .criterion = Criterion::kLogLikelihood});
  EXPECT_FALSE(fits.best().status.has(StatusCode::kModeTrap)) << fits.best().status;
  EXPECT_TRUE(fits.table.back().status.has(StatusCode::kModeTrap));
  EXPECT_GT(fits.table.back().log_likelihood, fits.best().log_likelihood);
}

TEST(FitBest, SaysThatTheModelOfTheLastPassSitsOnARow) {
  // After one pass mu is within 1e-7 of the last row, where the density of a VarianceGamma with alpha < 1/2 is
  // infinite.
  const RowMatrix x{{0.80583787}, {6.8437884}, {0.55635267}, {-0.94449684}, {-0.30616349}};
  const BestFit best =
      fit_best(x, {.families = {Family::kVarianceGamma}, .n_starts = 1, .fit = {.max_iter = 1}}, Key{0});
  EXPECT_TRUE(best.table[0].status.has(StatusCode::kModeTrap));
}

TEST(FitBest, CountsTheParametersThatAreFree) {
  const RowMatrix x = skewed_t_rows().topRows(300);
  const auto counts = [&](const BatchEMOptions& options, const std::vector<Family>& families) {
    std::vector<std::int64_t> all;
    for (const FamilyFit& fit : fit_best(x, {.families = families, .n_starts = 2, .fit = options}).table) {
      all.push_back(fit.n_parameters);
      EXPECT_DOUBLE_EQ(fit.aic, 2.0 * static_cast<double>(fit.n_parameters) - 2.0 * fit.log_likelihood);
    }
    return all;
  };
  using Counts = std::vector<std::int64_t>;
  const std::vector<Family> nig = {Family::kNormalInverseGaussian};
  EXPECT_EQ(counts({.symmetric = true}, nig), Counts{6});
  EXPECT_EQ(counts({.fixed = {"mu"}}, nig), Counts{6});
  EXPECT_EQ(counts({.fixed = {"sigma"}}, nig), Counts{6}) << "3 less, but it holds the gauge, too";
  EXPECT_EQ(counts({.fixed = {"lam"}}, nig), Counts{8}) << "any law has a gauge with this lam";
  EXPECT_EQ(counts({.symmetric = true, .fixed = {"mu"}}, nig), Counts{4});
  EXPECT_EQ(counts({.fixed = {"alpha"}}, {Family::kVarianceGamma}), Counts{7});
  EXPECT_EQ(counts({.fixed = {"p"}}, {Family::kGeneralizedHyperbolic}), Counts{8});
}

TEST(FitBest, WhatIsFixedStaysAtTheValuesOfDefaultInitInEveryStart) {
  const RowMatrix x = skewed_t_rows().topRows(300);
  const auto init = NormalInverseGaussian::default_init(x);
  const BestFit fits =
      fit_best(x, {.families = {Family::kNormalInverseGaussian}, .n_starts = 6, .fit = {.fixed = {"mu", "sigma"}}});
  const auto& model = std::get<NormalInverseGaussian>(fits.best().model);
  EXPECT_EQ(model.mu(), init.mu());
  EXPECT_EQ(model.L_Sigma(), init.L_Sigma());
}

TEST(FitBest, RowsThatNoFamilyCanFitEndInATableWithoutNaN) {
  RowMatrix x = skewed_t_rows().topRows(30);
  x(7, 1) = 1e300;
  const BatchEMOptions none{.max_iter = 0};
  for (const auto& [rows, options] : {std::pair{x, BatchEMOptions{}}, {x, none}, {skewed_t_rows(), none}}) {
    for (const int n_starts : {1, 3}) {
      const BestFit fits = fit_best(rows, {.n_starts = n_starts, .fit = options});
      ASSERT_EQ(fits.table.size(), 4U);
      for (const FamilyFit& fit : fits.table) {
        for (const double value : {fit.log_likelihood, fit.aic, fit.bic, fit.start_gap}) {
          EXPECT_FALSE(std::isnan(value)) << word(fit.family);
        }
        std::visit([](const auto& model) { EXPECT_TRUE(is_sound(model)); }, fit.model);
        EXPECT_FALSE(fit.status.empty()) << word(fit.family);
      }
    }
  }
}

TEST(FitBest, TakesOneRow) {
  const BestFit fits = fit_best(skewed_t_rows().topRows(1), {.n_starts = 2});
  for (const FamilyFit& fit : fits.table) EXPECT_TRUE(fit.status.has(StatusCode::kTooFewRows)) << word(fit.family);
}

// There are so many equal rows that every family puts a spike on them; then the likelihood ranks nothing.
TEST(FitBest, RanksTheSmallestSpikeFirstWhereAllHaveOne) {
  RowMatrix x = skewed_t_rows().topRows(300);
  x.topRows(150).rowwise() = x.row(0).eval();
  const BestFit fits = fit_best(x, {.n_starts = 2, .criterion = Criterion::kLogLikelihood});
  const auto density = [&](const FamilyFit& fit) {
    return std::visit([&](const auto& model) { return model.log_prob(x)(0); }, fit.model);
  };
  for (const FamilyFit& fit : fits.table) EXPECT_TRUE(fit.status.has(StatusCode::kModeTrap)) << word(fit.family);
  EXPECT_LT(density(fits.best()), density(fits.table.back()));
}

TEST(FitBest, PrefersALawWithoutASpikeForTiedRows) {
  const RowMatrix x = count_rows(5);
  const BestFit fits = fit_best(x, {.n_starts = 1});
  const double peak = std::visit([&](const auto& model) { return model.pdf(x).maxCoeff(); }, fits.best().model);
  EXPECT_LT(peak, 10.0) << fits.best().family << ": " << fits.best().status;
  EXPECT_TRUE(fits.table.back().status.has(StatusCode::kModeTrap));
}

TEST(FitBest, SaysOfAColumnThatNoRowShowsOnce) {
  RowMatrix x = skewed_t_rows().topRows(300);
  x.col(1).setConstant(std::nan(""));
  const BestFit fits = fit_best(x, {.n_starts = 2, .fit = {.missing = Missing::kExact}});
  for (const FamilyFit& fit : fits.table) EXPECT_EQ(fit.status.count(StatusCode::kUnseenColumn), 1) << fit.status;
}

TEST(FitBest, RefusesRowsThatShowNothing) {
  const RowMatrix x = RowMatrix::Constant(30, 2, std::nan(""));
  EXPECT_THAT(error_of([&] { (void)fit_best(x, {.fit = {.missing = Missing::kExact}}); }),
              HasSubstr("rows that show something"));
}

TEST(FitBest, NamesWrongOptions) {
  const RowMatrix x = skewed_t_rows().topRows(20);
  EXPECT_THAT(error_of([&] { (void)fit_best(x, {.families = {}}); }), HasSubstr("families must be one or more"));
  EXPECT_THAT(error_of([&] {
                (void)fit_best(x, {.families = {Family::kVarianceGamma, Family::kVarianceGamma}});
              }),
              HasSubstr("families must be each named once"));
  EXPECT_THAT(error_of([&] { (void)fit_best(x, {.n_starts = 0}); }), HasSubstr("n_starts must be >= 1"));
}

}  // namespace
}  // namespace varimix::tests
