#include "row_pass.hpp"

#include <Eigen/Dense>
#include <cmath>

#include "families.hpp"
#include "kernels/distance.hpp"
#include "special/gig_mode.hpp"
#include "varimix/core/constants.hpp"

namespace varimix {

template <Subordinator S>
RowPass::RowPass(const MeanVarianceMixture<S>& model, const RowView& x, const Vector& origin, double distance_floor)
    : x_(x),
      origin_(origin),
      distance_floor_(distance_floor),
      mu_(model.mu() - origin),
      cholesky_(model.L_Sigma()),
      whitened_gamma_(model.L_Sigma().template triangularView<Eigen::Lower>().solve(model.gamma())),
      gamma_squared_(whitened_gamma_.squaredNorm()) {
  const GigParameters gig = model.subordinator().gig();
  const auto d = static_cast<double>(model.d());
  root_a_ = std::sqrt(gig.a);
  root_b_ = std::sqrt(gig.b);
  const double log_constant = -0.5 * (d * kLogTwoPi + model.log_det_sigma());
  posterior_ = {.order = gig.p - 0.5 * d,
                .a = gig.a + gamma_squared_,
                .b = gig.b,
                .z_prior = root_a_ * root_b_,
                .log_constant = model.subordinator().log_constant() + log_constant};
  const GigMode mode(gig.p, gig.a, gig.b);
  if (kernels::is_centred(mode, gig.p, posterior_.z_prior, posterior_.order)) {
    centred_.emplace(mode, posterior_.order, gamma_squared_, d, log_constant);
    root_a_ = root_b_ = 0.0;
  } else if (posterior_.a > 0.0 && kernels::table_pays(posterior_.order, x.rows())) {
    table_ = std::make_unique<BesselTable>(posterior_.order);
  }
}

/// Reads a block and computes its squared distances, projections and misalignments. Distances below the floor are
/// raised if the density could be infinite; returns how many were raised.
Index RowPass::distances(Index first, Index count, RowBlock& block) const {
  const Index d = mu_.size();
  x_.copy_columns(first, count, {origin_.data(), static_cast<std::size_t>(d)}, block.x.data(), kBlockRows);
  kernels::distance({.mu = mu_.data(),
                     .cholesky = cholesky_.data(),
                     .cholesky_stride = d,
                     .direction = whitened_gamma_.data(),
                     .root_a = root_a_,
                     .root_b = root_b_},
                    block.x.data(), count, kBlockRows, d, block.whitened.data(),
                    {block.q.data(), block.projection.data(), block.misalignment.data()});
  if (!(posterior_.b < distance_floor_)) return 0;
  return raise_distances(centred_ ? gamma_squared_ : posterior_.a, distance_floor_, count, block.q.data(),
                         block.misalignment.data());
}

/// Reads a block and computes the results that `out` has arrays for. Returns how many distances were raised.
Index RowPass::evaluate(Index first, Index count, const kernels::Posteriors& out, RowBlock& block) const {
  const Index raised = distances(first, count, block);
  if (centred_) {
    kernels::centred_posterior(*centred_, count, block.q.data(), block.projection.data(), block.misalignment.data(),
                               out);
    return raised;
  }
  kernels::exponents(posterior_, gamma_squared_, count, block.q.data(), block.projection.data(),
                     block.misalignment.data(), block.exponent.data());
  kernels::posterior(posterior_, table_.get(), count, block.q.data(), block.exponent.data(), out);
  return raised;
}

Index RowPass::posteriors(Index first, Index count, LogY log_y, RowBlock& block) const {
  return evaluate(first, count, block.posteriors(true, log_y), block);
}

void RowPass::log_densities(Index first, Index count, RowBlock& block) const {
  (void)evaluate(first, count, block.posteriors(false, LogY::kLeaveOut), block);
}

#define VARIMIX_INSTANTIATE(S) \
  template RowPass::RowPass(const MeanVarianceMixture<S>&, const RowView&, const Vector&, double);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
