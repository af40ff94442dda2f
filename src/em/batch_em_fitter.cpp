#include "varimix/em/batch_em_fitter.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "batch_em.hpp"
#include "mixture/families.hpp"
#include "mixture/fitting/fit_coordinates.hpp"
#include "varimix/core/require.hpp"
#include "varimix/core/weights.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/mixture/default_init.hpp"

namespace varimix {
namespace {

void check_eta_update(const Shrinkage& rule) {
  (void)UpdateRule(rule);
  const char* constraint = "Shrinkage(IdentityUpdate(), eta0, tau) with a number tau and without feedback";
  require(rule.base.get<IdentityUpdate>() != nullptr, "eta_update", constraint, "one with another base rule");
  require(rule.tau.number() != nullptr, "eta_update", constraint, "one with strengths by field");
  require(!rule.feedback, "eta_update", constraint, "one with feedback");
}

void require_weights(std::span<const double> weights, Index rows) {
  check_weights(weights, rows);
  require(total_weight(weights, rows) > 0.0, "the sum of weights", "finite and > 0", 0.0);
}

}  // namespace

BatchEMFitter::BatchEMFitter(BatchEMOptions options) : options_(std::move(options)) {
  require(options_.max_iter >= 0, "max_iter", ">= 0", options_.max_iter);
  require(std::isfinite(options_.tol) && options_.tol >= 0.0, "tol", "finite and >= 0", options_.tol);
  if (options_.eta_update) check_eta_update(*options_.eta_update);
}

template <BatchFittable M>
EMResult<M> BatchEMFitter::fit(const M& init, const RowView& x, std::span<const double> weights,
                               const StepCallback& callback) const {
  const auto start_time = std::chrono::steady_clock::now();
  require_rows(x, init.d(), "X", options_.missing);
  require_weights(weights, x.rows());
  RowsInMemoryOf<M> rows(x, weights);
  EMResult<M> result = BatchEM<M>(init, rows, options_).run(callback);
  result.elapsed_time = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_time).count();
  return result;
}

template <BatchFittable M>
EMResult<M> BatchEMFitter::fit(const M& init, const AskRows<M>& ask, const StepCallback& callback) const {
  const auto start_time = std::chrono::steady_clock::now();
  RowsElsewhere<M> rows(ask, init, options_.missing);
  EMResult<M> result = BatchEM<M>(init, rows, options_).run(callback);
  result.elapsed_time = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_time).count();
  return result;
}

template <Subordinator S>
EMResult<MeanVarianceMixture<S>> fit(const std::optional<MeanVarianceMixture<S>>& init, const RowView& x,
                                     const BatchEMOptions& options, std::span<const double> weights,
                                     const StepCallback& callback) {
  const BatchEMFitter fitter(options);
  if (init) return fitter.fit(*init, x, weights, callback);
  Status init_status;
  EMResult<MeanVarianceMixture<S>> result =
      fitter.fit(default_init<S>(x, init_status, options.missing), x, weights, callback);
  for (const StatusEntry& entry : init_status.entries()) {
    if (!result.status.has(entry.code)) result.status.add(entry.code, entry.detail, entry.first_step);
  }
  return result;
}

// NOLINTBEGIN(bugprone-macro-parentheses): S is a type
template <Subordinator S>
EMResult<MeanVarianceMixture<S>> MeanVarianceMixture<S>::fit(const RowView& x) {
  return fit(x, BatchEMOptions{});
}

template <Subordinator S>
EMResult<MeanVarianceMixture<S>> MeanVarianceMixture<S>::fit(const RowView& x, const BatchEMOptions& options) {
  return varimix::fit<S>(std::nullopt, x, options);
}

#define VARIMIX_INSTANTIATE(S)                                                                                        \
  template EMResult<MeanVarianceMixture<S>> BatchEMFitter::fit(const MeanVarianceMixture<S>&, const RowView&,         \
                                                               std::span<const double>, const StepCallback&) const;   \
  template EMResult<MeanVarianceMixture<S>> BatchEMFitter::fit(                                                       \
      const MeanVarianceMixture<S>&, const AskRows<MeanVarianceMixture<S>>&, const StepCallback&) const;              \
  template EMResult<MeanVarianceMixture<S>> fit(const std::optional<MeanVarianceMixture<S>>&, const RowView&,         \
                                                const BatchEMOptions&, std::span<const double>, const StepCallback&); \
  template EMResult<MeanVarianceMixture<S>> MeanVarianceMixture<S>::fit(const RowView&);                              \
  template EMResult<MeanVarianceMixture<S>> MeanVarianceMixture<S>::fit(const RowView&, const BatchEMOptions&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace varimix
