#include "e_step_missing.hpp"

#include <vector>

#include "gap_passes.hpp"
#include "kernels/add_rest.hpp"
#include "kernels/gaps.hpp"
#include "mixture/e_step_block.hpp"
#include "varimix/core/block_reduce.hpp"

namespace varimix {
namespace {

/// The sums of an E-step, and the weight of the rows that show each column.
struct MissingSums {
  explicit MissingSums(Index d) : sums(d), observed(Vector::Zero(d)), rest(Matrix::Zero(d, d + 1)) {}
  void add(const MissingSums& other) {
    sums.add(other.sums);
    observed += other.observed;
    rest += other.rest;
  }
  /// Adds the rest to the sums.
  void finish(const PartialLaw& partial) {
    for (Index j = 0; j < observed.size(); ++j) {
      sums.x(j) += partial.unit(j) * rest(j, observed.size());
      for (Index k = 0; k <= j; ++k) sums.wxx(j, k) += partial.unit(j) * (partial.unit(k) * rest(j, k));
    }
  }
  EStepSums sums;
  Vector observed;
  Matrix
      rest;  // what is added in the end to sums.wxx, in its lower triangle, and to sums.x, in its last column, in units
};

/// Adds blocks of rows with missing values to sums, one after the other. Let w = E[1/Y|x_o] and y = E[Y|x_o]; let c be
/// the row with its missing values replaced by their conditional mean at Y = 0, g = gamma_m - B gamma_o and C the
/// conditional covariance at Y = 1 (both are 0 in observed columns), and h = c + g / w. Then
///   E[X/Y] = c w + g = w h,   E[X] = c + g y = h + (y - 1/w) g,
///   E[XX'/Y] = C + w cc' + cg' + gc' + y gg' = w hh' + (y - 1/w) gg' + C,
/// so that h is summed as a complete row is, and the rest is added once for a run of rows of one pattern.
template <class Pass>
class MissingAdder {
 public:
  MissingAdder(Index d, Index rows)
      : work_(d, rows),
        conditional_gammas_(d * work_.block.stride),
        weights_(work_.block.stride),
        inverse_w_(kBlockRows) {}

  void add_block(const Pass& pass, const EStepOptions& options, Index first, Index count, MissingSums& out) {
    work_.load(pass, first, count);
    const Index rows = work_.size();
    if (rows == 0) return;
    const bool is_weighted = !options.weights.empty();
    for (Index i = 0; i < rows; ++i) {
      weights_[static_cast<std::size_t>(i)] = is_weighted ? options.weights[work_.number(i)] : 1.0;
    }
    kernels::add_weights_shown(work_.block.x.data(), weights_.data(), rows, work_.block.stride, pass.joint.d(),
                               out.observed.data());
    describe(pass, out);
    work_.posterior(pass, options.log_y == LogY::kCompute ? Wanted::kMomentsAndLogY : Wanted::kMoments);
    for (Index i = 0; !options.log_density.empty() && i < rows; ++i) {
      options.log_density[work_.number(i)] = work_.block.log_density[static_cast<std::size_t>(i)];
    }
    note_peak(pass, out.sums);
    add_rest(pass, out);
    out.sums.add(work_.block, rows, is_weighted ? weights_.data() : nullptr, options.log_y);
  }

 private:
  /// Notes the peak among complete rows alone: densities of different dimensions are not compared.
  void note_peak(const FewGapsPass& /*pass*/, EStepSums& out) const {
    for (const FewGapsBlock::Class& same : work_.classes()) {
      if (same.missing == 0) note_peak_of(same.first, same.count, out);
    }
  }
  void note_peak(const PatternPass& pass, EStepSums& out) const {
    for (const PatternBlock::Run& run : work_.runs()) {
      if (pass.groups.missing(run.group).empty()) note_peak_of(run.first, run.count, out);
    }
  }
  void note_peak_of(Index first, Index count, EStepSums& out) const {
    for (Index i = first; i < first + count; ++i) {
      out.note_peak(static_cast<Index>(work_.number(i)), work_.block.log_density[static_cast<std::size_t>(i)]);
    }
  }

  void describe(const FewGapsPass& pass, MissingSums& out) {
    out.sums.floored_rows += work_.distances(pass, Rest::kDescribe);
  }

  void describe(const PatternPass& pass, MissingSums& out) {
    double* conditional = conditional_gammas_.data();
    for (const PatternBlock::Batch& batch : work_.batches()) {
      out.sums.floored_rows += work_.distances(pass, batch, Rest::kDescribe);
      for (const PatternBlock::Run& run : work_.runs_of(batch)) conditional = describe_run(pass, run, conditional, out);
    }
  }

  /// Adds C, and keeps g in units.
  double* describe_run(const PatternPass& pass, const PatternBlock::Run& run, double* out_conditional,
                       MissingSums& out) {
    const ConditionalLaw law = work_.conditional(pass, run);
    if (law.columns.empty()) return out_conditional;
    const double* weights = weights_.data() + run.first;
    const double weight = run.count == 1 ? *weights : kernels::sum(weights, run.count);
    const double* covariance = law.at.covariance;
    const Index d = out.rest.rows();
    for (std::size_t k = 0; k < law.columns.size(); ++k) {
      double* row = out.rest.data() + law.columns[k];
      for (std::size_t l = 0; l <= k; ++l, covariance += law.at.stride) row[law.columns[l] * d] += weight * *covariance;
      *out_conditional++ = law.at.gamma[static_cast<Index>(k) * law.at.stride];
    }
    return out_conditional;
  }

