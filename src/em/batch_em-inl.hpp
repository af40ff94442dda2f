#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "batch_em.hpp"
#include "mixture/fitting/mode_spike.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/mixture/complete_likelihood.hpp"
#include "varimix/mixture/default_init.hpp"
#include "varimix/mixture/law_difference.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {
namespace {

// Steps that Anderson's method remembers.
constexpr std::size_t kMemory = 5;

// A likelihood that falls by less than this many roundings has not fallen.
constexpr double kLikelihoodRoundings = 64.0;

double rounding_of(double objective) { return kLikelihoodRoundings * kEpsilon * std::max(1.0, std::abs(objective)); }

}  // namespace

template <Fittable M>
BatchEM<M>::BatchEM(const M& init, const RowView& x, std::span<const double> weights, const BatchEMOptions& options)
    : init_(init),
      x_(x),
      weights_(weights),
      options_(options),
      prior_(options.eta_update),
      fit_(init, constraints_of(options)),
      gauge_is_free_(!prior_ && !fit_.depends_on_gauge()),
      gauge_(1.0 / fit_.scale_of_y(init)),
      coordinates_(init),
      anderson_(kMemory) {
  if (prior_) {
    prior_->check(init.d());
    prior_->rescale_y(gauge_);
  }
  fit_.enter_gauge(gauge_);
}

template <Fittable M>
auto BatchEM<M>::start() const -> Iterate {
  return Coordinates::at(fit_.within_constraints(init_.rescale_y(gauge_)));
}

/// What the fit raises.
template <Fittable M>
double BatchEM<M>::objective(const M& model, double log_likelihood) const {
  if (!prior_) return log_likelihood;
  const auto& [base, eta0, tau, feedback] = *prior_->template get<Shrinkage>();
  return log_likelihood + *tau.number() * complete_log_likelihood(model, eta0);
}

/// The M-step of an E-step, in the gauge worked in; nothing, with the reason, if it is infeasible.
template <Fittable M>
auto BatchEM<M>::em_step(const Iterate& at, const EStepResult& e_step, std::string& out_fault) const
    -> std::optional<Accepted> {
  std::string fault = e_step.eta.first_not_finite();
  Eta emitted = prior_ ? prior_->emit(e_step.eta) : e_step.eta;
  MStep<M> m_step = fit_.m_step(emitted, BelowFloor::kRaise);
  if (!m_step.model) fault = m_step.infeasible;
  const double s = 1.0 / fit_.scale_of_y(emitted);
  if (m_step.model && !fit_.can_be_rescaled(*m_step.model, emitted, s)) {
    fault = "the range of doubles in the gauge E[Y] = 1";
  }
  if (!fault.empty()) {
    out_fault = std::move(fault);
    return std::nullopt;
  }
  M model = *m_step.model;
  if (gauge_is_free_) {
    model = model.rescale_y(s);
    emitted = rescale_y(emitted, s);
  }
  Iterate next = Coordinates::at(std::move(model), emitted);
  return Accepted{
      at, objective(at.model, e_step.log_lik), e_step, std::move(m_step), std::move(emitted), std::move(next)};
}

/// What Anderson's method makes of the last steps, if it is feasible.
template <Fittable M>
auto BatchEM<M>::proposal(const Accepted& accepted) -> std::optional<Iterate> {
  if (options_.acceleration == Acceleration::kNone) return std::nullopt;
  auto at = coordinates_.to_vector(accepted.at);
  auto next = coordinates_.to_vector(accepted.next);
  if (!at || !next) {
    anderson_.forget();
    return std::nullopt;
  }
  anderson_.remember(*at, *std::move(next));
  const auto x = anderson_.next();
  return x ? coordinates_.from_vector(*x, fit_) : std::nullopt;
}

