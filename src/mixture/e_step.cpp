#include "varimix/mixture/e_step.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "../simd/accumulate.hpp"
#include "../simd/posterior.hpp"
#include "../simd/whiten.hpp"
#include "families.hpp"
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
  double root_a, root_b;  // of the law of Y
  simd::PosteriorLaw posterior;
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
             .posterior = {}};
  law.gamma_squared = law.whitened_gamma.squaredNorm();
  law.posterior = {
      .order = gig.p - 0.5 * d,
      .a = gig.a + law.gamma_squared,
      .b = gig.b,
      .z_prior = law.root_a * law.root_b,
      .log_constant = model.subordinator().log_constant() - 0.5 * (d * kLogTwoPi + model.log_det_sigma()),
  };
  return law;
}

/// One block of rows as columns, and what is computed for each row of it.
struct Block {
  explicit Block(Index d)
      : x(size(d)),
        whitened(size(d)),
        q(size(1)),
        misalignment(size(1)),
        log_density(size(1)),
        inv_y(size(1)),
        y(size(1)),
        log_y(size(1)) {}

  void load(const RowView& rows, Index first, Index count, const Vector& origin) {
    rows.copy_columns(first, count, {origin.data(), static_cast<std::size_t>(origin.size())}, x.data(), kBlockRows);
  }
  /// Squared distances to q, and to log_density the projections.
  void whiten(const RowLaw& law, Index count) {
    const simd::Whitening whitening{.mu = law.mu.data(),
                                    .cholesky = law.cholesky.data(),
                                    .direction = law.whitened_gamma.data(),
                                    .root_a = law.root_a,
                                    .root_b = law.root_b};
    simd::whiten(whitening, x.data(), count, kBlockRows, law.mu.size(), whitened.data(),
                 {q.data(), log_density.data(), misalignment.data()});
  }
  /// Projections in log_density become the exponents of the density.
  void take_exponents(const RowLaw& law, Index count) {
    simd::exponents(law.posterior, law.gamma_squared, count, q.data(), misalignment.data(), log_density.data());
  }
  /// The statistics of row i times weight[i].
  void apply(const double* weight, Index count) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      inv_y[i] *= weight[i];
      y[i] *= weight[i];
      log_y[i] *= weight[i];
      log_density[i] *= weight[i];
    }
  }

  static std::size_t size(Index columns) { return static_cast<std::size_t>(columns * kBlockRows); }
  std::vector<double> x, whitened, q, misalignment, log_density, inv_y, y, log_y;
};

/// Raises the distances of a block to a floor, keeping misalignment = z^2 - (z_prior + r)^2; returns how many it raised.
Index raise_distances(const RowLaw& law, double floor, Index count, Block& block) {
  Index raised = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    if (!(block.q[i] < floor)) continue;
    block.misalignment[i] += law.posterior.a * (floor - block.q[i]);
    block.q[i] = floor;
    ++raised;
  }
  return raised;
}

/// Sums over rows of what E-step returns the means of.
struct EStepSums {
  explicit EStepSums(Index d) : block(d), x(Vector::Zero(d)), wx(Vector::Zero(d)), wxx(Matrix::Zero(d, d)) {}

  void add(const EStepSums& other) {
    weight += other.weight;
    floored_rows += other.floored_rows;
    inv_y += other.inv_y;
    y += other.y;
    log_y += other.log_y;
    log_density += other.log_density;
    x += other.x;
    wx += other.wx;
    wxx += other.wxx;
  }

  [[nodiscard]] Matrix symmetric_wxx() const { return wxx.selfadjointView<Eigen::Lower>(); }

  Block block;
  double weight = 0.0;
  Index floored_rows = 0;
  double inv_y = 0.0;
  double y = 0.0;
  double log_y = 0.0;
  double log_density = 0.0;
  Vector x, wx;
  Matrix wxx;  // lower triangle
};

struct LogDensitySum {
  Block block;
  double sum = 0.0;
};

Expectations means(const EStepSums& sums, const Vector& origin, bool with_log_y) {
  Expectations eta;
  eta.origin = origin;
  eta.weight = sums.weight;
  eta.inv_y = sums.inv_y / sums.weight;
  eta.y = sums.y / sums.weight;
  if (with_log_y) eta.log_y = sums.log_y / sums.weight;
  eta.x = sums.x / sums.weight;
  eta.x_inv_y = sums.wx / sums.weight;
  eta.xx_inv_y = sums.symmetric_wxx() / sums.weight;
  return eta;
}

