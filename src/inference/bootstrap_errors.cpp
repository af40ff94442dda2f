#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "defined_functionals.hpp"
#include "mixture/families.hpp"
#include "stream_limits.hpp"
#include "varimix/core/require.hpp"
#include "varimix/inference/bootstrap_em.hpp"

namespace varimix {
namespace {

template <class M>
void check(const BootstrapEM<M>& state) {
  require(state.fit().total_weight() > 0.0, "state", "one that has learned",
          state.fit().step() > 0 ? "one whose steps were all reverted" : "a new one");
  const auto unlearned = std::count_if(state.replicas().begin(), state.replicas().end(),
                                       [](const OnlineEM<M>& replica) { return !(replica.total_weight() > 0.0); });
  require(unlearned == 0, "replicas", "such that all have learned",
          std::to_string(unlearned) + " that have drawn no row, or whose steps were reverted");
}

/// True if the rule averages statistics, which after one pass lags behind the maximum of the likelihood.
bool averages(const UpdateRule& rule) {
  return rule.get<PolyakRuppertUpdate>() != nullptr || rule.get<PolyakAverage>() != nullptr ||
         (rule.base() != nullptr && averages(*rule.base()));
}

/// Returns the numbers of the replicas (B, k), each by the family of its own model.
template <class M>
Matrix replica_values(const BootstrapEM<M>& state, const std::vector<Functional>& functionals) {
  Matrix values(static_cast<Index>(state.replicas().size()), static_cast<Index>(functionals.size()));
  for (Index b = 0; b < values.rows(); ++b) {
    const M model = state.replicas()[static_cast<std::size_t>(b)].model();
    for (Index k = 0; k < values.cols(); ++k) {
      values(b, k) = value_of(functionals[static_cast<std::size_t>(k)], model);
    }
  }
  return values;
}

/// Keeps the numbers that exist at the fit and in every replica.
void keep_finite(const std::vector<Functional>& functionals, const Vector& values, const Matrix& of_replicas,
                 StreamErrors& out) {
  LeftOut left_out;
  std::vector<Index> kept;
  for (Index k = 0; k < values.size(); ++k) {
    const Functional& functional = functionals[static_cast<std::size_t>(k)];
    std::string reason = reason_to_leave_out(functional, values(k), out);
    const auto finite = of_replicas.col(k).array().isFinite().count();
    if (reason.empty() && finite < of_replicas.rows()) {
      reason = "not finite in " + std::to_string(of_replicas.rows() - finite) + " of the replicas";
    }
    if (reason.empty() && ((of_replicas.col(k).array() - values(k)).abs() > kLargestRoot).any()) {
      reason = kVarianceBeyondDoubles;
    }
    if (!reason.empty()) {
      left_out.add(functional.name, reason);
      continue;
    }
    out.names.push_back(functional.name);
    out.scales.push_back(functional.scale);
    kept.push_back(k);
  }
  if (const std::string text = left_out.text(); !text.empty()) {
    out.notes.push_back({InferenceNote::kNotDefined, text});
  }
  out.params = values(kept);
  out.replicas = of_replicas(Eigen::all, kept);
}

}  // namespace

double relative_error_of_bse(int replicas) { return 1.0 / std::sqrt(2.0 * (replicas - 1)); }

Matrix percentile_intervals(const Matrix& replicas, double alpha) {
  require(alpha > 0.0 && alpha < 1.0, "alpha", "in (0, 1)", alpha);
  require(replicas.allFinite(), "replicas", "finite", "others");
  constexpr double kRounding = 1e-12;  // of alpha: 2 / 40 is 0.05
  const Index b = replicas.rows();
  const auto from_end = static_cast<Index>(0.5 * alpha * static_cast<double>(b + 1) * (1.0 + kRounding));
  const auto least = static_cast<Index>(std::ceil(2.0 / alpha * (1.0 - kRounding))) - 1;
  require(from_end >= 1, "replicas",
          "at least " + std::to_string(least) + " for percentile intervals with this alpha, such that " +
              "(replicas + 1) alpha / 2 >= 1: with fewer an interval would end beyond the outermost replica",
          b);
  Matrix intervals(replicas.cols(), 2);
  for (Index k = 0; k < replicas.cols(); ++k) {
    Vector sorted = replicas.col(k);
    std::sort(sorted.begin(), sorted.end());
    intervals.row(k) << sorted(from_end - 1), sorted(b - from_end);
  }
  return intervals;
}

template <Inferable M>
StreamErrors bootstrap_standard_errors(const BootstrapEM<M>& state, const std::vector<Functional>& functionals) {
  check(state);
  check_functionals(functionals);
  StreamErrors out;
  out.family = kFamily<typename M::SubordinatorType>;
  out.options.cov_type = CovType::kBootstrap;
  out.options.replicas = static_cast<int>(state.replicas().size());
  out.rows = state.rows().total;
  out.free_parameters = state.fit().fit().free_parameters();
  const bool may_have_errors = add_state(state.fit(), out);
  if (averages(state.fit().state().rule)) {
    out.notes.push_back({InferenceNote::kAveraged, called(state.fit().state().rule)});
  }
  const M model = state.fit().model();
  Vector values(static_cast<Index>(functionals.size()));
  for (Index k = 0; k < values.size(); ++k) values(k) = value_of(functionals[static_cast<std::size_t>(k)], model);
  keep_finite(functionals, values, replica_values(state, functionals), out);
  if (!may_have_errors || out.params.size() == 0) return out;
  const Matrix deviations = out.replicas.rowwise() - out.params.transpose();
  out.cov_params = deviations.transpose() * deviations / static_cast<double>(deviations.rows());
  out.bse = out.cov_params->diagonal().cwiseSqrt();
  return out;
}

#define VARIMIX_INSTANTIATE(M) \
  template StreamErrors bootstrap_standard_errors(const BootstrapEM<M>&, const std::vector<Functional>&);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
