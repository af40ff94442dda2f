#include "varimix/inference/standard_errors.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "defined_functionals.hpp"
#include "errors_of_gradients.hpp"
#include "information.hpp"
#include "limits.hpp"
#include "mixture/families.hpp"
#include "mixture/unseen_columns.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// Variances are by the sum of the weights: beyond these they would leave the doubles.
constexpr double kLeastWeight = 1e-100;
constexpr double kMostWeight = 1e100;

void check(const RowView& x, Index d, const std::vector<Functional>& functionals, const InferenceOptions& options,
           std::span<const double> weights) {
  require(options.cov_type != CovType::kEwma && options.cov_type != CovType::kBootstrap, "cov_type",
          "one of rows: nonrobust, opg, robust or hac", word(options.cov_type));
  require_rows(x, d, "X", options.missing);
  require(x.rows() >= 2, "X", "of 2 rows or more", x.rows());
  check_weights(weights, x.rows());
  const double total = total_weight(weights, x.rows());
  require(total == 0.0 || (total >= kLeastWeight && total <= kMostWeight), "the sum of weights",
          "0 or from 1e-100 to 1e100", total);
  check_functionals(functionals);
  require(options.cosines >= 1, "cosines", ">= 1", options.cosines);
  require(options.lags.value_or(0) >= 0, "maxlags", ">= 0", options.lags.value_or(0));
  if (options.cov_type != CovType::kHac) return;
  require(weights.empty(), "weights", "none for cov_type 'hac', which reads rows in their order", "some");
  require(options.cosines < x.rows(), "cosines", "fewer than the rows", options.cosines);
  require(options.lags.value_or(0) < x.rows(), "maxlags", "from 0 to the number of rows less 1",
          options.lags.value_or(0));
}

/// Adds what the fit's own limits say of standard errors. Returns false where they leave none.
template <Inferable M>
bool add_limits(const typename M::Fit& fit, const M& model, const RowView& x, std::span<const double> weights,
                const EStepResult& rows, StandardErrors& out) {
  Status status;
  fit.add_limits(fit.as_m_step(model), rows.eta, rows.eta.weight, status);
  fit.add_spikes(rows, x, weights, -1, status);
  const auto detail_of = [&](StatusCode code) {
    for (const StatusEntry& entry : status.entries()) {
      if (entry.code == code) return entry.detail;
    }
    return std::string();
  };
  if (status.has(StatusCode::kGaussianLimit)) {
    out.notes.push_back({InferenceNote::kGaussianLimit, detail_of(StatusCode::kGaussianLimit)});
  }
  if (const auto irregular = irregularity(model)) {
    out.notes.push_back({InferenceNote::kIrregular, irregular->detail});
    if (!irregular->has_errors) return false;
  }
  if (status.has(StatusCode::kModeTrap)) {
    out.notes.push_back({InferenceNote::kSpike, detail_of(StatusCode::kModeTrap)});
    return false;
  }
  if (const std::vector<Index> unseen = unseen_columns(rows); !unseen.empty()) {
    out.notes.push_back({InferenceNote::kUnseenColumn, list_columns(unseen)});
    return false;
  }
  if (const std::vector<Index> collinear = collinear_columns(model); !collinear.empty()) {
    out.notes.push_back({InferenceNote::kDispersionFloor, list_columns(collinear)});
    return false;
  }
  return true;
}

FitConstraints constraints(const InferenceOptions& options) {
  return {.symmetric = options.symmetric,
          .fixed = options.fixed,
          .alpha_min = options.alpha_min,
          .regularization = Regularization::kNone,
          .missing = options.missing};
}

template <Inferable M>
void add_errors(const M& model, const RowView& x, const std::vector<Functional>& functionals,
                std::span<const double> weights, StandardErrors& out) {
  typename M::Fit fit(model, constraints(out.options));
  require(out.options.cov_type != CovType::kOpg || x.rows() >= fit.free_parameters(), "X",
          "of as many rows as there are free parameters, " + std::to_string(fit.free_parameters()) + ", for 'opg'",
          x.rows());
  const EStepResult rows = fit.e_step(model, x, weights);
  out.total_weight = rows.eta.weight;
  out.log_likelihood = rows.eta.weight * rows.log_lik;
  const bool may_have_errors = add_limits(fit, model, x, weights, rows, out);
  InferenceOptions held = out.options;
  if (out.has(InferenceNote::kGaussianLimit)) {
    held.fixed = all_but_location_and_dispersion<M>(held);
    fit = typename M::Fit(model, constraints(held));
  }
  const Information<M> information(fit, model, x, weights);
  out.free_parameters = information.coordinates().size();
  const Matrix gradients = keep_defined(model, information.coordinates(), functionals, out);
  if (!may_have_errors || gradients.cols() == 0) return;
  Errors<M>(information, x, weights, out.options, out).compute(gradients);
  if (std::find(out.names.begin(), out.names.end(), "p") != out.names.end()) {
    out.notes.push_back({InferenceNote::kOrder, ""});
  }
  if (out.distance_to_maximum && *out.distance_to_maximum > kLargestDistance) {
    out.notes.push_back(
        {InferenceNote::kNotAMaximum, std::to_string(*out.distance_to_maximum) + " standard errors away"});
  }
}

}  // namespace

template <Inferable M>
StandardErrors standard_errors(const M& model, const RowView& x, const std::vector<Functional>& functionals,
                               const InferenceOptions& options, std::span<const double> weights) {
  check(x, model.d(), functionals, options, weights);
  StandardErrors out;
  out.options = options;
  out.rows = x.rows();
  if (const std::optional<AnyMeanVarianceMixture> face = law_of_face(model)) {
    const Family family = face->index() == static_cast<std::size_t>(Family::kNormalInverseGamma)
                              ? Family::kNormalInverseGamma
                              : Family::kVarianceGamma;
    out.notes.push_back({InferenceNote::kFace, std::string(word(family))});
    out.options.fixed = fixed_on_face(options.fixed, family);
    out.family = family;
    std::visit([&](const auto& law) { add_errors(law, x, functionals_on_face(functionals, law), weights, out); },
               *face);
  } else {
    out.family = kFamily<typename M::SubordinatorType>;
    add_errors(model, x, functionals, weights, out);
  }
  return out;
}

#define VARIMIX_INSTANTIATE(M)                                                                      \
  template StandardErrors standard_errors(const M&, const RowView&, const std::vector<Functional>&, \
                                          const InferenceOptions&, std::span<const double>);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