/// The table of a pass over `rows` rows, which all its threads share; none where it does not pay.
std::unique_ptr<BesselTable> table_of(const simd::PosteriorLaw& law, Index rows) {
  const bool pays = law.a > 0.0 && simd::table_pays(law.order, rows);
  return pays ? std::make_unique<BesselTable>(law.order) : nullptr;
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
  return e_step(model, x.select(rows), origin, options);
}

/// The log densities of one block, in block.log_density.
void log_density_of_block(const RowLaw& law, BesselTable* table, const RowView& rows, const Vector& origin, Index first,
                          Index count, Block& block) {
  block.load(rows, first, count, origin);
  block.whiten(law, count);
  block.take_exponents(law, count);
  simd::log_density(law.posterior, table, count, block.q.data(), block.log_density.data());
}

}  // namespace

template <Subordinator S>
EStepResult e_step(const NormalMixture<S>& model, const RowView& x, const Vector& origin, const EStepOptions& options) {
  if (std::find(options.weights.begin(), options.weights.end(), 0.0) != options.weights.end()) {
    return e_step_of_weighted_rows(model, x, origin, options);
  }
  const RowLaw law = row_law(model, origin);
  const auto table = table_of(law.posterior, x.rows());
  const bool with_log_y = options.log_y == LogY::kCompute;
  const bool with_floor = law.posterior.b < options.distance_floor;
  const auto accumulate = [&](EStepSums& sums, Index first, Index count) {
    Block& block = sums.block;
    const double* weight = options.weights.empty() ? nullptr : options.weights.data() + first;
    block.load(x, first, count, origin);
    block.whiten(law, count);
    if (with_floor) sums.floored_rows += raise_distances(law, options.distance_floor, count, block);
    block.take_exponents(law, count);
    simd::posterior(law.posterior, table.get(), count, block.q.data(), block.log_density.data(), block.inv_y.data(),
                    block.y.data(), with_log_y ? block.log_y.data() : nullptr);
    if (weight != nullptr) block.apply(weight, count);
    simd::accumulate(block.x.data(), count, kBlockRows, model.d(), weight, block.inv_y.data(), block.whitened.data(),
                     sums.x.data(), sums.wx.data(), sums.wxx.data());
    sums.weight += weight == nullptr ? static_cast<double>(count) : simd::sum(weight, count);
    sums.inv_y += simd::sum(block.inv_y.data(), count);
    sums.y += simd::sum(block.y.data(), count);
    if (with_log_y) sums.log_y += simd::sum(block.log_y.data(), count);
    sums.log_density += simd::sum(block.log_density.data(), count);
  };
  const auto sums = block_reduce(x.rows(), EStepSums(model.d()), accumulate,
                                 [](EStepSums& left, const EStepSums& right) { left.add(right); });
  return {means(sums, origin, with_log_y), sums.log_density / sums.weight, sums.floored_rows};
}

template <Subordinator S>
Vector log_density(const NormalMixture<S>& model, const RowView& x) {
  const RowLaw law = row_law(model, model.mu());
  const auto table = table_of(law.posterior, x.rows());
  Vector out(x.rows());
  (void)block_reduce(
      x.rows(), Block(model.d()),
      [&](Block& block, Index first, Index count) {
        log_density_of_block(law, table.get(), x, model.mu(), first, count, block);
        std::copy_n(block.log_density.data(), count, out.data() + first);
      },
      [](Block&, const Block&) {});
  return out;
}

template <Subordinator S>
double mean_log_density(const NormalMixture<S>& model, const RowView& x) {
  const RowLaw law = row_law(model, model.mu());
  const auto table = table_of(law.posterior, x.rows());
  const auto total = block_reduce(
      x.rows(), LogDensitySum{Block(model.d())},
      [&](LogDensitySum& partial, Index first, Index count) {
        log_density_of_block(law, table.get(), x, model.mu(), first, count, partial.block);
        partial.sum += simd::sum(partial.block.log_density.data(), count);
      },
      [](LogDensitySum& left, const LogDensitySum& right) { left.sum += right.sum; });
  return total.sum / static_cast<double>(x.rows());
}

#define VARIMIX_INSTANTIATE(S)                                                                              \
  template EStepResult e_step(const NormalMixture<S>&, const RowView&, const Vector&, const EStepOptions&); \
  template Vector log_density(const NormalMixture<S>&, const RowView&);                                     \
  template double mean_log_density(const NormalMixture<S>&, const RowView&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
