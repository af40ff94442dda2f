#include "varimix/mixture/e_step.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "../simd/centred_posterior.hpp"
#include "../simd/posterior.hpp"
#include "../simd/whiten.hpp"
#include "e_step_block.hpp"
#include "e_step_missing.hpp"
#include "families.hpp"
#include "row_groups.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/constants.hpp"

namespace varimix {
namespace {

/// What all rows of an E-step share.
struct RowLaw {
  Vector mu;  // about the origin
  const Matrix& cholesky;
  Vector whitened_gamma;  // L^{-1} gamma
  double gamma_squared;   // gamma' Sigma^{-1} gamma
  double root_a, root_b;  // of the law of Y, as whiten takes them
  simd::PosteriorLaw posterior;
  std::optional<simd::CentredPosterior> centred;  // in its place where its order is large
};

template <Subordinator S>
RowLaw row_law(const NormalMixture<S>& model, const Vector& origin) {
  const GigParameters gig = model.subordinator().gig();
  const auto d = static_cast<double>(model.d());
  RowLaw law{.mu = model.mu() - origin,
             .cholesky = model.L_Sigma(),
             .whitened_gamma = model.L_Sigma().template triangularView<Eigen::Lower>().solve(model.gamma()),
             .gamma_squared = 0.0,
             .root_a = std::sqrt(gig.a),
             .root_b = std::sqrt(gig.b),
             .posterior = {},
             .centred = {}};
  law.gamma_squared = law.whitened_gamma.squaredNorm();
  const double log_constant = -0.5 * (d * kLogTwoPi + model.log_det_sigma());
  law.posterior = {
      .order = gig.p - 0.5 * d,
      .a = gig.a + law.gamma_squared,
      .b = gig.b,
      .z_prior = law.root_a * law.root_b,
      .log_constant = model.subordinator().log_constant() + log_constant,
  };
  const GigMode mode(gig.p, gig.a, gig.b);
  if (simd::is_centred(mode, gig.p, law.posterior.z_prior, law.posterior.order)) {
    law.centred.emplace(mode, law.posterior.order, law.gamma_squared, d, log_constant);
    law.root_a = law.root_b = 0.0;
  }
  return law;
}

struct BlockSums {
  RowBlock block;
  EStepSums sums;
};

struct LogDensitySum {
  RowBlock block;
  double sum = 0.0;
};

/// Reads a block; squared distances to q, and to log_density the projections.
void whiten_block(const RowLaw& law, const RowView& rows, const Vector& origin, Index first, Index count,
                  RowBlock& block) {
  rows.copy_columns(first, count, {origin.data(), static_cast<std::size_t>(origin.size())}, block.x.data(), kBlockRows);
  const simd::Whitening whitening{.mu = law.mu.data(),
                                  .cholesky = law.cholesky.data(),
                                  .cholesky_stride = law.cholesky.rows(),
                                  .direction = law.whitened_gamma.data(),
                                  .root_a = law.root_a,
                                  .root_b = law.root_b};
  simd::whiten(whitening, block.x.data(), count, kBlockRows, law.mu.size(), block.whitened.data(),
               {block.q.data(), block.log_density.data(), block.misalignment.data()});
}

/// Projections in log_density become the exponents of the density.
void take_exponents(const RowLaw& law, Index count, RowBlock& block) {
  simd::exponents(law.posterior, law.gamma_squared, count, block.q.data(), block.misalignment.data(),
                  block.log_density.data());
}

/// The table of a pass over `rows` rows, which all its threads share; none where it does not pay.
std::unique_ptr<BesselTable> table_of(const RowLaw& law, Index rows) {
  const bool pays = !law.centred && law.posterior.a > 0.0 && simd::table_pays(law.posterior.order, rows);
  return pays ? std::make_unique<BesselTable>(law.posterior.order) : nullptr;
}

/// Posterior moments and log densities of one block, from what whiten_block gave.
void posterior_of_block(const RowLaw& law, BesselTable* table, Index count, bool with_log_y, RowBlock& block) {
  double* log_y = with_log_y ? block.log_y.data() : nullptr;
  if (law.centred) {
    simd::centred_posterior(*law.centred, count, block.q.data(), block.misalignment.data(), block.log_density.data(),
                            block.inv_y.data(), block.y.data(), log_y);
    return;
  }
  take_exponents(law, count, block);
  simd::posterior(law.posterior, table, count, block.q.data(), block.log_density.data(), block.inv_y.data(),
                  block.y.data(), log_y);
}

/// The E-step of the rows whose weight is not 0, as if the others were not there.
template <Subordinator S>
EStepResult e_step_of_weighted_rows(const NormalMixture<S>& model, const RowView& x, const Vector& origin,
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

/// Brings distances to the floor where the density could be infinite; returns how many.
Index raise_to_floor(const RowLaw& law, double distance_floor, Index count, RowBlock& block) {
  if (!(law.posterior.b < distance_floor)) return 0;
  const double a = law.centred ? law.gamma_squared : law.posterior.a;
  return raise_distances(a, distance_floor, count, block.q.data(), block.misalignment.data());
}

/// The log densities of one block, in block.log_density.
void log_density_of_block(const RowLaw& law, BesselTable* table, const RowView& rows, const Vector& origin, Index first,
                          Index count, double distance_floor, RowBlock& block) {
  whiten_block(law, rows, origin, first, count, block);
  (void)raise_to_floor(law, distance_floor, count, block);
  if (law.centred) {
    simd::centred_posterior(*law.centred, count, block.q.data(), block.misalignment.data(), block.log_density.data(),
                            nullptr, nullptr, nullptr);
    return;
  }
  take_exponents(law, count, block);
  simd::log_density(law.posterior, table, count, block.q.data(), block.log_density.data());
}

}  // namespace

template <Subordinator S>
EStepResult e_step(const NormalMixture<S>& model, const RowView& x, const Vector& origin, const EStepOptions& options) {
  if (std::find(options.weights.begin(), options.weights.end(), 0.0) != options.weights.end()) {
    return e_step_of_weighted_rows(model, x, origin, options);
  }
  if (options.missing == Missing::kExact && has_gaps(x)) {
    return e_step_with_gaps(JointLaw(model, origin), x, origin, options);
  }
  const RowLaw law = row_law(model, origin);
  const auto table = table_of(law, x.rows());
  const bool with_log_y = options.log_y == LogY::kCompute;
  const auto accumulate = [&](BlockSums& partial, Index first, Index count) {
    RowBlock& block = partial.block;
    whiten_block(law, x, origin, first, count, block);
    partial.sums.floored_rows += raise_to_floor(law, options.distance_floor, count, block);
    posterior_of_block(law, table.get(), count, with_log_y, block);
    for (Index i = 0; i < count; ++i) {
      partial.sums.note_peak(first + i, block.log_density[static_cast<std::size_t>(i)]);
    }
    partial.sums.add(block, count, options.weights.empty() ? nullptr : options.weights.data() + first, with_log_y);
  };
  const EStepSums sums = block_reduce(x.rows(), BlockSums{RowBlock(model.d()), EStepSums(model.d())}, accumulate,
                                      [](BlockSums& left, const BlockSums& right) { left.sums.add(right.sums); })
                             .sums;
  const Vector observed =
      options.missing == Missing::kExact ? Vector(Vector::Constant(model.d(), sums.weight)) : Vector();
  return {sums.means(origin, with_log_y), sums.mean_log_density(), sums.floored_rows, observed, sums.peak_row,
          sums.peak_log_density};
}

template <Subordinator S>
Vector log_density(const NormalMixture<S>& model, const RowView& x, Missing missing, double distance_floor) {
  if (missing == Missing::kExact && has_gaps(x)) {
    return log_density_with_gaps(JointLaw(model, model.mu()), x, model.mu(), distance_floor);
  }
  const RowLaw law = row_law(model, model.mu());
  const auto table = table_of(law, x.rows());
  Vector out(x.rows());
  (void)block_reduce(
      x.rows(), RowBlock(model.d()),
      [&](RowBlock& block, Index first, Index count) {
        log_density_of_block(law, table.get(), x, model.mu(), first, count, distance_floor, block);
        std::copy_n(block.log_density.data(), count, out.data() + first);
      },
      [](RowBlock&, const RowBlock&) {});
  return out;
}

template <Subordinator S>
double mean_log_density(const NormalMixture<S>& model, const RowView& x, Missing missing, double distance_floor) {
  if (missing == Missing::kExact && has_gaps(x)) {
    return mean_log_density_with_gaps(JointLaw(model, model.mu()), x, model.mu(), distance_floor);
  }
  const RowLaw law = row_law(model, model.mu());
  const auto table = table_of(law, x.rows());
  const auto total = block_reduce(
      x.rows(), LogDensitySum{RowBlock(model.d())},
      [&](LogDensitySum& partial, Index first, Index count) {
        log_density_of_block(law, table.get(), x, model.mu(), first, count, distance_floor, partial.block);
        partial.sum += simd::sum(partial.block.log_density.data(), count);
      },
      [](LogDensitySum& left, const LogDensitySum& right) { left.sum += right.sum; });
  return total.sum / static_cast<double>(x.rows());
}

#define VARIMIX_INSTANTIATE(S)                                                                              \
  template EStepResult e_step(const NormalMixture<S>&, const RowView&, const Vector&, const EStepOptions&); \
  template Vector log_density(const NormalMixture<S>&, const RowView&, Missing, double);                    \
  template double mean_log_density(const NormalMixture<S>&, const RowView&, Missing, double);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
