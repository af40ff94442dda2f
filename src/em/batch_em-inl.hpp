#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "batch_em.hpp"
#include "batch_rows.hpp"
#include "mixture/unseen_columns.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/mixture/complete_likelihood.hpp"
#include "varimix/mixture/law_difference.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {
namespace {

// The number of steps that Anderson's method remembers.
constexpr std::size_t kMemory = 5;

// A likelihood that falls by less than this many roundings has not fallen.
constexpr double kLikelihoodRoundings = 64.0;

/// Returns the names of the parameters that a fit holds, each once and sorted.
std::vector<std::string> held_parameters(const BatchEMOptions& options) {
  std::set<std::string> held(options.fixed.begin(), options.fixed.end());
  if (options.symmetric) held.insert("gamma");
  return {held.begin(), held.end()};
}

double rounding_of(double objective) { return kLikelihoodRoundings * kEpsilon * std::max(1.0, std::abs(objective)); }

}  // namespace

template <BatchFittable M>
BatchEM<M>::BatchEM(const M& init, FitRows<M>& rows, const BatchEMOptions& options)
    : init_(init),
      rows_(rows),
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

template <BatchFittable M>
auto BatchEM<M>::start() const -> Iterate {
  return Coordinates::at(fit_.within_constraints(init_.rescale_y(gauge_)));
}

/// Returns the value that the fit raises: the log-likelihood, penalised if there is a prior.
template <BatchFittable M>
double BatchEM<M>::objective(const M& model, double log_likelihood) const {
  if (!prior_) return log_likelihood;
  const auto& [base, eta0, tau, feedback] = *prior_->template get<Shrinkage>();
  return log_likelihood + *tau.number() * complete_log_likelihood(model, eta0);
}

/// Returns the M-step of an E-step, in the working gauge. If it is infeasible, returns nothing and sets out_fault to
/// the reason.
template <BatchFittable M>
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

/// Returns the point that Anderson's method proposes from the last steps; nothing if there is none or it is infeasible.
template <BatchFittable M>
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

template <BatchFittable M>
EMResult<M> BatchEM<M>::run(const StepCallback& callback) {
  EMResult<M> result{.model = init_,
                     .n_parameters = fit_.free_parameters(),
                     .held = held_parameters(options_),
                     .has_prior = prior_.has_value()};
  std::optional<Accepted> last;
  const StatusEntry outcome = iterate(callback, last, result);
  result.status.add(outcome.code, outcome.detail, outcome.first_step);
  result.converged = outcome.code == StatusCode::kConverged;
  result.diverged = outcome.code == StatusCode::kStepReverted;
  add_data_limits(rows_.counted(), init_.d(), rows_.constant_columns(), result.status);
  if (last) show(*last, result);
  judge(result);
  return result;
}

/// Iterates until the fit ends and returns the outcome that ended it; `out_last` is the last iterate that was accepted.
template <BatchFittable M>
StatusEntry BatchEM<M>::iterate(const StepCallback& callback, std::optional<Accepted>& out_last,
                                EMResult<M>& out_result) {
  if (options_.max_iter == 0) return {StatusCode::kNotStarted};
  std::optional<Accepted>& last = out_last;
  Iterate next = start();
  bool is_proposal = false;
  while (true) {
    if (out_result.n_iter == options_.max_iter) return {StatusCode::kBudgetSpent};
    const EStepResult expected = rows_.e_step(fit_, next.model);
    if (shows_nothing(expected)) return {StatusCode::kNoRows};
    const std::int64_t pass = out_result.n_iter++;
    const double value = objective(next.model, expected.log_lik);
    const bool is_lower = last && !(value >= last->objective - rounding_of(last->objective));
    std::string fault;
    std::optional<Accepted> step = is_lower ? std::nullopt : em_step(next, expected, fault);
    if (!step && is_proposal) {  // Anderson's proposal was too bold: the plain EM step is tried in its place
      anderson_.forget();
      next = last->next;
      is_proposal = false;
      continue;
    }
    if (is_lower) return {.code = StatusCode::kLikelihoodFall, .first_step = pass};
    if (!step) {
      return {.code = StatusCode::kStepReverted, .first_step = pass, .detail = "the statistics violate " + fault};
    }

    const double change = law_difference(step->at.model, step->next.model);
    const bool is_still = last && value - last->objective <= options_.tol && change <= std::sqrt(options_.tol);
    out_result.log_likelihoods.push_back(value);
    out_result.param_changes.push_back(change);
    last = std::move(step);
    const bool goes_on = !callback || callback(report(value, change, out_result));
    if (is_still) return {StatusCode::kConverged};
    if (!goes_on) return {StatusCode::kInterrupted};
    std::optional<Iterate> proposed = proposal(*last);
    is_proposal = proposed.has_value();
    next = proposed ? *std::move(proposed) : last->next;
  }
}

/// Returns the report of the last pass for the callback.
template <BatchFittable M>
BatchReport BatchEM<M>::report(double value, double change, const EMResult<M>& result) const {
  return {.step = result.n_iter,
          .rows = static_cast<std::int64_t>(rows_.counted()),
          .weight = rows_.weight(),
          .parts = 1,
          .log_likelihood = value,
          .parameter_change = change};
}

/// Sets the result's model from the last EM step, in the gauge of display, and adds its limits to the status.
template <BatchFittable M>
void BatchEM<M>::show(const Accepted& last, EMResult<M>& result) const {
  Status& status = result.status;
  // An EM step that lowers the likelihood is not taken.
  const M& shown = status.has(StatusCode::kLikelihoodFall) ? last.at.model : last.next.model;
  const double working = gauge_is_free_ ? 1.0 : 1.0 / fit_.scale_of_y(last.emitted);
  result.model = fit_.shown(shown, working, status);
  if (!last.m_step.raised_columns.empty()) {
    status.add(StatusCode::kDispersionFloor, list_columns(last.m_step.raised_columns));
  }
  fit_.add_limits(last.m_step, last.emitted, rows_.counted(), status);
}

/// Sets the likelihood of the result's model, and adds whether it is made by a spike of the density, and what no row
/// shows.
template <BatchFittable M>
void BatchEM<M>::judge(EMResult<M>& result) const {
  const EStepResult expected = rows_.last_e_step(fit_, result.model, result.status);
  if (shows_nothing(expected)) return;
  const std::vector<Index> unseen = unseen_columns(expected);
  if (!unseen.empty()) result.status.add(StatusCode::kUnseenColumn, list_columns(unseen));
  const bool is_impossible = std::isnan(expected.log_lik);  // rows overflowed
  result.total_weight = expected.eta.weight;
  result.log_likelihood =
      is_impossible ? -std::numeric_limits<double>::infinity() : result.total_weight * expected.log_lik;
}

}  // namespace varimix
