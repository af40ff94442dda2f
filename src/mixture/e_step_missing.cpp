#include "e_step_missing.hpp"

#include <vector>

#include "pattern_block.hpp"
#include "varimix/core/block_reduce.hpp"

namespace varimix {
namespace {

/// Sums over rows with gaps. With w = E[1/Y|x_o] and y = E[Y|x_o], c what is observed completed by its conditional mean at
/// Y = 0, g the gap of gamma and C the conditional covariance at Y = 1 (both 0 in what is observed), and h = c + g / w:
///   E[X/Y] = c w + g = w h,   E[X] = c + g y = h + (y - 1/w) g,
///   E[XX'/Y] = C + w cc' + cg' + gc' + y gg' = w hh' + (y - 1/w) gg' + C,
/// so that h is summed as a complete row is, and what remains is added once a run of rows of one pattern.
class GapSums {
 public:
  explicit GapSums(Index d)
      : sums(d), observed(Vector::Zero(d)), work_(d), gaps_(RowBlock::size(d)), weights_(RowBlock::size(1)) {}

  void add_block(const PatternPass& pass, const EStepOptions& options, Index first, Index count) {
    work_.load(pass, first, count);
    const bool is_weighted = !options.weights.empty();
    for (Index i = 0; i < count; ++i) {
      const auto row = static_cast<std::size_t>(pass.groups.rows[static_cast<std::size_t>(first + i)]);
      weights_[static_cast<std::size_t>(i)] = is_weighted ? options.weights[row] : 1.0;
    }
    double* gap = gaps_.data();
    for (const PatternBlock::Run& run : work_.runs()) gap = complete(pass, run, gap);
    const bool with_log_y = options.log_y == LogY::kCompute;
    work_.posterior(pass, with_log_y ? PatternBlock::Wanted::kMomentsAndLogY : PatternBlock::Wanted::kMoments);
    for (const PatternBlock::Run& run : work_.runs()) note_peak(pass, run, first);
    const double* done = gaps_.data();
    for (const PatternBlock::Run& run : work_.runs()) done = add_gaps(pass, run, done);
    sums.add(work_.block, count, is_weighted ? weights_.data() : nullptr, with_log_y);
  }

  void add(const GapSums& other) {
    sums.add(other.sums);
    observed += other.observed;
  }

  EStepSums sums;
  Vector observed;

 private:
  /// Complete rows alone: densities of different dimensions are not compared.
  void note_peak(const PatternPass& pass, const PatternBlock::Run& run, Index first) {
    if (pass.groups.shown[static_cast<std::size_t>(run.group)] != pass.groups.d) return;
    for (Index i = run.first; i < run.first + run.count; ++i) {
      sums.note_peak(static_cast<Index>(pass.groups.rows[static_cast<std::size_t>(first + i)]),
                     work_.block.log_density[static_cast<std::size_t>(i)]);
    }
  }

  /// The run's rows become c; adds C, and keeps g.
  double* complete(const PatternPass& pass, const PatternBlock::Run& run, double* out_gap) {
    sums.floored_rows += work_.whiten(pass, run, Rest::kDescribe);
    const PatternLaw& pattern = work_.pattern();
    const double weight = simd::sum(weights_.data() + run.first, run.count);
    for (const Index j : pattern.observed) observed(j) += weight;
    for (Index k = 0; k < static_cast<Index>(pattern.missing.size()); ++k) {
      const Index j = pattern.missing[static_cast<std::size_t>(k)];
      work_.complete(pass, run, k);
      for (Index l = 0; l <= k; ++l) {
        sums.wxx(j, pattern.missing[static_cast<std::size_t>(l)]) += weight * pattern.covariance(k, l);
      }
      *out_gap++ = pattern.gap(k);
    }
    return out_gap;
  }

