#pragma once

#include <Eigen/Dense>
#include <algorithm>

#include "mixture/initial_model/column_ranges.hpp"
#include "varimix/core/require.hpp"
#include "varimix/core/weights.hpp"
#include "varimix/em/batch_partial.hpp"
#include "varimix/em/lineage.hpp"

namespace varimix {
namespace {

RowFacts facts_of(const RowView& x, std::span<const double> weights) {
  const ColumnRanges range = column_ranges(x, weights);
  const auto is_counted = [](double w) { return w > 0.0; };
  const Index counted = weights.empty() ? x.rows() : std::count_if(weights.begin(), weights.end(), is_counted);
  return {counted, total_weight(weights, x.rows()), range.low, range.high};
}

Vector row_of(const RowView& x, Index i) {
  Vector row(x.columns());
  for (Index j = 0; j < x.columns(); ++j) row(j) = x(i, j);
  return row;
}

PeakRow peak_of(const EStepResult& e_step, const RowView& x, std::span<const double> weights, bool in_full) {
  PeakRow peak{e_step.peak_row, e_step.peak_log_density};
  if (!in_full) return peak;
  const std::vector<Index> equal = x.equal_rows(e_step.peak_row);
  peak.values = row_of(x, e_step.peak_row);
  peak.equal = std::count_if(equal.begin(), equal.end(), [&](Index i) { return weight_of(weights, i) > 0.0; });
  return peak;
}

/// Returns rows 0, every, 2 every, ... that are complete and of weight > 0.
Matrix sample_of(const RowView& x, std::span<const double> weights, Index every) {
  Matrix rows(x.columns(), (x.rows() + every - 1) / every);
  Index count = 0;
  for (Index i = 0; i < x.rows(); i += every) {
    rows.col(count) = row_of(x, i);
    if (weight_of(weights, i) > 0.0 && rows.col(count).allFinite()) ++count;
  }
  return rows.leftCols(count).transpose();
}

}  // namespace

template <Fittable M>
std::uint64_t hash_of(const M& model) {
  return hash_of(typename M::Fit(model, {}).statistics(model), 0.0, 0, {});
}

template <Fittable M>
MaybePartial e_step_partial(const EStepRequest<M>& request, const RowView& x, std::span<const double> weights) {
  require_dimension(x.columns(), request.model.d(), "the columns of X");
  check_weights(weights, x.rows());
  if (x.rows() == 0) return std::nullopt;
  if (request.facts) require_rows(x, request.model.d(), "X", request.missing);
  const typename M::Fit fit(request.model, {.missing = request.missing});
  const auto answer_of = [&](const Eta& eta) {
    EStepPartial partial{.family = kModelName<M>,
                         .model = hash_of(request.model),
                         .columns = {},
                         .missing = request.missing,
                         .rows = x.rows(),
                         .eta = eta};
    if constexpr (NamesColumns<M>) {
      const auto names = request.model.columns().names();
      partial.columns.assign(names.begin(), names.end());
    }
    return partial;
  };
  if (request.every > 0) {
    Eta none = fit.statistics(request.model);
    none.values.setZero();
    EStepPartial partial = answer_of(none);
    partial.sample = sample_of(x, weights, request.every);
    return partial;
  }
  const EStepResult found = fit.e_step(request.model, x, weights);
  if (!request.facts && !found.eta.is_finite()) require_rows(x, request.model.d(), "X", request.missing);
  EStepPartial partial = answer_of(found.eta);
  partial.log_lik = found.log_lik;
  partial.floored_rows = found.floored_rows;
  partial.observed = found.observed;
  if (found.peak_row >= 0) partial.peak = peak_of(found, x, weights, request.peak);
  if (request.facts) partial.facts = facts_of(x, weights);
  return partial;
}

}  // namespace varimix
