#include "varimix/mixture/missing.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "gap_passes.hpp"
#include "mixture/families.hpp"
#include "subordinator/gig_functions.hpp"
#include "varimix/core/block_reduce.hpp"

namespace varimix {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

/// Returns factor * moment, and 0 for a factor of 0, even if the moment is infinite.
double part_of(double factor, double moment) { return factor == 0.0 ? 0.0 : factor * moment; }

/// Returns the mean and variance of a GIG(p, a, b) whose parameters may lie at the ends of a double's range.
Cumulants cumulants_of(GigParameters gig) {
  constexpr double kSmallest = std::numeric_limits<double>::min();
  if (!(gig.b < kInfinite)) return {kInfinite, kInfinite, kInfinite, kInfinite};
  if (gig.a < kSmallest) gig.a = 0.0;
  if (gig.b < kSmallest) gig.b = 0.0;
  if (std::sqrt(gig.a) * std::sqrt(gig.b) < kSmallest) (gig.p > 0.0 ? gig.b : gig.a) = 0.0;
  const bool is_proper = (gig.a > 0.0 || gig.p < 0.0) && (gig.b > 0.0 || gig.p > 0.0);
  if (!is_proper) return {0.0, 0.0, 0.0, 0.0};  // a row at mu where the density is unbounded: Y = 0
  if (gig.b == 0.0) return Gamma(gig.p, 0.5 * gig.a).cumulants();
  if (gig.a == 0.0) return InverseGamma(-gig.p, 0.5 * gig.b).cumulants();
  return gig_cumulants(gig.p, gig.a, gig.b);  // whatever p is: a family's shape may exceed kLargestGigOrder
}

/// Sets `out` to C y + g g' v, with C = at_y_one, g = conditional_gamma, v = variance. An entry that does not exist,
/// the sum of infinities of both signs, is inf.
void set_covariance(const Matrix& at_y_one, const Vector& conditional_gamma, double y, double variance, Matrix& out) {
  for (Index j = 0; j < conditional_gamma.size(); ++j) {
    for (Index k = 0; k <= j; ++k) {
      const double value = part_of(at_y_one(j, k), y) + part_of(conditional_gamma(j) * conditional_gamma(k), variance);
      out(j, k) = out(k, j) = std::isnan(value) ? kInfinite : value;
    }
  }
}

/// Completes the rows of blocks, one after the other.
class Completion {
 public:
  Completion(const JointLaw& joint, Conditional& out) : joint_(joint), out_(out), work_(joint.d()) {}

  void add_block(const PatternPass& pass, Index first, Index count) {
    work_.load(pass, first, count);
    conditional_gammas_.clear();
    at_y_one_.clear();
    for (const PatternBlock::Batch& batch : work_.batches()) {
      (void)work_.distances(pass, batch, Rest::kDescribe);
      for (const PatternBlock::Run& run : work_.runs_of(batch)) describe(work_.conditional(pass, run));
    }
    work_.posterior(pass, Wanted::kMoments);
    for (std::size_t r = 0; r < work_.runs().size(); ++r) {
      const PatternBlock::Run& run = work_.runs()[r];
      for (Index i = run.first; i < run.first + run.count; ++i) {
        complete_row(pass, i, pass.groups.rows[static_cast<std::size_t>(first + i)], r);
      }
    }
  }

 private:
  [[nodiscard]] bool with_covariance() const { return !out_.covariance.empty(); }

  /// Keeps gamma_m - B gamma_o (d) and the covariance at Y = 1 (d x d) of the run's pattern; both are 0 in observed
  /// columns.
  void describe(const ConditionalLaw& law) {
    Vector conditional = Vector::Zero(joint_.d());
    Matrix at_y_one = Matrix::Zero(with_covariance() ? joint_.d() : 0, with_covariance() ? joint_.d() : 0);
    for (std::size_t k = 0; k < law.columns.size(); ++k) {
      const auto row = static_cast<Index>(k);
      conditional(law.columns[k]) = law.gamma(row);
      for (std::size_t l = 0; with_covariance() && l <= k; ++l) {
        at_y_one(law.columns[k], law.columns[l]) = law.covariance(row, static_cast<Index>(l));
      }
    }
    conditional_gammas_.push_back(std::move(conditional));
    at_y_one_.push_back(std::move(at_y_one));
  }

