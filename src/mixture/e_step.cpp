#include "varimix/mixture/e_step.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/weighted_rows.hpp"
#include "e_step_block.hpp"
#include "families.hpp"
#include "kernels/distance.hpp"
#include "kernels/exponents.hpp"
#include "kernels/large_order_posterior.hpp"
#include "mixture/missing/e_step_missing.hpp"
#include "mixture/missing/row_groups.hpp"
#include "special/gig_mode.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// A pass over complete rows: the numbers that all of them share, and the kernels from a block of rows to its
/// posteriors.
class RowPass {
 public:
  /// @param origin  the point about which columns are read; origin, x and model must outlive the pass.
  /// @param distance_floor, kept  are as in EStepOptions, kept its tables.
  template <Subordinator S>
  RowPass(const MeanVarianceMixture<S>& model, const RowView& x, const Vector& origin, double distance_floor,
          BesselTables* kept);
  /// Computes the columns, posterior moments (E[log Y|x] where wanted) and log densities of rows first, ...,
  /// first + count - 1. Returns how many distances were raised to the floor.
  Index posteriors(Index first, Index count, LogY log_y, RowBlock& out_block) const;
  /// Computes the log densities of these rows alone.
  void log_densities(Index first, Index count, RowBlock& out_block) const;

 private:
  Index evaluate(Index first, Index count, const kernels::Posteriors& out, RowBlock& out_block) const;

  const RowView& x_;
  const Vector& origin_;
  double distance_floor_;
  Eigen::Matrix<double, Eigen::Dynamic, 2> shifts_;  // mu about the origin, and L^{-1} gamma
  double gamma_squared_;                             // gamma' Sigma^{-1} gamma
  kernels::RowLaw row_law_;
  kernels::PosteriorLaw posterior_;
  std::optional<kernels::LargeOrderPosterior> large_order_;  // used in place of posterior_ if the order is large
  std::unique_ptr<BesselTable> own_table_;                   // null if there is one that is kept, or none pays
  BesselTable* table_ = nullptr;                             // shared by all threads
};

template <Subordinator S>
RowPass::RowPass(const MeanVarianceMixture<S>& model, const RowView& x, const Vector& origin, double distance_floor,
                 BesselTables* kept)
    : x_(x), origin_(origin), distance_floor_(distance_floor), shifts_(model.d(), 2) {
  shifts_.col(0) = model.mu() - origin;
  shifts_.col(1) = model.gamma();
  model.L_Sigma().template triangularView<Eigen::Lower>().solveInPlace(shifts_.col(1));
  gamma_squared_ = shifts_.col(1).squaredNorm();
  const GigParameters gig = model.subordinator().gig();
  const auto d = static_cast<double>(model.d());
  row_law_ = {.mu = shifts_.col(0).data(),
              .cholesky = model.L_Sigma().data(),
              .cholesky_stride = model.d(),
              .direction = shifts_.col(1).data(),
              .root_a = std::sqrt(gig.a),
              .root_b = std::sqrt(gig.b)};
  const double log_constant = -0.5 * (d * kLogTwoPi + model.log_det_sigma());
  posterior_ = {.order = gig.p - 0.5 * d,
                .a = gig.a + gamma_squared_,
                .b = gig.b,
                .z_prior = row_law_.root_a * row_law_.root_b,
                .log_constant = model.subordinator().log_constant() + log_constant};
  if (std::abs(gig.p) >= kDebyeFrom) {  // has_large_order says no for others, and a mode costs as much as some rows
    const GigMode mode(gig.p, gig.a, gig.b);
    if (kernels::has_large_order(mode, gig.p, posterior_.z_prior, posterior_.order)) {
      large_order_.emplace(mode, posterior_.order, gamma_squared_, d, log_constant);
      row_law_.root_a = row_law_.root_b = 0.0;
    }
  }
  if (large_order_) return;
  if (posterior_.a == 0.0) return;
  if (kept != nullptr) table_ = kept->of(posterior_.order);
  if (table_ == nullptr && kernels::table_pays(posterior_.order, x.rows())) {
    own_table_ = std::make_unique<BesselTable>(posterior_.order);
    table_ = own_table_.get();
  }
}

