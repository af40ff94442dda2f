#include "varimix/mixture/e_step.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "e_step_sums.hpp"
#include "families.hpp"
#include "mixture/missing/e_step_missing.hpp"
#include "mixture/missing/row_groups.hpp"
#include "row_pass.hpp"
#include "varimix/core/block_reduce.hpp"

namespace varimix {
namespace {

/// Does the E-step of the rows whose weight is not 0, as if the others were not there.
template <Subordinator S>
EStepResult e_step_of_weighted_rows(const MeanVarianceMixture<S>& model, const RowView& x, const Vector& origin,
                                    EStepOptions options) {
  std::vector<std::int64_t> rows;
  std::vector<double> weights;
  for (std::size_t i = 0; i < options.weights.size(); ++i) {
    if (options.weights[i] == 0.0) continue;
    rows.push_back(static_cast<std::int64_t>(i));
    weights.push_back(options.weights[i]);
  }
  options.weights = weights;
  EStepResult result = e_step(model, x.select(rows), origin, options);
  if (result.peak_row >= 0) result.peak_row = rows[static_cast<std::size_t>(result.peak_row)];
  return result;
}

}  // namespace

template <Subordinator S>
EStepResult e_step(const MeanVarianceMixture<S>& model, const RowView& x, const Vector& origin,
                   const EStepOptions& options) {
  if (std::find(options.weights.begin(), options.weights.end(), 0.0) != options.weights.end()) {
    return e_step_of_weighted_rows(model, x, origin, options);
  }
  if (options.missing == Missing::kExact && has_missing(x)) {
    return e_step_with_missing(JointLaw(model, origin), x, origin, options);
  }
  const Index d = model.d();
  const RowPass pass(model, x, origin, options.distance_floor);
  const auto add = [&](EStepSums& sums, RowBlock& block, Index first, Index count) {
    sums.floored_rows += pass.posteriors(first, count, options.log_y, block);
    for (Index i = 0; i < count; ++i) sums.note_peak(first + i, block.log_density[static_cast<std::size_t>(i)]);
    sums.add(block, count, options.weights.empty() ? nullptr : options.weights.data() + first, options.log_y);
  };
  const EStepSums sums = block_reduce(
      x.rows(), d * d, EStepSums(d), [&] { return RowBlock(d); }, add,
      [](EStepSums& left, const EStepSums& right) { left.add(right); });
  return sums.result(origin, options.log_y,
                     options.missing == Missing::kExact ? Vector(Vector::Constant(d, sums.weight)) : Vector());
}

template <Subordinator S>
RowPosteriors posterior(const MeanVarianceMixture<S>& model, const RowView& x, Missing missing) {
  const S& prior = model.subordinator();
  const Index n = x.rows();
  RowPosteriors out{Vector::Constant(n, prior.E_inv_Y()), Vector::Constant(n, prior.E_Y()),
                    Vector::Constant(n, prior.E_log_Y())};
  if (missing == Missing::kExact && has_missing(x)) {
    posterior_with_missing(JointLaw(model, model.mu()), x, model.mu(), out);
    return out;
  }
  const RowPass pass(model, x, model.mu(), 0.0);
  for_each_block(
      n, [&] { return RowBlock(model.d()); },
      [&](RowBlock& block, Index first, Index count) {
        (void)pass.posteriors(first, count, LogY::kCompute, block);
        std::copy_n(block.inv_y.data(), count, out.E_inv_Y.data() + first);
        std::copy_n(block.y.data(), count, out.E_Y.data() + first);
        std::copy_n(block.log_y.data(), count, out.E_log_Y.data() + first);
      });
  return out;
}

template <Subordinator S>
Vector log_density(const MeanVarianceMixture<S>& model, const RowView& x, Missing missing, double distance_floor) {
  if (missing == Missing::kExact && has_missing(x)) {
    return log_density_with_missing(JointLaw(model, model.mu()), x, model.mu(), distance_floor);
  }
  const RowPass pass(model, x, model.mu(), distance_floor);
  Vector out(x.rows());
  for_each_block(
      x.rows(), [&] { return RowBlock(model.d()); },
      [&](RowBlock& block, Index first, Index count) {
        pass.log_densities(first, count, block);
        std::copy_n(block.log_density.data(), count, out.data() + first);
      });
  return out;
}

template <Subordinator S>
double mean_log_density(const MeanVarianceMixture<S>& model, const RowView& x, Missing missing, double distance_floor) {
  if (missing == Missing::kExact && has_missing(x)) {
    return mean_log_density_with_missing(JointLaw(model, model.mu()), x, model.mu(), distance_floor);
  }
  const RowPass pass(model, x, model.mu(), distance_floor);
  const double total = block_reduce(
      x.rows(), 1, 0.0, [&] { return RowBlock(model.d()); },
      [&](double& sum, RowBlock& block, Index first, Index count) {
        pass.log_densities(first, count, block);
        sum += kernels::sum(block.log_density.data(), count);
      },
      [](double& left, double right) { left += right; });
  return total / static_cast<double>(x.rows());
}

#define VARIMIX_INSTANTIATE(S)                                                                                    \
  template EStepResult e_step(const MeanVarianceMixture<S>&, const RowView&, const Vector&, const EStepOptions&); \
  template RowPosteriors posterior(const MeanVarianceMixture<S>&, const RowView&, Missing);                       \
  template Vector log_density(const MeanVarianceMixture<S>&, const RowView&, Missing, double);                    \
  template double mean_log_density(const MeanVarianceMixture<S>&, const RowView&, Missing, double);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
