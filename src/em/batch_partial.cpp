#include "varimix/em/batch_partial.hpp"

#include <Eigen/Dense>
#include <algorithm>

#include "batch_partial-inl.hpp"
#include "mixture/families.hpp"
#include "mixture/initial_model/column_ranges.hpp"
#include "varimix/mixture/m_step.hpp"

namespace varimix {
namespace {

void require_same_request(const EStepPartial& left, const EStepPartial& right) {
  const auto same = [](bool holds, const char* what) {
    require(holds, "partial", "the answer to the same request as the other", what);
  };
  same(left.family == right.family, "one of another family");
  same(left.columns == right.columns, "one of other columns");
  same(left.model == right.model && left.eta.layout == right.eta.layout && left.eta.origin == right.eta.origin,
       "one of another model");
  same(left.missing == right.missing, "one with another meaning of NaN");
  same(left.facts.has_value() == right.facts.has_value() && left.sample.has_value() == right.sample.has_value(),
       "one that tells other things");
  if (left.peak && right.peak) {
    same(left.peak->values.size() == right.peak->values.size(), "one that tells other things");
  }
}

RowFacts merged_facts(const RowFacts& left, const RowFacts& right) {
  return {left.counted + right.counted, left.weight + right.weight, left.low.cwiseMin(right.low),
          left.high.cwiseMax(right.high)};
}

/// Returns the higher peak, left's where both are equal. Rows that are equal have one density but for roundings, which
/// may depend on the rows around them: they count together.
PeakRow merged_peak(const PeakRow& left, const PeakRow& right) {
  if (left.values.size() > 0 && left.values == right.values) {
    return {left.row, std::max(left.log_density, right.log_density), left.values, left.equal + right.equal};
  }
  return right.log_density > left.log_density ? right : left;
}

Matrix stacked(const Matrix& left, const Matrix& right) {
  if (left.rows() == 0) return right;
  if (right.rows() == 0) return left;
  Matrix both(left.rows() + right.rows(), left.cols());
  both << left, right;
  return both;
}

void merge_statistics(const EStepPartial& right, EStepPartial& out_left) {
  if (right.eta.weight == 0.0) return;
  if (out_left.eta.weight == 0.0) {
    out_left.eta = right.eta;
    out_left.log_lik = right.log_lik;
  } else {
    const double share = right.eta.weight / (out_left.eta.weight + right.eta.weight);
    out_left.eta = merge(out_left.eta, right.eta);
    out_left.log_lik = (1.0 - share) * out_left.log_lik + share * right.log_lik;
  }
}

}  // namespace

MaybePartial merge(const MaybePartial& left, const MaybePartial& right) {
  if (!left) return right;
  if (!right) return left;
  require_same_request(*left, *right);
  EStepPartial both = *left;
  merge_statistics(*right, both);
  both.floored_rows += right->floored_rows;
  if (both.observed.size() > 0) both.observed += right->observed;
  if (right->peak) {
    PeakRow peak = *right->peak;
    peak.row += left->rows;
    both.peak = left->peak ? merged_peak(*left->peak, peak) : peak;
  }
  if (both.facts) both.facts = merged_facts(*left->facts, *right->facts);
  if (both.sample) both.sample = stacked(*left->sample, *right->sample);
  both.rows += right->rows;
  return both;
}

AnyMeanVarianceMixture m_step(const EStepPartial& partial) {
  require(partial.eta.weight > 0.0, "partial", "the statistics of rows", "those of none");
#define VARIMIX_RETURN_IF_IT(S)                                                             \
  if (partial.family == kFamilyName<S>) {                                                   \
    MStepResult<S> result = m_step<S>(partial.eta, {});                                     \
    require(result.model.has_value(), "partial", "statistics of a law", result.infeasible); \
    if (partial.columns.empty()) return *std::move(result.model);                           \
    return (*std::move(result.model)).with_columns(ColumnNames(partial.columns));           \
  }
  VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_RETURN_IF_IT)
#undef VARIMIX_RETURN_IF_IT
  require(false, "partial", "of a family of varimix", partial.family);
  return *m_step<InverseGaussian>(partial.eta, {}).model;  // not reached: require throws
}

std::vector<Index> constant_columns(const RowFacts& facts) {
  return constant_columns(ColumnRanges{facts.low, facts.high});
}

#define VARIMIX_INSTANTIATE(M)              \
  template std::uint64_t hash_of(const M&); \
  template MaybePartial e_step_partial(const EStepRequest<M>&, const RowView&, std::span<const double>);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