template <Fittable M>
EMResult<M> BatchEM<M>::run(const StepCallback& callback) {
  EMResult<M> result{.model = init_};
  std::optional<Accepted> accepted;
  Iterate iterate = start();
  bool is_proposal = false;
  while (result.n_iter < options_.max_iter && !result.converged && !result.status.has(StatusCode::kInterrupted)) {
    const EStepResult expected = fit_.e_step(iterate.model, x_, weights_);
    ++result.n_iter;
    const double value = objective(iterate.model, expected.log_lik);
    const bool is_lower = accepted && !(value >= accepted->objective - rounding_of(accepted->objective));
    std::optional<Accepted> step;
    std::string fault;
    if (!is_lower) step = em_step(iterate, expected, fault);
    if (!step) {
      if (!is_proposal) {
        result.diverged = !is_lower;
        result.status.add(is_lower ? StatusCode::kLikelihoodFall : StatusCode::kStepReverted,
                          is_lower ? "" : "the statistics violate " + fault, result.n_iter - 1);
        break;
      }
      anderson_.forget();
      iterate = accepted->next;
      is_proposal = false;
      continue;
    }
    const double change = law_difference(step->at.model, step->next.model);
    result.converged = accepted && value - accepted->objective <= options_.tol && change <= std::sqrt(options_.tol);
    result.log_likelihoods.push_back(value);
    result.param_changes.push_back(change);
    accepted = std::move(step);
    auto proposed = proposal(*accepted);
    is_proposal = proposed.has_value();
    iterate = proposed ? *std::move(proposed) : accepted->next;
    if (callback && !callback(report(value, change, result))) result.status.add(StatusCode::kInterrupted);
  }
  finish(accepted, result);
  return result;
}

/// What a callback is told of the pass just made.
template <Fittable M>
BatchReport BatchEM<M>::report(double value, double change, const EMResult<M>& result) const {
  const double weight =
      weights_.empty() ? static_cast<double>(x_.rows()) : std::accumulate(weights_.begin(), weights_.end(), 0.0);
  return {.step = result.n_iter,
          .rows = static_cast<std::int64_t>(effective_rows()),
          .weight = weight,
          .parts = 1,
          .log_likelihood = value,
          .parameter_change = change};
}

/// The last EM step, shown, and what is to be said of it.
template <Fittable M>
void BatchEM<M>::finish(const std::optional<Accepted>& accepted, EMResult<M>& result) const {
  Status& status = result.status;
  if (result.converged) status.add(StatusCode::kConverged);
  if (options_.max_iter == 0)
    status.add(StatusCode::kNotStarted);
  else if (!result.converged && !status.has(StatusCode::kInterrupted) && result.n_iter == options_.max_iter)
    status.add(StatusCode::kBudgetSpent);
  const std::vector<Index> constant = constant_columns(x_);
  if (!constant.empty()) status.add(StatusCode::kConstantColumn, list_columns(constant));
  if (effective_rows() < static_cast<double>(init_.d() + 1)) {
    status.add(StatusCode::kTooFewRows, std::to_string(static_cast<Index>(effective_rows())) + " rows of " +
                                            std::to_string(init_.d()) + " columns");
  }
  if (!accepted) return;
  const Accepted& last = *accepted;
  // An EM step that lowers the likelihood is not taken.
  const M& shown = status.has(StatusCode::kLikelihoodFall) ? last.at.model : last.next.model;
  const double working = gauge_is_free_ ? 1.0 : 1.0 / fit_.scale_of_y(last.emitted);
  result.model = fit_.shown(shown, working, status);
  add_mode_trap(last.e_step, x_, weights_, -1, status);
  if (!last.m_step.raised_columns.empty()) {
    status.add(StatusCode::kDispersionFloor, list_columns(last.m_step.raised_columns));
  }
  fit_.add_limits(last.m_step, last.emitted, effective_rows(), status);
}

template <Fittable M>
double BatchEM<M>::effective_rows() const {
  if (weights_.empty()) return static_cast<double>(x_.rows());
  return static_cast<double>(std::count_if(weights_.begin(), weights_.end(), [](double w) { return w > 0.0; }));
}

}  // namespace varimix
