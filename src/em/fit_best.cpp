#include "varimix/em/fit_best.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "batch_rows.hpp"
#include "draw_batch.hpp"
#include "mixture/families.hpp"
#include "mixture/fitting/mode_spike.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/mixture/default_init.hpp"
#include "varimix/mixture/mixture_fit.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix {
namespace {

// The spread of the perturbed starts about the first, in standard deviations of the data and in the logarithm of the
// tail weight.
constexpr double kLocationSpread = 0.5;
constexpr double kLogTailSpread = 1.0;

Vector standard_normal(CounterStream& stream, Index d) {
  Vector z(d);
  for (double& value : z) value = stream.normal();
  return z;
}

/// Returns start number `start` of a family: default_init itself, or moved. Fixed parameters stay at default_init's
/// values.
template <Subordinator S>
MeanVarianceMixture<S> start_of(const MeanVarianceMixture<S>& init, const MixtureFit<S>& family_fit,
                                const Matrix& root_of_covariance, int start, const Key& key) {
  if (start == 0) return family_fit.within_constraints(init);
  CounterStream stream(key, StreamPurpose::kStarts, static_cast<std::uint64_t>(start));
  const Vector mu = init.mu() + kLocationSpread * root_of_covariance * standard_normal(stream, init.d());
  const Vector gamma = init.gamma() + kLocationSpread * root_of_covariance * standard_normal(stream, init.d());
  const double tail_weight = init.subordinator().cumulants().second * std::exp(kLogTailSpread * stream.normal());
  return family_fit.within_constraints(
      MeanVarianceMixture<S>(mu, gamma, init.L_Sigma(), law_of_variance<S>(tail_weight)));
}

/// Returns a mean log-likelihood, or -inf if it is NaN because rows overflowed.
double or_impossible(double log_likelihood) {
  return std::isnan(log_likelihood) ? -std::numeric_limits<double>::infinity() : log_likelihood;
}

template <Subordinator S>
struct Screened {
  MeanVarianceMixture<S> model;
  double log_likelihood;
};

/// The rows of a batch.
using Batch = std::vector<std::int64_t>;

/// Returns the batches of the screening steps, which all starts of all families learn.
std::vector<Batch> screening_batches(Index rows, const Key& key) {
  std::vector<Batch> batches;
  batches.reserve(kScreeningSteps);
  for (std::int64_t step = 0; step < kScreeningSteps; ++step) {
    batches.push_back(draw_batch(key, step, rows, kScreeningBatch));
  }
  return batches;
}

/// Returns the two best of all starts after a few incremental steps, the better first.
template <Subordinator S>
std::vector<Screened<S>> screen(const MeanVarianceMixture<S>& init, const MixtureFit<S>& family_fit, const RowView& x,
                                const FitBestOptions& options, const Key& key, const std::vector<Batch>& batches) {
  const Matrix root = init.cov().llt().matrixL();
  const UpdateRule rule = PolyakRuppertUpdate{};  // it tells starts apart for longer
  const OnlineEMOptions online{.symmetric = options.fit.symmetric,
                               .fixed = options.fit.fixed,
                               .alpha_min = options.fit.alpha_min,
                               .missing = options.fit.missing,
                               .score = false};
  std::vector<Screened<S>> screened(static_cast<std::size_t>(options.n_starts), {init, 0.0});
  parallel_for(options.n_starts, [&](Index start) {
    const MeanVarianceMixture<S> begin = start_of(init, family_fit, root, static_cast<int>(start), key);
    OnlineEM<MeanVarianceMixture<S>> state(begin, rule, Key{0}, online);
    for (const Batch& batch : batches) (void)state.update(x.select(batch), {.repeats = true});
    MeanVarianceMixture<S> model = family_fit.within_constraints(state.model());
    const double log_likelihood = or_impossible(family_fit.mean_log_density(model, x));
    screened[static_cast<std::size_t>(start)] = {std::move(model), log_likelihood};
  });
  const auto better = [](const Screened<S>& a, const Screened<S>& b) { return a.log_likelihood > b.log_likelihood; };
  std::stable_sort(screened.begin(), screened.end(), better);
  if (screened.size() > 2) screened.erase(screened.begin() + 2, screened.end());
  return screened;
}

/// Returns how many rows show at least one value; a mean log-likelihood is the mean over these rows.
double rows_that_show(const RowView& x, Missing missing) {
  if (missing == Missing::kError) return static_cast<double>(x.rows());
  Index rows = 0;
  for (Index i = 0; i < x.rows(); ++i) rows += Index{shows_something(x, i)};
  return static_cast<double>(rows);
}

/// Returns the log-likelihood of the best start less that of another, nats; 0 also if both are the same infinity.
double gap_between(double best, double other) { return best == other ? 0.0 : best - other; }

template <Subordinator S>
FamilyFit fit_family(const RowView& x, const FitBestOptions& options, const Key& key,
                     const std::vector<Batch>& batches) {
  const auto start_time = std::chrono::steady_clock::now();
  const BatchEMFitter fitter(options.fit);
  Status init_status;
  const Missing missing = options.fit.missing;
  const MeanVarianceMixture<S> init = default_init<S>(x, init_status, missing);
  const MixtureFit<S> family_fit(init, constraints_of(options.fit));
  const std::vector<Screened<S>> candidates = screen(init, family_fit, x, options, key, batches);
  std::vector<EMResult<MeanVarianceMixture<S>>> polished(candidates.size(), {.model = init});
  parallel_for(static_cast<Index>(candidates.size()), [&](Index k) {
    const auto at = static_cast<std::size_t>(k);
    polished[at] = fitter.fit(candidates[at].model, x);
  });
  const auto likelihood_of = [&](std::size_t k) { return *polished[k].log_likelihood; };
  if (polished.size() > 1 && likelihood_of(1) > likelihood_of(0)) std::swap(polished[0], polished[1]);
  const EMResult<MeanVarianceMixture<S>>& best = polished[0];
  FamilyFit fit{.family = kFamily<S>,
                .model = best.model,
                .log_likelihood = likelihood_of(0),
                .n_parameters = best.n_parameters,
                .aic = *best.aic(),
                .bic = *best.bic(),
                .start_gap = polished.size() > 1 ? gap_between(likelihood_of(0), likelihood_of(1)) : 0.0,
                .converged = best.converged,
                .status = best.status};
  for (const StatusEntry& entry : init_status.entries()) {  // what the fit has not said of the rows itself
    if (!fit.status.has(entry.code)) fit.status.add(entry.code, entry.detail, entry.first_step);
  }
  fit.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_time).count();
  return fit;
}

