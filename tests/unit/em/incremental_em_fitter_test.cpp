#include "varimix/em/incremental_em_fitter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "support/close.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "varimix/em/shrinkage_targets.hpp"
#include "varimix/random/sample_rows.hpp"

namespace varimix::tests {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const RowMatrix& rows() {
  static const RowMatrix x = tutorial_model().rvs(3000, Seed{31});
  return x;
}

NormalInverseGaussian init() { return NormalInverseGaussian::default_init(rows()); }

EMResult<NormalInverseGaussian> fit(IncrementalEMOptions options, std::int64_t key = 0) {
  return IncrementalEMFitter(std::move(options)).fit(init(), rows(), Key{key});
}

template <class Change>
std::string error_after(Change&& change) {
  IncrementalEMOptions options;
  change(options);
  return error_of([&] { (void)IncrementalEMFitter(options); });
}

TEST(IncrementalEMFitter, TakesItsStepsAndSaysThatTheBudgetIsSpent) {
  const NormalInverseGaussian far = init().replace({.mu = Vector{{1.0, 1.0}}});
  const auto result = IncrementalEMFitter({.batch_size = 100, .max_steps = 25}).fit(far, rows(), Key{0});
  EXPECT_EQ(result.n_iter, 25);
  EXPECT_EQ(result.param_changes.size(), 25U);
  EXPECT_TRUE(result.log_likelihoods.empty());
  EXPECT_FALSE(result.converged);
  EXPECT_FALSE(result.diverged);
  EXPECT_TRUE(result.status.has(StatusCode::kCompleted)) << result.status;
  EXPECT_EQ(result.status.entries().size(), 1U) << result.status;
  EXPECT_GE(result.elapsed_time, 0.0);
  EXPECT_GT(result.model.marginal_log_likelihood(rows()), far.marginal_log_likelihood(rows()) + 0.1);
}

TEST(IncrementalEMFitter, HasTheReferencesDefaults) {
  const IncrementalEMOptions options;
  EXPECT_EQ(options.batch_size, 256);
  EXPECT_EQ(options.max_steps, 200);
  EXPECT_EQ(options.inner_iter, 1);
  EXPECT_EQ(options.verbose, 0);
  EXPECT_EQ(options.regularization, Regularization::kNone);
}

TEST(IncrementalEMFitter, RecordsElevenLikelihoodsInSixtySteps) {
  const auto verbose = fit({.batch_size = 64, .max_steps = 60, .verbose = 1});
  ASSERT_EQ(verbose.log_likelihoods.size(), 11U);
  EXPECT_EQ(verbose.log_likelihoods.back(), verbose.log_likelihoods[9]) << "after the last step, and once at the end";
  EXPECT_TRUE(is_close(verbose.log_likelihoods.back(), verbose.model.marginal_log_likelihood(rows()), 1e-14));
  const auto first_six = fit({.batch_size = 64, .max_steps = 6});
  EXPECT_TRUE(is_close(verbose.log_likelihoods[0], first_six.model.marginal_log_likelihood(rows()), 1e-14));
  EXPECT_EQ(verbose.model, fit({.batch_size = 64, .max_steps = 60}).model) << "recording changes nothing";
  EXPECT_EQ(fit({.batch_size = 64, .max_steps = 5, .verbose = 2}).log_likelihoods.size(), 6U);
  EXPECT_EQ(fit({.batch_size = 64, .max_steps = 25, .verbose = 1}).log_likelihoods.size(), 13U);
}

TEST(IncrementalEMFitter, ZeroStepsReturnTheInitialModelAsItIs) {
  for (const NamedRule& rule : all_rules()) {
    const NormalInverseGaussian given = init().rescale_y(5.0);
    const IncrementalEMFitter fitter({.max_steps = 0, .eta_update = rule.make(given), .verbose = 1});
    const auto result = fitter.fit(given, rows(), Key{0});
    EXPECT_EQ(result.model, given) << rule.name;
    EXPECT_EQ(result.n_iter, 0);
    EXPECT_EQ(result.log_likelihoods.size(), 1U);
    EXPECT_TRUE(result.status.has(StatusCode::kNotStarted));
    EXPECT_FALSE(result.status.has(StatusCode::kCompleted));
  }
}

TEST(IncrementalEMFitter, RowsThatShowNothingAreNoStepsAndDoNotHoldTheFitUp) {
  RowMatrix x = rows().topRows(40);
  x.topRows(30).setConstant(std::numeric_limits<double>::quiet_NaN());
  const IncrementalEMFitter fitter({.batch_size = 1, .max_steps = 200, .missing = Missing::kExact});
  OnlineEM<NormalInverseGaussian> state = fitter.start(init());
  const auto result = fitter.fit(state, x, Key{1});
  EXPECT_EQ(result.n_iter, state.step());
  EXPECT_EQ(result.param_changes.size(), static_cast<std::size_t>(result.n_iter));
  EXPECT_GT(result.n_iter, 20) << "a quarter of the rows";
  EXPECT_LT(result.n_iter, 90);
  const auto none = fitter.fit(init(), x.topRows(30), Key{1});
  EXPECT_EQ(none.n_iter, 0);
  EXPECT_TRUE(none.status.has(StatusCode::kNoRows)) << none.status;
}

TEST(IncrementalEMFitter, RecordsAFiniteLikelihoodWhereARowSitsInThePoleOfADensity) {
  const VarianceGamma model(Vector{{0.5}}, Vector{{0.0}}, Matrix{{1.0}}, Gamma(0.3, 0.3));
  RowMatrix x = model.rvs(50, Seed{2});
  x(10, 0) = 0.5;
  const auto result = IncrementalEMFitter({.max_steps = 0, .verbose = 1}).fit(model, x, Key{0});
  EXPECT_TRUE(std::isfinite(result.log_likelihoods.front()));
}

TEST(IncrementalEMFitter, ABatchLargerThanTheDataUsesAllRowsAndSaysSo) {
  const auto capped = fit({.batch_size = 5000, .max_steps = 3, .eta_update = IdentityUpdate{}});
  EXPECT_TRUE(capped.status.has(StatusCode::kBatchCapped));
  EXPECT_THAT(capped.status.sentence(), AllOf(HasSubstr("5000"), HasSubstr("3000")));
  const auto exact = fit({.batch_size = 3000, .max_steps = 3, .eta_update = IdentityUpdate{}});
  EXPECT_FALSE(exact.status.has(StatusCode::kBatchCapped));
  EXPECT_EQ(capped.model, exact.model);
}

TEST(IncrementalEMFitter, TheKeyDecidesTheBatches) {
  for (const NamedRule& rule : all_rules()) {
    const IncrementalEMOptions options{.batch_size = 50, .max_steps = 8, .eta_update = rule.make(init())};
    EXPECT_EQ(fit(options, 4).model, fit(options, 4).model) << rule.name;
    EXPECT_FALSE(fit(options, 4).model == fit(options, 5).model) << rule.name;
  }
}

TEST(IncrementalEMFitter, ContinuingOnAStateIsNeverHavingStopped) {
  for (const NamedRule& rule : all_rules()) {
    const auto fitter = [&](std::int64_t steps) {
      return IncrementalEMFitter({.batch_size = 50, .max_steps = steps, .eta_update = rule.make(init())});
    };
    OnlineEM<NormalInverseGaussian> state = fitter(3).start(init());
    (void)fitter(3).fit(state, rows(), Key{1});
    const auto continued = fitter(5).fit(state, rows(), Key{1});
    EXPECT_EQ(continued.model, fitter(8).fit(init(), rows(), Key{1}).model) << rule.name;
    EXPECT_EQ(continued.n_iter, 5);
    EXPECT_EQ(state.step(), 8);
  }
}

TEST(IncrementalEMFitter, TheCallbackSeesEveryStepAndStopsTheFit) {
  std::vector<std::int64_t> seen;
  const IncrementalEMFitter fitter({.batch_size = 50, .max_steps = 100});
  const auto stopped = fitter.fit(init(), rows(), Key{0}, [&](const BatchReport& report) {
    seen.push_back(report.step);
    return report.step < 4;
  });
  EXPECT_THAT(seen, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(stopped.n_iter, 4);
  EXPECT_TRUE(stopped.status.has(StatusCode::kInterrupted));
  EXPECT_FALSE(stopped.status.has(StatusCode::kCompleted));
  EXPECT_EQ(stopped.model, fit({.batch_size = 50, .max_steps = 4}).model);
}

TEST(IncrementalEMFitter, AStepIsAnUpdateOnTheRowsThatItsKeyAndStepDraw) {
  OnlineEM<NormalInverseGaussian> state(init(), EWMAUpdate{});
  for (std::int64_t step = 0; step < 3; ++step) {
    CounterStream stream(Key{6}, StreamPurpose::kBatchRows, static_cast<std::uint64_t>(step));
    const auto drawn = sample_rows(stream, rows().rows(), 70);
    (void)state.update(RowView(rows()).select(drawn));
  }
  EXPECT_EQ(fit({.batch_size = 70, .max_steps = 3, .eta_update = EWMAUpdate{}}, 6).model, state.model());
}

TEST(IncrementalEMFitter, OnlyRowsThatAreDrawnAreRead) {
  CounterStream stream(Key{0}, StreamPurpose::kBatchRows, 0);
  const auto drawn = sample_rows(stream, rows().rows(), 40);
  RowMatrix spoilt = RowMatrix::Constant(rows().rows(), 2, std::nan(""));
  for (const std::int64_t row : drawn) spoilt.row(row) = rows().row(row);
  const auto fit_spoilt = [&](int verbose, std::int64_t steps) {
    return IncrementalEMFitter({.batch_size = 40, .max_steps = steps, .verbose = verbose}).fit(init(), spoilt, Key{0});
  };
  EXPECT_EQ(fit_spoilt(0, 1).model, fit({.batch_size = 40, .max_steps = 1}).model);
  EXPECT_THAT(error_of([&] { (void)fit_spoilt(0, 2); }),
              AllOf(HasSubstr("must be finite, got "), HasSubstr("column 0")));
  EXPECT_THAT(error_of([&] { (void)fit_spoilt(1, 1); }), HasSubstr("X must be finite"));
}

TEST(IncrementalEMFitter, AnErrorKeepsTheStepsThatWereCompleted) {
  CounterStream stream(Key{0}, StreamPurpose::kBatchRows, 0);
  const auto drawn = sample_rows(stream, rows().rows(), 40);
  RowMatrix spoilt = RowMatrix::Constant(rows().rows(), 2, std::nan(""));
  for (const std::int64_t row : drawn) spoilt.row(row) = rows().row(row);
  const IncrementalEMFitter fitter({.batch_size = 40, .max_steps = 9});
  OnlineEM<NormalInverseGaussian> state = fitter.start(init());
  EXPECT_NE(error_of([&] { (void)fitter.fit(state, spoilt, Key{0}); }), "");
  EXPECT_EQ(state.step(), 1);
  EXPECT_EQ(state.model(), fit({.batch_size = 40, .max_steps = 1}).model);
}

TEST(IncrementalEMFitter, ShapesOfTheDataAreChecked) {
  const IncrementalEMFitter fitter({.max_steps = 0});
  EXPECT_THAT(error_of([&] { (void)fitter.fit(init(), RowMatrix(0, 2), Key{0}); }), HasSubstr("X must be"));
  const RowMatrix wide = RowMatrix::Zero(5, 3);
  EXPECT_THAT(error_of([&] { (void)fitter.fit(init(), wide, Key{0}); }),
              HasSubstr("X must be rows of 2 columns, got 3 columns"));
}

TEST(IncrementalEMFitter, FewerRowsThanDPlusOneAreSaid) {
  const RowMatrix two = rows().topRows(2);
  for (const std::int64_t steps : {1, 3}) {
    const auto result = IncrementalEMFitter({.max_steps = steps}).fit(init(), two, Key{0});
    EXPECT_EQ(result.status.count(StatusCode::kTooFewRows), 1) << result.status;
    EXPECT_TRUE(is_sound(result.model));
  }
}

TEST(IncrementalEMFitterOptions, EachIsRefusedOutsideItsDomainByName) {
  EXPECT_EQ(error_after([](auto& o) { o.batch_size = 0; }), "batch_size must be >= 1, got 0");
  EXPECT_EQ(error_after([](auto& o) { o.batch_size = -5; }), "batch_size must be >= 1, got -5");
  EXPECT_EQ(error_after([](auto& o) { o.max_steps = -1; }), "max_steps must be >= 0, got -1");
  EXPECT_EQ(error_after([](auto& o) { o.inner_iter = 0; }), "inner_iter must be >= 1, got 0");
  EXPECT_EQ(error_after([](auto& o) { o.verbose = -1; }), "verbose must be >= 0, got -1");
  EXPECT_THAT(error_after([](auto& o) { o.e_step_backend = "jax"; }),
              AllOf(HasSubstr("e_step_backend must be 'cpu'"), HasSubstr("got 'jax'")));
  EXPECT_THAT(error_after([](auto& o) { o.m_step_backend = "gpu"; }),
              AllOf(HasSubstr("m_step_backend must be 'cpu'"), HasSubstr("got 'gpu'")));
  EXPECT_EQ(error_after([](auto&) {}), "");
}

TEST(IncrementalEMFitterOptions, AnEta0OfAnotherDimensionIsRefusedBeforeTheFirstStep) {
  const Eta eta0 = some_model(3, 1, 1.0).compute_eta_from_model();
  const IncrementalEMFitter fitter({.eta_update = Shrinkage{IdentityUpdate{}, eta0, 0.5}});
  EXPECT_THAT(error_of([&] { (void)fitter.fit(init(), rows(), Key{0}); }),
              HasSubstr("eta0 must be of dimension 2, got 3"));
}

}  // namespace
}  // namespace varimix::tests
