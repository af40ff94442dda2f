#pragma once

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>

#include "batch_rows.hpp"
#include "known_covariance-inl.hpp"
#include "online_em_model.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {

namespace {

template <class T>
bool same_value(const T& left, const T& right) {
  return left == right;
}

/// Returns true for equal values; NaN, which marks a column that no row has shown, equals itself here.
bool same_value(const Vector& left, const Vector& right) {
  return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(), [](double a, double b) {
           return a == b || (std::isnan(a) && std::isnan(b));
         });
}

}  // namespace

template <class M>
bool OnlineEMState<M>::operator==(const OnlineEMState& other) const {
  return all_members(*this, other, [](const auto& mine, const auto& theirs, const auto& /*member*/) {
    return same_value(mine, theirs);
  });
}

template <Fittable M>
// NOLINTNEXTLINE(performance-unnecessary-value-param): they are moved, which a template hides from it
OnlineEM<M>::OnlineEM(M model, UpdateRule eta_update, const Key& key, OnlineEMOptions options)
    : state_{.initial = model,
             .options = std::move(options),
             .key = key,
             .rule = std::move(eta_update),
             .driving = model,
             .running = Eta(mean_variance_layout(1, LogY::kLeaveOut), Vector::Zero(1)),
             .score = {}},
      fit_(model, constraints_of(state_.options)) {
  check_options();
  if (state_.options.gaussian_test) state_.gaussian_test = GaussianTestStream::of_dimension(d());
  state_.backtests.resize(state_.options.portfolios.size());
  state_.score.half_life = state_.options.score_half_life;
  state_.running = fit_.statistics(model);
  state_.has_running = state_.running.is_finite();
  const double y = fit_.scale_of_y(model);
  if (state_.has_running) state_.running = rescale_y(state_.running, 1.0 / y);
  rescale_y(state_, fit_, 1.0 / y);
  state_.driving = fit_.within_constraints(model.rescale_y(1.0 / y));
}

template <Fittable M>
OnlineEM<M>::OnlineEM(OnlineEMState<M> state)
    : state_(std::move(state)), fit_(state_.initial, constraints_of(state_.options)) {
  check_options();
  require(state_.driving.d() == d(), "driving", "of the initial model's dimension " + std::to_string(d()),
          state_.driving.d());
  require(state_.running.layout == fit_.statistics(state_.initial).layout, "running",
          "of the statistics of the initial model", "other ones");
  require(!state_.has_running || state_.running.is_finite(), "running", "finite", state_.running.first_not_finite());
  require(std::isfinite(state_.gauge) && state_.gauge > 0.0, "gauge", "finite and > 0", state_.gauge);
  require(state_.gaussian_test.has_value() == state_.options.gaussian_test, "gaussian_test",
          "as options.gaussian_test says", state_.gaussian_test ? "there" : "left out");
  require(state_.backtests.size() == state_.options.portfolios.size(), "backtests", "one a portfolio of options",
          state_.backtests.size());
  fit_.enter_gauge(state_.gauge);
}

template <Fittable M>
void OnlineEM<M>::check_options() const {
  const OnlineEMOptions& options = state_.options;
  require(options.inner_iter >= 1, "inner_iter", ">= 1", options.inner_iter);
  require(!options.frozen || options.inner_iter == 1, "inner_iter", "1 in a frozen state", options.inner_iter);
  require(options.score_half_life > 0.0 && std::isfinite(options.score_half_life), "score_half_life", "finite and > 0",
          options.score_half_life);
  require(!options.gaussian_test || options.missing == Missing::kError, "gaussian_test",
          "false with missing='exact': the test has no law for rows with missing values", "true");
  check_forecasts();
  state_.rule.check(d());
  if (!state_.rule.moves_model()) return;
  const std::string rule = called(state_.rule);
  require(NaturalFittable<M>, "eta_update", "a rule that blends statistics for this model", rule);
  require(!options.frozen, "eta_update", "a rule that blends statistics, as SampleWeightedUpdate, in a frozen state",
          rule);
  require(options.inner_iter == 1, "inner_iter", "1 with " + rule + ", which iterates on its own", options.inner_iter);
}

template <Fittable M>
void OnlineEM<M>::check_forecasts() const {
  const std::vector<WatchedPortfolio>& portfolios = state_.options.portfolios;
  if constexpr (ForecastsTails<M>) {
    check_portfolios(portfolios, d());
    for (const WatchedPortfolio& each : portfolios) (void)tail_forecast(state_.initial, each.weights, each.alpha);
  } else {
    require(portfolios.empty(), "portfolios", "none with this model, which has no tail_forecast", portfolios.size());
  }
}

template <Fittable M>
void OnlineEM<M>::name_columns(const ColumnNames& columns) requires NamesColumns<M> {
  state_.initial = std::move(state_.initial).with_columns(columns);
  state_.driving = std::move(state_.driving).with_columns(columns);
  fit_.name_columns(columns);
}

template <Fittable M>
M OnlineEM<M>::model() const {
  return model_seen(state_, fit_);
}

template <Fittable M>
std::vector<PortfolioBacktest> OnlineEM<M>::backtests() const {
  std::vector<PortfolioBacktest> all(state_.backtests.size());
  for (const Ancestor& ancestor : state_.lineage.ancestors) merge_backtests(all, ancestor.backtests);
  merge_backtests(all, state_.backtests);
  return all;
}

template <Fittable M>
ParameterCovariance OnlineEM<M>::cov_params(double distinct_rows) const {
  std::optional<KnownRows> known = state_.rule.known_rows();
  require(known.has_value(), "eta_update", "NaturalGradientUpdate, which knows the information of its rows",
          called(state_.rule));
  require(known->rows > 0.0, "the state", "one that has learned",
          state_.step > 0 ? "one whose steps were all reverted" : "a new one");
  require(distinct_rows > 0.0, "distinct_rows", "> 0", distinct_rows);
  if constexpr (NaturalFittable<M>) {
    known->rows = std::min(known->rows, distinct_rows);
    return known_covariance(fit_, state_.driving, *known);
  } else {
    return {};
  }
}

template <Fittable M>
Status OnlineEM<M>::status(double distinct_rows) const {
  Status all = state_.status;
  const bool has_learned = state_.total_weight > 0.0;
  const double rows = has_learned ? std::min(state_.total_weight, distinct_rows) : distinct_rows;
  std::vector<Index> unseen;
  for (Index j = 0; j < state_.first_row.size(); ++j) {
    if (std::isnan(state_.first_row(j))) unseen.push_back(j);
  }
  if (!unseen.empty()) all.add(StatusCode::kUnseenColumn, list_columns(unseen));
  add_data_limits(rows, d(), state_.constant_columns, all);
  if (!has_learned) return all;

  if (!state_.rule.weights_sum_to_one()) all.add(StatusCode::kWeightsNotOne);
  const Shown<M> at_end = shown(state_, fit_, all);
  fit_.add_limits(at_end.m_step, at_end.reported, rows, all);
  return all;
}

}  // namespace varimix