/// Reads a block and computes the results that `out` has arrays for. Distances below the floor are raised if the density
/// could be infinite; returns how many were raised.
Index RowPass::evaluate(Index first, Index count, const kernels::Posteriors& out, RowBlock& block) const {
  const Index d = shifts_.rows();
  x_.copy_columns(first, count, {origin_.data(), static_cast<std::size_t>(d)}, block.x.data(), block.stride);
  const std::span<const std::byte> ahead = x_.memory(first + count, std::min(count, x_.rows() - first - count));
  const double floor = posterior_.b < distance_floor_ ? distance_floor_ : 0.0;
  if (large_order_) {
    kernels::distance(row_law_, block.x.data(), count, block.stride, d, block.whitened.data(),
                      {block.q.data(), block.projection.data(), block.misalignment.data()}, ahead);
    const Index raised = raise_distances(gamma_squared_, floor, count, block.q.data(), block.misalignment.data());
    kernels::large_order_posterior(*large_order_, count, block.q.data(), block.projection.data(),
                                   block.misalignment.data(), out);
    return raised;
  }
  const Index raised =
      kernels::distances_and_exponents(row_law_, posterior_, gamma_squared_, floor, block.x.data(), count, block.stride,
                                       d, block.whitened.data(), block.q.data(), block.exponent.data(), ahead);
  kernels::posterior(posterior_, table_, count, block.q.data(), block.exponent.data(), out);
  return raised;
}

Index RowPass::posteriors(Index first, Index count, LogY log_y, RowBlock& block) const {
  return evaluate(first, count, block.posteriors(true, log_y), block);
}

void RowPass::log_densities(Index first, Index count, RowBlock& block) const {
  (void)evaluate(first, count, block.posteriors(false, LogY::kLeaveOut), block);
}

/// Does the E-step of the rows whose weight is not 0, as if the others were not there.
template <Subordinator S>
EStepResult e_step_of_weighted_rows(const MeanVarianceMixture<S>& model, const RowView& x, const Vector& origin,
                                    EStepOptions options) {
  const std::vector<std::int64_t> rows = weighted_rows(options.weights);
  std::vector<double> weights(options.weights.begin(), options.weights.end());
  std::erase(weights, 0.0);
  options.weights = weights;
  const std::span<double> log_density = std::exchange(options.log_density, {});
  std::vector<double> some(log_density.empty() ? 0 : rows.size());
  options.log_density = some;
  EStepResult result = e_step(model, x.select(rows), origin, options);
  std::fill(log_density.begin(), log_density.end(), 0.0);
  for (std::size_t k = 0; k < some.size(); ++k) log_density[static_cast<std::size_t>(rows[k])] = some[k];
  if (result.peak_row >= 0) result.peak_row = rows[static_cast<std::size_t>(result.peak_row)];
  return result;
}

/// Throws std::invalid_argument where more or fewer numbers would be read or written than there are.
void require_sizes(const RowView& x, Index d, const Vector& origin, const EStepOptions& options) {
  const auto require_one_a_row = [&](std::size_t size, const char* name) {
    if (size > 0) require_dimension(static_cast<Index>(size), x.rows(), name);
  };
  require_dimension(x.columns(), d, "X");
  require_dimension(origin.size(), d, "origin");
  require_one_a_row(options.weights.size(), "weights");
  require_one_a_row(options.log_density.size(), "log_density");
}

}  // namespace

template <Subordinator S>
EStepResult e_step(const MeanVarianceMixture<S>& model, const RowView& x, const Vector& origin,
                   const EStepOptions& options) {
  require_sizes(x, model.d(), origin, options);
  if (std::find(options.weights.begin(), options.weights.end(), 0.0) != options.weights.end()) {
    return e_step_of_weighted_rows(model, x, origin, options);
  }
  if (options.missing == Missing::kExact && has_missing(x)) {
    return e_step_with_missing(JointLaw(model, origin), x, origin, options);
  }
  const Index d = model.d();
  const RowPass pass(model, x, origin, options.distance_floor, options.tables);
  const auto add = [&](EStepSums& sums, const ThreadBlock& scratch, Index first, Index count) {
    RowBlock& block = *scratch;
    sums.floored_rows += pass.posteriors(first, count, options.log_y, block);
    if (!options.log_density.empty()) std::copy_n(block.log_density.data(), count, options.log_density.data() + first);
    sums.note_peak_of(first, block.log_density.data(), count);
    sums.add(block, count, options.weights.empty() ? nullptr : options.weights.data() + first, options.log_y);
  };
  const EStepSums sums = block_reduce(
      x.rows(), d * d, EStepSums(d), [&] { return ThreadBlock(d, x.rows()); }, add,
      [](EStepSums& left, const EStepSums& right) { left.add(right); });
  Vector observed;
  if (options.missing == Missing::kExact) observed = Vector::Constant(d, sums.weight);
  return sums.result(origin, options.log_y, std::move(observed));
}