  void add_rest(const PatternPass& pass, MissingSums& out) {
    const double* conditional = conditional_gammas_.data();
    for (const PatternBlock::Run& run : work_.runs()) conditional = add_rest_of_run(pass, run, conditional, out);
  }

  /// Turns c into h, and adds the terms that y - 1/w multiplies.
  const double* add_rest_of_run(const PatternPass& pass, const PatternBlock::Run& run, const double* conditional,
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
      double* column = block.x.data() + missing[k] * block.stride;
      for (std::size_t i = from; i < from + static_cast<std::size_t>(run.count); ++i) column[i] += g * inverse_w_[i];
      const double part = excess * conditional[k];
      out.rest(missing[k], d) += part;
      double* row = out.rest.data() + missing[k];
      for (std::size_t l = 0; l <= k; ++l) row[missing[l] * d] += part * conditional[l];
    }
    return conditional + missing.size();
  }

  void add_rest(const FewGapsPass& pass, MissingSums& out) {
    RowBlock& block = work_.block;
    for (const FewGapsBlock::Class& same : work_.classes()) {
      if (same.missing == 0) continue;
      const kernels::CompletedRows rows{same.count,
                                        same.missing,
                                        work_.columns(same.first),
                                        work_.rest(same.first),
                                        weights_.data() + same.first,
                                        block.inv_y.data() + same.first,
                                        block.y.data() + same.first};
      kernels::add_rest(rows, pass.joint.mu.data(), pass.partial.units(), block.x.data() + same.first, block.stride,
                        pass.joint.d(), out.rest.data());
    }
  }

  typename Pass::Block work_;
  AlignedDoubles conditional_gammas_, weights_, inverse_w_;
};

}  // namespace

EStepResult e_step_with_missing(const JointLaw& joint, const RowView& x, const Vector& origin,
                                const EStepOptions& options) {
  const Index d = joint.d();
  MissingSums total(d);
  std::fill(options.log_density.begin(), options.log_density.end(), 0.0);
  for_each_pass(joint, x, origin, options.distance_floor, options.tables, [&](const auto& pass) {
    using Adder = MissingAdder<std::decay_t<decltype(pass)>>;
    MissingSums sums = block_reduce(
        pass.size(), 2 * d * d, MissingSums(d), [&] { return Adder(d, pass.size()); },
        [&](MissingSums& partial, Adder& adder, Index first, Index count) {
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
template <class Pass>
void posterior_of_block(const Pass& pass, Index first, Index count, Wanted wanted, typename Pass::Block& work) {
  work.load(pass, first, count);
  (void)work.distances(pass, Rest::kLeaveOut);
  work.posterior(pass, wanted);
}

/// Calls visit(number, i, block) for all rows that show something, after their posteriors were computed.
template <class Visit>
void for_each_posterior(const JointLaw& joint, const RowView& x, const Vector& origin, double distance_floor,
                        BesselTables* kept, Wanted wanted, const Visit& visit) {
  for_each_pass(joint, x, origin, distance_floor, kept, [&](const auto& pass) {
    using Block = typename std::decay_t<decltype(pass)>::Block;
    for_each_block(
        pass.size(), [&] { return Block(joint.d(), pass.size()); },
        [&](Block& work, Index first, Index count) {
          posterior_of_block(pass, first, count, wanted, work);
          for (Index i = 0; i < work.size(); ++i) {
            visit(static_cast<Index>(work.number(i)), static_cast<std::size_t>(i), work.block);
          }
        });
  });
}

}  // namespace

Vector log_density_with_missing(const JointLaw& joint, const RowView& x, const Vector& origin, double distance_floor,
                                BesselTables* kept) {
  Vector out = Vector::Zero(x.rows());
  for_each_posterior(joint, x, origin, distance_floor, kept, Wanted::kLogDensity,
                     [&](Index row, std::size_t i, const RowBlock& block) { out(row) = block.log_density[i]; });
  return out;
}

void posterior_with_missing(const JointLaw& joint, const RowView& x, const Vector& origin, RowPosteriors& inout) {
  for_each_posterior(joint, x, origin, 0.0, nullptr, Wanted::kMomentsAndLogY,
                     [&](Index row, std::size_t i, const RowBlock& block) {
                       inout.E_inv_Y(row) = block.inv_y[i];
                       inout.E_Y(row) = block.y[i];
                       inout.E_log_Y(row) = block.log_y[i];
                     });
}

double mean_log_density_with_missing(const JointLaw& joint, const RowView& x, const Vector& origin,
                                     double distance_floor, BesselTables* kept) {
  struct Sum {
    double log_density = 0.0;
    Index rows = 0;
    void add(const Sum& other) {
      log_density += other.log_density;
      rows += other.rows;
    }
  };
  Sum total;
  for_each_pass(joint, x, origin, distance_floor, kept, [&](const auto& pass) {
    using Block = typename std::decay_t<decltype(pass)>::Block;
    total.add(block_reduce(
        pass.size(), 1, Sum{}, [&] { return Block(joint.d(), pass.size()); },
        [&](Sum& sum, Block& work, Index first, Index count) {
          posterior_of_block(pass, first, count, Wanted::kLogDensity, work);
          sum.add({kernels::sum(work.block.log_density.data(), work.size()), work.size()});
        },
        [](Sum& left, const Sum& right) { left.add(right); }));
  });
  return total.rows > 0 ? total.log_density / static_cast<double>(total.rows) : 0.0;
}

}  // namespace varimix
