#include "varimix/inference/stream_errors.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "complete_data.hpp"
#include "defined_functionals.hpp"
#include "limits.hpp"
#include "mixture/families.hpp"
#include "stream_limits.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// The weights of a stream's batches as an EWMAUpdate leaves them.
struct Forgetting {
  double batch_rows;  // m
  double share;       // w
  double initial;     // the share of the initial model in the estimates
  bool is_uneven;     // batches are seen to differ
};

template <class M>
void check(const OnlineEM<M>& state, const std::optional<double>& batch_rows) {
  const OnlineEMOptions& options = state.state().options;
  const auto* rule = state.state().rule.template get<EWMAUpdate>();
  require(rule != nullptr, "eta_update", "EWMAUpdate; BootstrapEM has the errors of any rule",
          called(state.state().rule));
  require(!state.state().rule.time_half_life(), "half_life",
          "in rows: the state does not know how old its rows are; BootstrapEM has the errors of any rule",
          state.state().rule.time_half_life().value_or(0.0));
  require(!options.frozen, "state", "one whose E-steps follow its model", "a frozen one");
  require(options.inner_iter == 1, "inner_iter", "1", options.inner_iter);
  require(options.fixed.empty(), "fixed", "empty; BootstrapEM has the errors of a fit that holds parameters",
          options.fixed.empty() ? "" : "'" + options.fixed.front() + "'");
  require(state.total_weight() > 0.0, "state", "one that has learned",
          state.step() > 0 ? "one whose steps were all reverted" : "a new one");
  require(!batch_rows || (std::isfinite(*batch_rows) && *batch_rows > 0.0), "batch_rows", "finite and > 0",
          batch_rows.value_or(0.0));
}

template <class M>
Forgetting forgetting(const OnlineEM<M>& state, const std::optional<double>& batch_rows) {
  constexpr double kRounding = 1e-9;
  const auto* rule = state.state().rule.template get<EWMAUpdate>();
  const auto steps = static_cast<double>(state.step());
  const double mean = state.total_weight() / steps;
  const double m = batch_rows.value_or(mean);
  if (rule->half_life) {
    const double kept = -m / rule->half_life->length;
    return {m, -std::expm1(kept * std::log(2.0)), std::exp2(-state.total_weight() / rule->half_life->length), false};
  }
  const double w = rule->w.value_or(EWMAUpdate::kDefaultW);
  const bool is_uneven = !batch_rows && std::abs(mean - std::round(mean)) > kRounding * mean;
  return {m, w, std::pow(1.0 - w, steps), is_uneven};
}

/// Returns the covariance of numbers with these gradients from one row whose Y is seen; nothing if it is not finite. Y is
/// a constant, which rows see, in the Gaussian limit.
template <Subordinator S>
std::optional<Matrix> covariance_of_row(const LocalCoordinates<S>& coordinates, const Matrix& gradients,
                                        bool is_gaussian) {
  if (!is_gaussian) {
    const CompleteDataCovariance<S> complete(coordinates);
    return complete.is_finite() ? std::optional(complete.of(gradients)) : std::nullopt;
  }
  const auto& law = coordinates.centre().subordinator();
  Matrix solved = gradients;
  for (Index k = 0; k < gradients.cols(); ++k) {
    solved.col(k) = coordinates.precondition(gradients.col(k), law.E_inv_Y(), law.E_Y());
  }
  return Matrix(gradients.transpose() * solved);
}

/// Adds the numbers of a law, with their errors if it `may_have_errors`.
template <Inferable M>
void add_errors(const M& model, const std::vector<Functional>& functionals, const Forgetting& by, bool may_have_errors,
                StreamErrors& out) {
  const auto irregular = irregularity(model);
  if (irregular) out.notes.push_back({InferenceNote::kIrregular, irregular->detail});
  InferenceOptions held = out.options;
  const bool is_gaussian = out.has(InferenceNote::kGaussianLimit);
  if (is_gaussian) held.fixed = all_but_location_and_dispersion<M>(held);
  const typename M::Fit fit(model, constraints_of(held));
  const auto coordinates = fit.local_coordinates(model);
  out.free_parameters = coordinates.size();
  const Matrix gradients = keep_defined(model, coordinates, functionals, out);
  if (!may_have_errors || gradients.cols() == 0 || (irregular && !irregular->has_errors)) return;
  const std::optional<Matrix> row = covariance_of_row(coordinates, gradients, is_gaussian);
  if (!row) {
    if (!irregular) out.notes.push_back({InferenceNote::kIrregular, "E[Y] or E[1/Y] is infinite"});
    return;
  }
  out.known_rows = (2.0 - by.share) / by.share * by.batch_rows;
  out.cov_params = *row / out.known_rows;
  out.bse = out.cov_params->diagonal().cwiseMax(0.0).cwiseSqrt();
}

}  // namespace

template <Inferable M>
StreamErrors ewma_standard_errors(const OnlineEM<M>& state, const std::vector<Functional>& functionals,
                                  std::optional<double> batch_rows) {
  constexpr double kForgotten = 1.0 / 32.0;
  constexpr double kLargestRows = 0x1p53;
  check(state, batch_rows);
  check_functionals(functionals);
  const Forgetting by = forgetting(state, batch_rows);
  StreamErrors out;
  out.options.cov_type = CovType::kEwma;
  out.rows = static_cast<Index>(std::llround(std::min(state.total_weight(), kLargestRows)));
  const bool may_have_errors = add_state(state, out);
  if (by.initial > kForgotten) {
    out.notes.push_back({InferenceNote::kStart, "it counts " + std::to_string(by.initial)});
  }
  if (by.is_uneven) {
    out.notes.push_back({InferenceNote::kUnevenBatches, "the mean is " + std::to_string(by.batch_rows)});
  }
  on_its_face(state.model(), functionals, out, [&](const auto& law, const std::vector<Functional>& of_law) {
    add_errors(law, of_law, by, may_have_errors, out);
  });
  return out;
}

#define VARIMIX_INSTANTIATE(M) \
  template StreamErrors ewma_standard_errors(const OnlineEM<M>&, const std::vector<Functional>&, std::optional<double>);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