  void complete_row(const PatternPass& pass, Index i, std::int64_t row, std::size_t r) {
    const PatternBlock::Run& run = work_.runs()[r];
    const RowBlock& block = work_.block;
    const auto in_block = static_cast<std::size_t>(i);
    const std::span<const std::int32_t> missing = pass.groups.missing(run.group);
    for (const Index j : missing) {
      const double completed = block.x[static_cast<std::size_t>(j * block.stride + i)];
      out_.mean(row, j) = pass.origin(j) + (completed + part_of(conditional_gammas_[r](j), block.y[in_block]));
    }
    if (!with_covariance() || missing.empty()) return;
    const Cumulants y = cumulants_of(work_.posterior_law(pass, run, i));
    set_covariance(at_y_one_[r], conditional_gammas_[r], y.mean, y.second,
                   out_.covariance[static_cast<std::size_t>(row)]);
  }

  const JointLaw& joint_;
  Conditional& out_;
  PatternBlock work_;
  std::vector<Vector> conditional_gammas_;
  std::vector<Matrix> at_y_one_;
};

/// Writes what is known before any pattern is looked at: the rows as they are, and the model's moments for those that
/// show nothing.
template <Subordinator S>
void start_completion(const MeanVarianceMixture<S>& model, const RowView& x, Conditional& out) {
  const Index d = model.d();
  const Cumulants prior = model.subordinator().cumulants();
  const Matrix sigma = model.sigma();
  const std::vector<double> zero(static_cast<std::size_t>(d), 0.0);
  const auto copy = [&](Matrix& block, Index first, Index count) {
    x.copy_columns(first, count, zero, block.data(), kBlockStride);
    out.mean.middleRows(first, count) = block.topRows(count);
    for (Index i = first; i < first + count; ++i) {
      if (!out.mean.row(i).array().isNaN().all()) continue;
      for (Index j = 0; j < d; ++j) out.mean(i, j) = model.mu()(j) + part_of(model.gamma()(j), prior.mean);
      if (out.covariance.empty()) continue;
      set_covariance(sigma, model.gamma(), prior.mean, prior.second, out.covariance[static_cast<std::size_t>(i)]);
    }
  };
  for_each_block(
      x.rows(), [&] { return Matrix(kBlockStride, d); }, copy);
}

template <Subordinator S>
Conditional completed(const MeanVarianceMixture<S>& model, const RowView& x, bool with_covariance) {
  require_rows(x, model.d(), "X", Missing::kExact);
  const Index d = model.d();
  Conditional out{RowMatrix(x.rows(), d), {}};
  if (with_covariance) out.covariance.assign(static_cast<std::size_t>(x.rows()), Matrix::Zero(d, d));
  start_completion(model, x, out);
  const JointLaw joint(model, model.mu());
  for_each_window(joint, x, model.mu(), 0.0, [&](const PatternPass& pass) {
    for_each_block(
        pass.groups.size(), [&] { return Completion(joint, out); },
        [&](Completion& completion, Index first, Index count) { completion.add_block(pass, first, count); });
  });
  return out;
}

}  // namespace

template <Subordinator S>
RowMatrix impute(const MeanVarianceMixture<S>& model, const RowView& x) {
  return completed(model, x, false).mean;
}

template <Subordinator S>
Conditional conditional(const MeanVarianceMixture<S>& model, const RowView& x) {
  return completed(model, x, true);
}

#define VARIMIX_INSTANTIATE(S)                                              \
  template RowMatrix impute(const MeanVarianceMixture<S>&, const RowView&); \
  template Conditional conditional(const MeanVarianceMixture<S>&, const RowView&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