template <Subordinator S>
RowPosteriors posterior(const MeanVarianceMixture<S>& model, const RowView& x, Missing missing) {
  require_dimension(x.columns(), model.d(), "X");
  const S& prior = model.subordinator();
  const Index n = x.rows();
  RowPosteriors out{Vector::Constant(n, prior.E_inv_Y()), Vector::Constant(n, prior.E_Y()),
                    Vector::Constant(n, prior.E_log_Y())};
  if (missing == Missing::kExact && has_missing(x)) {
    posterior_with_missing(JointLaw(model, model.mu()), x, model.mu(), out);
    return out;
  }
  const RowPass pass(model, x, model.mu(), 0.0, nullptr);
  for_each_block(
      n, [&] { return ThreadBlock(model.d(), x.rows()); },
      [&](const ThreadBlock& scratch, Index first, Index count) {
        RowBlock& block = *scratch;
        (void)pass.posteriors(first, count, LogY::kCompute, block);
        std::copy_n(block.inv_y.data(), count, out.E_inv_Y.data() + first);
        std::copy_n(block.y.data(), count, out.E_Y.data() + first);
        std::copy_n(block.log_y.data(), count, out.E_log_Y.data() + first);
      });
  return out;
}

template <Subordinator S>
Vector log_density(const MeanVarianceMixture<S>& model, const RowView& x, Missing missing, double distance_floor,
                   BesselTables* tables) {
  require_dimension(x.columns(), model.d(), "X");
  if (missing == Missing::kExact && has_missing(x)) {
    return log_density_with_missing(JointLaw(model, model.mu()), x, model.mu(), distance_floor, tables);
  }
  const RowPass pass(model, x, model.mu(), distance_floor, tables);
  Vector out(x.rows());
  for_each_block(
      x.rows(), [&] { return ThreadBlock(model.d(), x.rows()); },
      [&](const ThreadBlock& scratch, Index first, Index count) {
        RowBlock& block = *scratch;
        pass.log_densities(first, count, block);
        std::copy_n(block.log_density.data(), count, out.data() + first);
      });
  return out;
}

template <Subordinator S>
double mean_log_density(const MeanVarianceMixture<S>& model, const RowView& x, Missing missing, double distance_floor,
                        BesselTables* tables) {
  require_dimension(x.columns(), model.d(), "X");
  if (missing == Missing::kExact && has_missing(x)) {
    return mean_log_density_with_missing(JointLaw(model, model.mu()), x, model.mu(), distance_floor, tables);
  }
  const RowPass pass(model, x, model.mu(), distance_floor, tables);
  const double total = block_reduce(
      x.rows(), 1, 0.0, [&] { return ThreadBlock(model.d(), x.rows()); },
      [&](double& sum, const ThreadBlock& scratch, Index first, Index count) {
        RowBlock& block = *scratch;
        pass.log_densities(first, count, block);
        sum += kernels::sum(block.log_density.data(), count);
      },
      [](double& left, double right) { left += right; });
  return total / static_cast<double>(x.rows());
}

#define VARIMIX_INSTANTIATE(S)                                                                                    \
  template EStepResult e_step(const MeanVarianceMixture<S>&, const RowView&, const Vector&, const EStepOptions&); \
  template RowPosteriors posterior(const MeanVarianceMixture<S>&, const RowView&, Missing);                       \
  template Vector log_density(const MeanVarianceMixture<S>&, const RowView&, Missing, double, BesselTables*);     \
  template double mean_log_density(const MeanVarianceMixture<S>&, const RowView&, Missing, double, BesselTables*);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