  /// c becomes h; adds what (y - 1/w) multiplies.
  const double* add_gaps(const PatternPass& pass, const PatternBlock::Run& run, const double* gap) {
    const std::span<const std::uint8_t> shows = pass.groups.shows(run.group);
    RowBlock& block = work_.block;
    double excess = 0.0;  // sum of y - 1/w, not negative but by rounding
    const auto from = static_cast<std::size_t>(run.first);
    for (std::size_t i = from; i < from + static_cast<std::size_t>(run.count); ++i) {
      block.misalignment[i] = 1.0 / block.inv_y[i];
      excess += weights_[i] * (block.y[i] - block.misalignment[i]);
    }
    const double* end = gap;
    for (Index j = 0; j < pass.groups.d; ++j) {
      if (shows[static_cast<std::size_t>(j)] != 0) continue;
      const double g = *end++;
      if (g == 0.0) continue;  // also where E[Y|x] is infinite
      double* column = block.x.data() + j * kBlockRows;
      for (std::size_t i = from; i < from + static_cast<std::size_t>(run.count); ++i) {
        column[i] += g * block.misalignment[i];
      }
      sums.x(j) += excess * g;
      const double* other = gap;
      for (Index k = 0; k <= j; ++k) {
        if (shows[static_cast<std::size_t>(k)] == 0) sums.wxx(j, k) += excess * g * *other++;
      }
    }
    return end;
  }

  PatternBlock work_;
  std::vector<double> gaps_, weights_;
};

}  // namespace

EStepResult e_step_with_gaps(const JointLaw& joint, const RowView& x, const Vector& origin,
                             const EStepOptions& options) {
  GapSums total(joint.d());
  for_each_window(joint, x, origin, options.distance_floor, [&](const PatternPass& pass) {
    total.add(block_reduce(
        pass.groups.size(), GapSums(joint.d()),
        [&](GapSums& partial, Index first, Index count) { partial.add_block(pass, options, first, count); },
        [](GapSums& left, const GapSums& right) { left.add(right); }));
  });
  return {total.sums.means(origin, options.log_y == LogY::kCompute),
          total.sums.mean_log_density(),
          total.sums.floored_rows,
          total.observed,
          total.sums.peak_row,
          total.sums.peak_log_density};
}

namespace {

/// The log densities of one block, in work.block.log_density.
void log_density_of_run_block(const PatternPass& pass, Index first, Index count, PatternBlock& work) {
  work.load(pass, first, count);
  for (const PatternBlock::Run& run : work.runs()) (void)work.whiten(pass, run, Rest::kLeaveOut);
  work.posterior(pass, PatternBlock::Wanted::kLogDensity);
}

}  // namespace

Vector log_density_with_gaps(const JointLaw& joint, const RowView& x, const Vector& origin, double distance_floor) {
  Vector out = Vector::Zero(x.rows());
  for_each_window(joint, x, origin, distance_floor, [&](const PatternPass& pass) {
    (void)block_reduce(
        pass.groups.size(), PatternBlock(joint.d()),
        [&](PatternBlock& work, Index first, Index count) {
          log_density_of_run_block(pass, first, count, work);
          for (Index i = 0; i < count; ++i) {
            out(pass.groups.rows[static_cast<std::size_t>(first + i)]) =
                work.block.log_density[static_cast<std::size_t>(i)];
          }
        },
        [](PatternBlock&, const PatternBlock&) {});
  });
  return out;
}

double mean_log_density_with_gaps(const JointLaw& joint, const RowView& x, const Vector& origin,
                                  double distance_floor) {
  struct Partial {
    PatternBlock work;
    double sum = 0.0;
  };
  double sum = 0.0;
  Index rows = 0;
  for_each_window(joint, x, origin, distance_floor, [&](const PatternPass& pass) {
    rows += pass.groups.size();
    sum += block_reduce(
               pass.groups.size(), Partial{PatternBlock(joint.d())},
               [&](Partial& partial, Index first, Index count) {
                 log_density_of_run_block(pass, first, count, partial.work);
                 partial.sum += simd::sum(partial.work.block.log_density.data(), count);
               },
               [](Partial& left, const Partial& right) { left.sum += right.sum; })
               .sum;
  });
  return rows > 0 ? sum / static_cast<double>(rows) : 0.0;
}

}  // namespace varimix
