#include "varimix/em/fit_best.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <concepts>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "../mixture/families.hpp"
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
std::vector<Screened<S>> screen(const NormalMixture<S>& init, const RowView& x, const FitBestOptions& options,
                                const Key& key) {
  const Missing missing = missing_from(options.fit.missing);
  const Matrix root = init.cov().llt().matrixL();
  const IncrementalEMFitter fitter(
      {.batch_size = kScreeningBatch, .max_steps = kScreeningSteps, .missing = options.fit.missing});
  std::vector<Screened<S>> screened;
  for (int start = 0; start < options.n_starts; ++start) {
    NormalMixture<S> model = fitter.fit(start_of(init, root, start, key), x, key).model;
    const double log_likelihood = mean_log_density(model, x, missing);
    screened.push_back({std::move(model), log_likelihood});
  }
  const auto better = [](const Screened<S>& a, const Screened<S>& b) { return a.log_likelihood > b.log_likelihood; };
  std::stable_sort(screened.begin(), screened.end(), better);
  if (screened.size() > 2) screened.erase(screened.begin() + 2, screened.end());
  return screened;
}

/// How many rows show something: those that a mean log-likelihood is the mean of.
double rows_that_show(const RowView& x, Missing missing) {
  if (missing == Missing::kError) return static_cast<double>(x.rows());
  Index rows = 0;
  for (Index i = 0; i < x.rows(); ++i) {
    bool shows = false;
    for (Index j = 0; j < x.columns() && !shows; ++j) shows = !std::isnan(x(i, j));
    if (shows) ++rows;
  }
  return static_cast<double>(rows);
}

template <Subordinator S>
FamilyFit fit_family(const RowView& x, const FitBestOptions& options, const Key& key) {
  const auto start_time = std::chrono::steady_clock::now();
  const BatchEMFitter fitter(options.fit);
  Status init_status;
  const Missing missing = missing_from(options.fit.missing);
  const NormalMixture<S> init = default_init<S>(x, init_status, missing);
  const double n = rows_that_show(x, missing);
  std::optional<EMResult<S>> best;
  double gap = 0.0;
  for (const Screened<S>& candidate : screen(init, x, options, key)) {
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

/// Whether a row at mu makes the likelihood what the floor of distances makes of it: the density is infinite there, or is
/// finite only by a b that is below that floor.
bool is_unbounded(const FamilyFit& fit) {
  return std::visit(
      [&](const auto& model) {
        const GigParameters gig = model.subordinator().gig();
        const bool has_pole = gig.b == 0.0 || fit.status.has(StatusCode::kModeTrap);
        return has_pole && gig.p <= 0.5 * static_cast<double>(model.d());
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
  require_rows(x, std::max<Index>(1, x.columns()), "X", missing_from(options.fit.missing));
  require(rows_that_show(x, missing_from(options.fit.missing)) > 0.0, "X", "rows that show something", "none");
  BestFit best;
  for (const std::string& family : options.families) best.table.push_back(family_named(family)(x, options, key));
  std::stable_sort(best.table.begin(), best.table.end(), [&](const FamilyFit& a, const FamilyFit& b) {
    const bool unbounded = is_unbounded(a);
    return unbounded != is_unbounded(b) ? !unbounded : score(a, options.criterion) < score(b, options.criterion);
  });
  return best;
}

}  // namespace varimix
