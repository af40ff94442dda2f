#include "varimix/em/fit_best.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "../mixture/families.hpp"
#include "limits.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/incremental_em_fitter.hpp"
#include "varimix/mixture/default_init.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix {
namespace {

// How far a perturbed start is from the first: in standard deviations of the data, and in the logarithm of the tail weight.
constexpr double kLocationSpread = 0.5;
constexpr double kLogTailSpread = 1.0;

Vector standard_normal(CounterStream& stream, Index d) {
  Vector z(d);
  for (double& value : z) value = stream.normal();
  return z;
}

/// Start number `start` of a family: default_init itself, or moved.
template <Subordinator S>
NormalMixture<S> start_of(const NormalMixture<S>& init, const Matrix& root_of_covariance, int start, const Key& key) {
  if (start == 0) return init;
  CounterStream stream(key, StreamPurpose::kStarts, static_cast<std::uint64_t>(start));
  const Vector mu = init.mu() + kLocationSpread * root_of_covariance * standard_normal(stream, init.d());
  const Vector gamma = init.gamma() + kLocationSpread * root_of_covariance * standard_normal(stream, init.d());
  const double tail_weight = init.subordinator().cumulants().second * std::exp(kLogTailSpread * stream.normal());
  return {mu, gamma, init.L_Sigma(), law_of_variance<S>(tail_weight)};
}

template <Subordinator S>
struct Screened {
  NormalMixture<S> model;
  double log_likelihood;
};

/// The two best of all starts after a few incremental steps, the better first.
template <Subordinator S>
std::vector<Screened<S>> screen(const NormalMixture<S>& init, const RowView& x, int n_starts, const Key& key) {
  const Matrix root = init.cov().llt().matrixL();
  const IncrementalEMFitter fitter({.batch_size = kScreeningBatch, .max_steps = kScreeningSteps});
  std::vector<Screened<S>> screened;
  for (int start = 0; start < n_starts; ++start) {
    NormalMixture<S> model = fitter.fit(start_of(init, root, start, key), x, key).model;
    const double log_likelihood = mean_log_density(model, x);
    screened.push_back({std::move(model), log_likelihood});
  }
  const auto better = [](const Screened<S>& a, const Screened<S>& b) { return a.log_likelihood > b.log_likelihood; };
  std::stable_sort(screened.begin(), screened.end(), better);
  if (screened.size() > 2) screened.erase(screened.begin() + 2, screened.end());
  return screened;
}

template <Subordinator S>
FamilyFit fit_family(const RowView& x, const FitBestOptions& options, const Key& key) {
  const auto start_time = std::chrono::steady_clock::now();
  const BatchEMFitter fitter(options.fit);
  Status init_status;
  const NormalMixture<S> init = default_init<S>(x, init_status);
  const auto n = static_cast<double>(x.rows());
  std::optional<EMResult<S>> best;
  double gap = 0.0;
  for (const Screened<S>& candidate : screen(init, x, options.n_starts, key)) {
    EMResult<S> result = fitter.fit(candidate.model, x);
    if (!best) {
      best = std::move(result);
      continue;
    }
    const double difference = n * (best->log_likelihoods.back() - result.log_likelihoods.back());
    gap = std::abs(difference);
    if (difference < 0.0) best = std::move(result);
  }
  const Index d = x.columns();
  const auto n_parameters =
      2 * d + d * (d + 1) / 2 + static_cast<Index>(std::same_as<S, GeneralizedInverseGaussian> ? 2 : 1);
  const double log_likelihood = n * best->log_likelihoods.back();
  FamilyFit fit{.family = kFamilyName<S>,
                .model = best->model,
                .log_likelihood = log_likelihood,
                .n_parameters = n_parameters,
                .aic = 2.0 * static_cast<double>(n_parameters) - 2.0 * log_likelihood,
                .bic = static_cast<double>(n_parameters) * std::log(n) - 2.0 * log_likelihood,
                .start_gap = gap,
                .converged = best->converged,
                .status = best->status};
  fit.status.add(init_status);
  fit.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_time).count();
  return fit;
}

using FitFamily = FamilyFit (*)(const RowView&, const FitBestOptions&, const Key&);

FitFamily family_named(const std::string& family) {
#define VARIMIX_RETURN_IF_NAMED(S) \
  if (family == kFamilyName<S>) return &fit_family<S>;
  VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_RETURN_IF_NAMED)
#undef VARIMIX_RETURN_IF_NAMED
  return nullptr;
}

/// How far behind fits whose likelihood says something a fit stands: 0 for those. Otherwise the likelihood is that of a spike,
/// and the smaller spike comes first: equal rows make it (its log ratio to the density around), or a row at mu makes it what
/// the floor of distances makes of it, because the density is infinite there, or finite only by a b below that floor.
double spike_size(const FamilyFit& fit, const RowView& x, const std::string& missing) {
  return std::visit(
      [&](const auto& model) {
        const GigParameters gig = model.subordinator().gig();
        const bool is_trapped = fit.status.has(StatusCode::kModeTrap);
        const bool is_unbounded = (gig.b == 0.0 || is_trapped) && gig.p <= 0.5 * static_cast<double>(model.d());
        if (!is_trapped && !is_unbounded) return 0.0;
        const std::optional<Spike> spike = spike_of(model, x, missing_from(missing));
        if (gig.b == 0.0 && is_unbounded) return std::numeric_limits<double>::infinity();
        return spike ? spike->log_ratio : (is_unbounded ? std::log(kSpikeRatio) : 0.0);
      },
      fit.model);
}

/// What is smallest for the best fit.
double score(const FamilyFit& fit, const std::string& criterion) {
  if (criterion == "bic") return fit.bic;
  return criterion == "aic" ? fit.aic : -fit.log_likelihood;
}

void check(const FitBestOptions& options) {
  require(!options.families.empty(), "families", "one or more", "none");
  for (const std::string& family : options.families) {
    require(family_named(family) != nullptr, "families",
            "of 'NormalInverseGaussian', 'VarianceGamma', 'NormalInverseGamma', 'GeneralizedHyperbolic'",
            "'" + family + "'");
  }
  const std::set<std::string> different(options.families.begin(), options.families.end());
  require(different.size() == options.families.size(), "families", "each named once", options.families.size());
  require(options.n_starts >= 1, "n_starts", ">= 1", options.n_starts);
  require(options.criterion == "bic" || options.criterion == "aic" || options.criterion == "log_likelihood",
          "criterion", "'bic', 'aic' or 'log_likelihood'", "'" + options.criterion + "'");
}

}  // namespace

BestFit fit_best(const RowView& x, const FitBestOptions& options, const Key& key) {
  check(options);
  require_rows(x, std::max<Index>(1, x.columns()));
  BestFit best;
  for (const std::string& family : options.families) best.table.push_back(family_named(family)(x, options, key));
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
