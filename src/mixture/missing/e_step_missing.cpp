#include "e_step_missing.hpp"

#include <vector>

#include "mixture/e_step_block.hpp"
#include "pattern_block.hpp"
#include "varimix/core/block_reduce.hpp"

namespace varimix {
namespace {

/// The sums of an E-step, and the weight of the rows that show each column.
struct MissingSums {
  explicit MissingSums(Index d)
      : sums(d), observed(Vector::Zero(d)), rest_x(Vector::Zero(d)), rest_wxx(Matrix::Zero(d, d)) {}
  void add(const MissingSums& other) {
    sums.add(other.sums);
    observed += other.observed;
    rest_x += other.rest_x;
    rest_wxx += other.rest_wxx;
  }
  /// Adds the rest to the sums.
  void finish(const PartialLaw& partial) {
    for (Index j = 0; j < observed.size(); ++j) {
      sums.x(j) += partial.unit(j) * rest_x(j);
      for (Index k = 0; k <= j; ++k) sums.wxx(j, k) += partial.unit(j) * (partial.unit(k) * rest_wxx(j, k));
    }
  }
  EStepSums sums;
  Vector observed;
  Vector rest_x;    // what is added to sums.x and sums.wxx in the end, in the units of the columns
  Matrix rest_wxx;  // only the lower triangle
};

/// Adds blocks of rows with missing values to sums, one after the other. Let w = E[1/Y|x_o] and y = E[Y|x_o]; let c be
/// the row with its missing values replaced by their conditional mean at Y = 0, g = gamma_m - B gamma_o and C the
/// conditional covariance at Y = 1 (both are 0 in observed columns), and h = c + g / w. Then
///   E[X/Y] = c w + g = w h,   E[X] = c + g y = h + (y - 1/w) g,
///   E[XX'/Y] = C + w cc' + cg' + gc' + y gg' = w hh' + (y - 1/w) gg' + C,
/// so that h is summed as a complete row is, and the rest is added once for a run of rows of one pattern.
class MissingAdder {
 public:
  explicit MissingAdder(Index d)
      : work_(d), conditional_gammas_(d * kBlockStride), weights_(kBlockRows), inverse_w_(kBlockRows) {}

  void add_block(const PatternPass& pass, const EStepOptions& options, Index first, Index count, MissingSums& out) {
    work_.load(pass, first, count);
    const bool is_weighted = !options.weights.empty();
    for (Index i = 0; i < count; ++i) {
      const auto row = static_cast<std::size_t>(pass.groups.rows[static_cast<std::size_t>(first + i)]);
      weights_[static_cast<std::size_t>(i)] = is_weighted ? options.weights[row] : 1.0;
    }
    kernels::add_weights_shown(work_.block.x.data(), weights_.data(), count, kBlockStride, pass.joint.d(),
                               out.observed.data());
    double* conditional = conditional_gammas_.data();
    for (const PatternBlock::Batch& batch : work_.batches()) {
      out.sums.floored_rows += work_.distances(pass, batch, Rest::kDescribe);
      for (const PatternBlock::Run& run : work_.runs_of(batch)) conditional = describe(pass, run, conditional, out);
    }
    work_.posterior(
        pass, options.log_y == LogY::kCompute ? PatternBlock::Wanted::kMomentsAndLogY : PatternBlock::Wanted::kMoments);
    for (Index i = 0; !options.log_density.empty() && i < count; ++i) {
      const auto row = static_cast<std::size_t>(pass.groups.rows[static_cast<std::size_t>(first + i)]);
      options.log_density[row] = work_.block.log_density[static_cast<std::size_t>(i)];
    }
    for (const PatternBlock::Run& run : work_.runs()) note_peak(pass, run, first, out.sums);
    const double* done = conditional_gammas_.data();
    for (const PatternBlock::Run& run : work_.runs()) done = add_rest(pass, run, done, out);
    out.sums.add(work_.block, count, is_weighted ? weights_.data() : nullptr, options.log_y);
  }

 private:
  /// Notes the peak among complete rows alone: densities of different dimensions are not compared.
  void note_peak(const PatternPass& pass, const PatternBlock::Run& run, Index first, EStepSums& out) const {
    if (!pass.groups.missing(run.group).empty()) return;
    for (Index i = run.first; i < run.first + run.count; ++i) {
      out.note_peak(static_cast<Index>(pass.groups.rows[static_cast<std::size_t>(first + i)]),
                    work_.block.log_density[static_cast<std::size_t>(i)]);
    }
  }

  /// Adds C, and keeps g in units.
  double* describe(const PatternPass& pass, const PatternBlock::Run& run, double* out_conditional, MissingSums& out) {
    const ConditionalLaw law = work_.conditional(pass, run);
    if (law.columns.empty()) return out_conditional;
    const double* weights = weights_.data() + run.first;
    const double weight = run.count == 1 ? *weights : kernels::sum(weights, run.count);
    const double* covariance = law.at.covariance;
    const Index d = out.rest_wxx.rows();
    for (std::size_t k = 0; k < law.columns.size(); ++k) {
      double* row = out.rest_wxx.data() + law.columns[k];
      for (std::size_t l = 0; l <= k; ++l, covariance += law.at.stride) row[law.columns[l] * d] += weight * *covariance;
      *out_conditional++ = law.at.gamma[static_cast<Index>(k) * law.at.stride];
    }
    return out_conditional;
  }

