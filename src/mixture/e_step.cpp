#include "varimix/mixture/e_step.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <memory>
#include <vector>

#include "../simd/accumulate.hpp"
#include "../simd/posterior.hpp"
#include "../simd/whiten.hpp"
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
  /// Squared distances to q, and to log_density the exponents of the density.
  void whiten(const RowLaw& law, Index count) {
    const simd::Whitening whitening{.mu = law.mu.data(),
                                    .cholesky = law.cholesky.data(),
                                    .direction = law.whitened_gamma.data(),
                                    .root_a = law.root_a,
                                    .root_b = law.root_b};
    simd::whiten(whitening, x.data(), count, kBlockRows, law.mu.size(), whitened.data(),
                 {q.data(), log_density.data(), misalignment.data()});
    simd::exponents(law.posterior, law.gamma_squared, count, q.data(), misalignment.data(), log_density.data());
  }

  static std::size_t size(Index columns) { return static_cast<std::size_t>(columns * kBlockRows); }
  std::vector<double> x, whitened, q, misalignment, log_density, inv_y, y, log_y;
};

/// Sums over rows of what E-step returns the means of.
struct EStepSums {
  explicit EStepSums(Index d) : block(d), x(Vector::Zero(d)), wx(Vector::Zero(d)), wxx(Matrix::Zero(d, d)) {}

  void add(const EStepSums& other) {
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

/// The table of a pass over `rows` rows, which all its threads share; none where it does not pay.
std::unique_ptr<BesselTable> table_of(double order, Index rows) {
  return simd::table_pays(order, rows) ? std::make_unique<BesselTable>(order) : nullptr;
}

/// The log densities of one block, in block.log_density.
void log_density_of_block(const RowLaw& law, BesselTable* table, const RowView& rows, const Vector& origin, Index first,
                          Index count, Block& block) {
  block.load(rows, first, count, origin);
  block.whiten(law, count);
  simd::log_density(law.posterior, table, count, block.q.data(), block.log_density.data());
}

}  // namespace

template <Subordinator S>
EStepResult e_step(const NormalMixture<S>& model, const RowView& x, const Vector& origin, LogY log_y) {
  const RowLaw law = row_law(model, origin);
  const auto table = table_of(law.posterior.order, x.rows());
  const bool with_log_y = log_y == LogY::kCompute;
  const auto accumulate = [&](EStepSums& sums, Index first, Index count) {
    Block& block = sums.block;
    block.load(x, first, count, origin);
    block.whiten(law, count);
    simd::posterior(law.posterior, table.get(), count, block.q.data(), block.log_density.data(), block.inv_y.data(),
                    block.y.data(), with_log_y ? block.log_y.data() : nullptr);
    simd::accumulate(block.x.data(), count, kBlockRows, model.d(), block.inv_y.data(), block.whitened.data(),
                     sums.x.data(), sums.wx.data(), sums.wxx.data());
    sums.inv_y += simd::sum(block.inv_y.data(), count);
    sums.y += simd::sum(block.y.data(), count);
    if (with_log_y) sums.log_y += simd::sum(block.log_y.data(), count);
    sums.log_density += simd::sum(block.log_density.data(), count);
  };
  const auto sums = block_reduce(x.rows(), EStepSums(model.d()), accumulate,
                                 [](EStepSums& left, const EStepSums& right) { left.add(right); });

  const auto n = static_cast<double>(x.rows());
  Expectations eta;
  eta.origin = origin;
  eta.weight = n;
  eta.inv_y = sums.inv_y / n;
  eta.y = sums.y / n;
  if (with_log_y) eta.log_y = sums.log_y / n;
  eta.x = sums.x / n;
  eta.x_inv_y = sums.wx / n;
  eta.xx_inv_y = sums.symmetric_wxx() / n;
  return {std::move(eta), sums.log_density / n};
}

template <Subordinator S>
Vector log_density(const NormalMixture<S>& model, const RowView& x) {
  const RowLaw law = row_law(model, model.mu());
  const auto table = table_of(law.posterior.order, x.rows());
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
  const auto table = table_of(law.posterior.order, x.rows());
  const auto total = block_reduce(
      x.rows(), LogDensitySum{Block(model.d())},
      [&](LogDensitySum& partial, Index first, Index count) {
        log_density_of_block(law, table.get(), x, model.mu(), first, count, partial.block);
        partial.sum += simd::sum(partial.block.log_density.data(), count);
      },
      [](LogDensitySum& left, const LogDensitySum& right) { left.sum += right.sum; });
  return total.sum / static_cast<double>(x.rows());
}

template EStepResult e_step(const NormalInverseGaussian&, const RowView&, const Vector&, LogY);
template Vector log_density(const NormalInverseGaussian&, const RowView&);
template double mean_log_density(const NormalInverseGaussian&, const RowView&);

}  // namespace varimix
