#include "batch_em.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "display_gauge.hpp"
#include "fit_outcomes.hpp"
#include "mixture/families.hpp"
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

/// The gauge in which a fit starts: E[Y] = 1 where E[Y] exists.
template <Subordinator S>
double scale_of_y(const S& law) {
  const double mean = law.E_Y();
  return std::isfinite(mean) ? mean : mode_of_log_y(law.gig());
}

}  // namespace

template <Subordinator S>
BatchEM<S>::BatchEM(const MeanVarianceMixture<S>& init, const RowView& x, std::span<const double> weights,
                    const BatchEMOptions& options)
    : init_(init),
      x_(x),
      weights_(weights),
      options_(options),
      prior_(options.eta_update),
      fixed_(fix_parameters(init, options.fixed, options.symmetric)),
      gauge_is_free_(!prior_ && !fixed_.depend_on_gauge()),
      gauge_(1.0 / scale_of_y(init.subordinator())),
      coordinates_(init),
      anderson_(kMemory) {
  check_display_gauge<S>(options.regularization);
  if (prior_) {
    prior_->check(init.d());
    prior_->rescale_y(gauge_);
  }
  m_step_options_ = {.floor = kDispersionFloorRatio / gauge_ * init.sigma().diagonal(),
                     .below_floor = BelowFloor::kRaise,
                     .fixed = fixed_.rescale_y(gauge_),
                     .alpha_min = least_alpha<S>(options.alpha_min, init.d())};
}

template <Subordinator S>
Iterate<S> BatchEM<S>::start() const {
  MeanVarianceMixture<S> model = within_constraints(init_.rescale_y(gauge_), m_step_options_);
  const S& y = model.subordinator();
  const double inv_y = y.E_inv_Y();
  const double mean_y = y.E_Y();
  const std::optional<double> log_y = S::kUsesLogY ? std::optional(y.E_log_Y()) : std::nullopt;
  return {std::move(model), inv_y, mean_y, log_y};
}

/// What the fit raises.
template <Subordinator S>
double BatchEM<S>::objective(const MeanVarianceMixture<S>& model, double log_likelihood) const {
  return prior_ ? log_likelihood + *prior_->tau() * complete_log_likelihood(model, prior_->eta0()) : log_likelihood;
}

/// The M-step of an E-step, in the gauge worked in; nothing, with the reason, if it is infeasible.
template <Subordinator S>
auto BatchEM<S>::em_step(const Iterate<S>& at, const EStepResult& e_step, std::string& out_fault) const
    -> std::optional<Accepted> {
  std::string fault = e_step.eta.first_not_finite();
  Eta emitted = prior_ ? prior_->emit(e_step.eta) : e_step.eta;
  MStepResult<S> m_step = varimix::m_step<S>(emitted, m_step_options_);
  if (!m_step.model) fault = m_step.infeasible;
  if (m_step.model && !can_be_rescaled(*m_step.model, emitted, 1.0 / emitted.E_Y())) {
    fault = "the range of doubles in the gauge E[Y] = 1";
  }
  if (!fault.empty()) {
    out_fault = std::move(fault);
    return std::nullopt;
  }
  MeanVarianceMixture<S> model = *m_step.model;
  if (gauge_is_free_) {
    model = model.rescale_y(1.0 / emitted.E_Y());
    emitted = rescale_y(emitted, 1.0 / emitted.E_Y());
  }
  Iterate<S> next{std::move(model), emitted.E_inv_Y(), emitted.E_Y(), emitted.E_log_Y()};
  return Accepted{
      at, objective(at.model, e_step.log_lik), e_step, std::move(m_step), std::move(emitted), std::move(next)};
}

/// What Anderson's method makes of the last steps, if it is feasible.
template <Subordinator S>
std::optional<Iterate<S>> BatchEM<S>::proposal(const Accepted& accepted) {
  if (options_.acceleration == Acceleration::kNone) return std::nullopt;
  auto at = coordinates_.to_vector(accepted.at);
  auto next = coordinates_.to_vector(accepted.next);
  if (!at || !next) {
    anderson_.forget();
    return std::nullopt;
  }
  anderson_.remember(*std::move(at), *std::move(next));
  const auto x = anderson_.next();
  return x ? coordinates_.from_vector(*x, m_step_options_) : std::nullopt;
}

template <Subordinator S>
EMResult<S> BatchEM<S>::run(const StepCallback& callback) {
  const EStepOptions e_step_options{.log_y = S::kUsesLogY ? LogY::kCompute : LogY::kLeaveOut,
                                    .distance_floor = kModeDistanceFloor * static_cast<double>(init_.d()),
                                    .weights = weights_,
                                    .missing = options_.missing};
  EMResult<S> result{.model = init_};
  std::optional<Accepted> accepted;
  Iterate<S> iterate = start();
  bool is_proposal = false;
  while (result.n_iter < options_.max_iter && !result.converged && !result.status.has(StatusCode::kInterrupted)) {
    const EStepResult expected = e_step(iterate.model, x_, init_.mu(), e_step_options);
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
template <Subordinator S>
BatchReport BatchEM<S>::report(double value, double change, const EMResult<S>& result) const {
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
template <Subordinator S>
void BatchEM<S>::finish(const std::optional<Accepted>& accepted, EMResult<S>& result) const {
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
  const MeanVarianceMixture<S>& shown = status.has(StatusCode::kLikelihoodFall) ? last.at.model : last.next.model;
  const double working = gauge_is_free_ ? 1.0 : 1.0 / last.emitted.E_Y();
  result.model =
      in_display_gauge(shown.rescale_y(working), {init_, fixed_, options_.regularization, gauge_ * working}, status);
  add_mode_trap(last.e_step, x_, weights_, -1, status);
  if (!last.m_step.raised_columns.empty()) {
    status.add(StatusCode::kDispersionFloor, list_columns(last.m_step.raised_columns));
  }
  add_degenerate_limits(last.m_step, last.emitted, effective_rows(), status);
}

template <Subordinator S>
double BatchEM<S>::effective_rows() const {
  if (weights_.empty()) return static_cast<double>(x_.rows());
  return static_cast<double>(std::count_if(weights_.begin(), weights_.end(), [](double w) { return w > 0.0; }));
}

#define VARIMIX_INSTANTIATE(S) template class BatchEM<S>;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