  /// Turns c into h, and adds the terms that y - 1/w multiplies.
  const double* add_rest(const PatternPass& pass, const PatternBlock::Run& run, const double* conditional,
                         MissingSums& out) {
    const std::span<const std::int32_t> missing = pass.groups.missing(run.group);
    if (missing.empty()) return conditional;
    RowBlock& block = work_.block;
    double excess = 0.0;  // the sum of y - 1/w, which is >= 0 but for rounding
    const auto from = static_cast<std::size_t>(run.first);
    for (std::size_t i = from; i < from + static_cast<std::size_t>(run.count); ++i) {
      inverse_w_[i] = 1.0 / block.inv_y[i];
      excess += weights_[i] * (block.y[i] - inverse_w_[i]);
    }
    const Index d = pass.joint.d();
    for (std::size_t k = 0; k < missing.size(); ++k) {
      if (conditional[k] == 0.0) continue;  // and so also where E[Y|x] is infinite
      const double g = pass.partial.unit(missing[k]) * conditional[k];
      double* column = block.x.data() + missing[k] * kBlockStride;
      for (std::size_t i = from; i < from + static_cast<std::size_t>(run.count); ++i) column[i] += g * inverse_w_[i];
      const double part = excess * conditional[k];
      out.rest_x(missing[k]) += part;
      double* row = out.rest_wxx.data() + missing[k];
      for (std::size_t l = 0; l <= k; ++l) row[missing[l] * d] += part * conditional[l];
    }
    return conditional + missing.size();
  }

  PatternBlock work_;
  AlignedDoubles conditional_gammas_, weights_, inverse_w_;
};

}  // namespace

EStepResult e_step_with_missing(const JointLaw& joint, const RowView& x, const Vector& origin,
                                const EStepOptions& options) {
  const Index d = joint.d();
  MissingSums total(d);
  std::fill(options.log_density.begin(), options.log_density.end(), 0.0);
  for_each_window(joint, x, origin, options.distance_floor, [&](const PatternPass& pass) {
    MissingSums sums = block_reduce(
        pass.groups.size(), 2 * d * d, MissingSums(d), [&] { return MissingAdder(d); },
        [&](MissingSums& partial, MissingAdder& adder, Index first, Index count) {
          adder.add_block(pass, options, first, count, partial);
        },
        [](MissingSums& left, const MissingSums& right) { left.add(right); });
    sums.finish(pass.partial);
    total.add(sums);
  });
  return total.sums.result(origin, options.log_y, total.observed);
}

namespace {

/// Computes the wanted posteriors of one block, in work.block.
void posterior_of_run_block(const PatternPass& pass, Index first, Index count, PatternBlock::Wanted wanted,
                            PatternBlock& work) {
  work.load(pass, first, count);
  for (const PatternBlock::Batch& batch : work.batches()) (void)work.distances(pass, batch, Rest::kLeaveOut);
  work.posterior(pass, wanted);
}

}  // namespace

Vector log_density_with_missing(const JointLaw& joint, const RowView& x, const Vector& origin, double distance_floor) {
  Vector out = Vector::Zero(x.rows());
  for_each_window(joint, x, origin, distance_floor, [&](const PatternPass& pass) {
    for_each_block(
        pass.groups.size(), [&] { return PatternBlock(joint.d()); },
        [&](PatternBlock& work, Index first, Index count) {
          posterior_of_run_block(pass, first, count, PatternBlock::Wanted::kLogDensity, work);
          for (Index i = 0; i < count; ++i) {
            out(pass.groups.rows[static_cast<std::size_t>(first + i)]) =
                work.block.log_density[static_cast<std::size_t>(i)];
          }
        });
  });
  return out;
}

void posterior_with_missing(const JointLaw& joint, const RowView& x, const Vector& origin, RowPosteriors& inout) {
  for_each_window(joint, x, origin, 0.0, [&](const PatternPass& pass) {
    for_each_block(
        pass.groups.size(), [&] { return PatternBlock(joint.d()); },
        [&](PatternBlock& work, Index first, Index count) {
          posterior_of_run_block(pass, first, count, PatternBlock::Wanted::kMomentsAndLogY, work);
          for (Index i = 0; i < count; ++i) {
            const Index row = pass.groups.rows[static_cast<std::size_t>(first + i)];
            const auto at = static_cast<std::size_t>(i);
            inout.E_inv_Y(row) = work.block.inv_y[at];
            inout.E_Y(row) = work.block.y[at];
            inout.E_log_Y(row) = work.block.log_y[at];
          }
        });
  });
}

double mean_log_density_with_missing(const JointLaw& joint, const RowView& x, const Vector& origin,
                                     double distance_floor) {
  double total = 0.0;
  Index rows = 0;
  for_each_window(joint, x, origin, distance_floor, [&](const PatternPass& pass) {
    rows += pass.groups.size();
    total += block_reduce(
        pass.groups.size(), 1, 0.0, [&] { return PatternBlock(joint.d()); },
        [&](double& sum, PatternBlock& work, Index first, Index count) {
          posterior_of_run_block(pass, first, count, PatternBlock::Wanted::kLogDensity, work);
          sum += kernels::sum(work.block.log_density.data(), count);
        },
        [](double& left, double right) { left += right; });
  });
  return rows > 0 ? total / static_cast<double>(rows) : 0.0;
}

}  // namespace varimix