using FitFamily = FamilyFit (*)(const RowView&, const FitBestOptions&, const Key&, const std::vector<Batch>&);

FitFamily fit_of(Family family) {
#define VARIMIX_RETURN_IF_IT(S) \
  if (family == kFamily<S>) return &fit_family<S>;
  VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_RETURN_IF_IT)
#undef VARIMIX_RETURN_IF_IT
  return nullptr;
}

/// Returns 0 for a fit whose likelihood says something about the data, else the size of the spike that makes the
/// likelihood. Fits with smaller spikes are ranked first. The size is infinite if the density is infinite at mu (b = 0
/// and p <= d/2): the floor of distances then sets the likelihood. Otherwise it is the log ratio of the density at
/// equal rows to the density around them or, without equal rows, log kSpikeRatio if p <= d/2: the density at mu is then
/// finite only by a b below that floor.
double spike_size(const FamilyFit& fit, const RowView& x, Missing missing) {
  return std::visit(
      [&](const auto& model) {
        const GigParameters gig = model.subordinator().gig();
        const bool is_trapped = fit.status.has(StatusCode::kModeTrap);
        const bool is_unbounded = (gig.b == 0.0 || is_trapped) && gig.p <= 0.5 * static_cast<double>(model.d());
        if (!is_trapped && !is_unbounded) return 0.0;
        const std::optional<Spike> spike = spike_of(model, x, missing);
        if (gig.b == 0.0 && is_unbounded) return std::numeric_limits<double>::infinity();
        return spike ? spike->log_ratio : (is_unbounded ? std::log(kSpikeRatio) : 0.0);
      },
      fit.model);
}

/// Returns the value of the criterion, which is smallest for the best fit.
double score(const FamilyFit& fit, Criterion criterion) {
  if (criterion == Criterion::kBic) return fit.bic;
  return criterion == Criterion::kAic ? fit.aic : -fit.log_likelihood;
}

void check(const FitBestOptions& options) {
  require(!options.families.empty(), "families", "one or more", "none");
  const std::set<Family> different(options.families.begin(), options.families.end());
  require(different.size() == options.families.size(), "families", "each named once", options.families.size());
  require(options.n_starts >= 1, "n_starts", ">= 1", options.n_starts);
}

}  // namespace

BestFit fit_best(const RowView& x, const FitBestOptions& options, const Key& key) {
  check(options);
  require_rows(x, std::max<Index>(1, x.columns()), "X", options.fit.missing);
  require(rows_that_show(x, options.fit.missing) > 0.0, "X", "rows that show something", "none");
  const std::vector<Batch> batches = screening_batches(x.rows(), key);
  BestFit best;
  for (const Family family : options.families) best.table.push_back(fit_of(family)(x, options, key, batches));
  std::vector<std::pair<double, FamilyFit>> ranked;
  for (FamilyFit& fit : best.table) {
    const double size = spike_size(fit, x, options.fit.missing);
    ranked.emplace_back(size, std::move(fit));
  }
  std::stable_sort(ranked.begin(), ranked.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first
                              : score(a.second, options.criterion) < score(b.second, options.criterion);
  });
  best.table.clear();
  for (auto& [size, fit] : ranked) best.table.push_back(std::move(fit));
  return best;
}

}  // namespace varimix
