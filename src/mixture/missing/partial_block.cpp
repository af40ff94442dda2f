#include "partial_block.hpp"

#include <cmath>

#include "kernels/large_order_posterior.hpp"
#include "kernels/mixed_exponents.hpp"
#include "kernels/mixed_posterior.hpp"
#include "varimix/core/constants.hpp"

namespace varimix {

PartialBlock::PartialBlock(Index d, Index rows)
    : RowBlock(d, rows), gamma_squared(kBlockRows), log_det_root(kBlockRows), a_(kBlockRows) {}

kernels::PartialRows PartialBlock::results_from(Index first) {
  return {{q.data() + first, projection.data() + first, misalignment.data() + first},
          gamma_squared.data() + first,
          log_det_root.data() + first};
}

Index PartialBlock::raise(const JointLaw& joint, const ShownOrders& orders, double floor, Index shown, Index first,
                          Index count) {
  if (!(joint.gig.b < floor)) return 0;
  const double of_shown = floor * static_cast<double>(shown) / static_cast<double>(joint.d());
  const double prior_a = orders.is_large(shown) ? 0.0 : joint.gig.a;
  Index raised = 0;
  for (Index i = first; i < first + count; ++i) {
    raised += raise_distances(prior_a + gamma_squared[static_cast<std::size_t>(i)], of_shown, 1, q.data() + i,
                              misalignment.data() + i);
  }
  return raised;
}

void PartialBlock::posterior(const JointLaw& joint, const ShownOrders& orders, Index shown, Index first, Index count,
                             Wanted wanted) {
  const LogY with_log_y = wanted == Wanted::kMomentsAndLogY ? LogY::kCompute : LogY::kLeaveOut;
  const kernels::Posteriors out = posteriors(wanted != Wanted::kLogDensity, with_log_y).from(first);
  if (orders.is_large(shown)) {
    large_order_posterior(joint, shown, first, count, out);
    return;
  }
  const auto dimension = static_cast<double>(shown);
  const kernels::PosteriorLaw law{.order = joint.gig.p - 0.5 * dimension,
                                  .a = joint.gig.a,
                                  .b = joint.gig.b,
                                  .z_prior = std::sqrt(joint.gig.a) * std::sqrt(joint.gig.b),
                                  .log_constant = joint.log_constant - 0.5 * dimension * kLogTwoPi};
  kernels::mixed_exponents(law, count, gamma_squared.data() + first, log_det_root.data() + first, q.data() + first,
                           projection.data() + first, misalignment.data() + first, a_.data() + first,
                           exponent.data() + first);
  kernels::mixed_posterior(law, orders.table(shown), count, a_.data() + first, q.data() + first,
                           exponent.data() + first, out);
}

void PartialBlock::large_order_posterior(const JointLaw& joint, Index shown, Index first, Index count,
                                         const kernels::Posteriors& out) {
  const auto dimension = static_cast<double>(shown);
  for (Index at = 0; at < count;) {
    const auto row = static_cast<std::size_t>(first + at);
    const auto like_row = [&](Index i) {
      const auto other = static_cast<std::size_t>(first + i);
      return gamma_squared[other] == gamma_squared[row] && log_det_root[other] == log_det_root[row];
    };
    Index end = at + 1;
    while (end < count && like_row(end)) ++end;
    const kernels::LargeOrderPosterior law(joint.mode, joint.gig.p - 0.5 * dimension, gamma_squared[row], dimension,
                                           -0.5 * dimension * kLogTwoPi - log_det_root[row]);
    kernels::large_order_posterior(law, end - at, q.data() + row, projection.data() + row, misalignment.data() + row,
                                   out.from(at));
    at = end;
  }
}

}  // namespace varimix
