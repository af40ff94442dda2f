#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "varimix/core/column_names.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/mixture/complete_likelihood.hpp"
#include "varimix/mixture/fit_constraints.hpp"
#include "varimix/mixture/law_difference.hpp"
#include "varimix/mixture/marginal.hpp"
#include "varimix/mixture/mixture_fit.hpp"
#include "varimix/risk/portfolio.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// A model that online and batch EM can fit, whatever its statistics: they know it by this concept alone. M is a value.
/// M::Fit, made from an initial model and constraints, knows how to fit it: it has the statistics, an E-step on rows,
/// an M-step, the gauge, the limits to report of a fit, and the number of free parameters (MixtureFit says what each
/// function returns). A model without a gauge has scale_of_y() = 1 and ignores changes of gauge.
template <class M>
concept Fittable = std::copyable<M> && std::equality_comparable<M> &&
    requires(const M& model, typename M::Fit& working, const typename M::Fit& fit, const typename M::Fit::MStep& m_step,
             const RowView& x, std::span<const double> weights, const Eta& eta, double number, Status& status) {
  { model.d() } -> std::convertible_to<Index>;
  { model.rescale_y(number) } -> std::same_as<M>;
  { law_difference(model, model) } -> std::convertible_to<double>;
  requires std::constructible_from<typename M::Fit, const M&, const FitConstraints&>;
  { fit.statistics(model) } -> std::same_as<Eta>;
  { fit.scale_of_y(eta) } -> std::convertible_to<double>;
  { fit.scale_of_y(model) } -> std::convertible_to<double>;
  { fit.free_parameters() } -> std::convertible_to<Index>;
  { fit.depends_on_gauge() } -> std::convertible_to<bool>;
  {working.enter_gauge(number)};
  { fit.e_step(model, x, weights) } -> std::same_as<EStepResult>;
  { fit.log_density(model, x) } -> std::same_as<Vector>;
  { fit.mean_log_density(model, x) } -> std::convertible_to<double>;
  { fit.m_step(eta, BelowFloor::kRaise) } -> std::same_as<typename M::Fit::MStep>;
  { *m_step.model } -> std::convertible_to<const M&>;  // empty if eta is infeasible
  { m_step.infeasible } -> std::convertible_to<std::string>;
  { m_step.raised_columns } -> std::convertible_to<std::vector<Index>>;
  { fit.within_constraints(model) } -> std::same_as<M>;
  { fit.can_be_rescaled(model, eta, number) } -> std::convertible_to<bool>;
  { fit.shown(model, number, status) } -> std::same_as<M>;
  {fit.add_spikes(fit.e_step(model, x, weights), x, weights, std::int64_t{0}, status)};
  {fit.add_limits(m_step, eta, number, status)};
};

/// A model whose E-step also gives the rows' log densities, so that rows that are scored are read once.
template <class M>
concept ScoredInEStep = Fittable<M> && requires(const M& model, const typename M::Fit& fit, const RowView& x,
                                                std::span<const double> weights, std::span<double> out_log_density) {
  { fit.e_step(model, x, weights, out_log_density) } -> std::same_as<EStepResult>;
};

/// A model that batch EM fits too: its Fit names the coordinates in which Anderson's method proposes steps (FitCoordinates), and
/// a prior asks for its complete-data log-likelihood.
template <class M>
concept BatchFittable = Fittable<M> && requires(const M& model, const Eta& eta) {
  typename M::Fit::Coordinates;
  { complete_log_likelihood(model, eta) } -> std::convertible_to<double>;
};

/// A model that natural-gradient steps can move: its Fit makes such steps, also of some columns alone, and the mean of
/// models by weight.
template <class M>
concept NaturalFittable = Fittable<M> &&
    requires(typename M::Fit& working, const typename M::Fit& fit, const M& model, const Eta& eta,
             const NaturalStep& step, const std::vector<Index>& columns) {
  { working.natural_move(model, model, model, eta, step).model } -> std::convertible_to<const M&>;
  { complete_log_likelihood(model, eta) } -> std::convertible_to<double>;
  { fit.marginal(columns) } -> std::same_as<typename M::Fit>;
  { marginal(model, columns) } -> std::same_as<M>;
  { marginal(eta, columns) } -> std::same_as<Eta>;
  { fit.with_marginal(model, model, columns, columns) } -> std::same_as<M>;
  { fit.finite_statistics(model, eta) } -> std::same_as<Eta>;
  { fit.covariance(model, 1.0, Vector()) } -> std::same_as<ParameterCovariance>;
  { fit.as_m_step(model) } -> std::same_as<typename M::Fit::MStep>;
  { fit.mean_of(std::span<const typename M::Fit::Weighted>()) } -> std::same_as<std::optional<M>>;
};

/// A model that knows the names of its columns; its Fit gives them to every model that it returns.
template <class M>
concept NamesColumns = Fittable<M> && requires(const M& model, typename M::Fit& working, const ColumnNames& columns) {
  { model.columns() } -> std::convertible_to<const ColumnNames&>;
  { model.with_columns(columns) } -> std::same_as<M>;
  {working.name_columns(columns)};
};

/// A model whose portfolios have a value at risk and an expected shortfall, so that a fit can backtest them.
template <class M>
concept ForecastsTails = requires(const M& model, const Vector& w, double alpha) {
  { tail_forecast(model, w, alpha) } -> std::same_as<std::optional<TailForecast>>;
};

/// The result of the M-step of a fit.
template <Fittable M>
using MStep = typename M::Fit::MStep;

}  // namespace varimix
