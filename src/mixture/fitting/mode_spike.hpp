#pragma once

#include <optional>
#include <span>

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// The marks of a spike: how many rows are equal, and how high the density is there.
struct Spike {
  Index equal_rows;
  double log_ratio;  ///< log of the density there over that of the rows around; may be inf
};

/// Returns the spike at the complete row where an E-step found the highest density, or nothing if there is none. A
/// spike is rows that are equal to the last bit, where the law's density is so far above that of the rows around them
/// that the likelihood is the spike's, not the data's. Rows of a continuous law are never equal, whatever their tails
/// and however high their peak; recorded rows may be (whole numbers, prices that did not move, censored values).
/// The law's density at the row is compared with that of the rows around it, that is their number in a ball (in the
/// rows' own covariance) that holds as many of them as are equal. Rows of weight 0 are absent.
/// There is no spike with fewer than two equal rows, fewer than eight others, rows whose covariance is singular, or a
/// density within kSpikeRatio of that around it.
/// Cost: n comparisons; where rows are equal O(d^2) for each of up to kSpikeRows of the rows.
[[nodiscard]] std::optional<Spike> spike_at_peak(const EStepResult& e_step, const RowView& x,
                                                 std::span<const double> weights = {});

/// Does the same where others hold the rows: `equal` of `rows` rows equal that of the peak, and `others` (d, k) are
/// complete rows, evenly spaced, each less that row.
[[nodiscard]] std::optional<Spike> spike_among(const Matrix& others, double peak_log_density, Index equal, Index rows);

/// Adds kModeTrap where the law that made an E-step has a spike at rows of `x` that are equal, or where the distance of
/// rows from mu was raised to the floor: then mu sits on them, where the density or its derivatives are unbounded, and
/// EM cannot leave.
void add_mode_trap(const EStepResult& e_step, const RowView& x, std::span<const double> weights, std::int64_t step,
                   Status& out_status);

/// Does the same for a spike that was found, or not, among `rows` rows.
void add_mode_trap(const std::optional<Spike>& spike, Index floored_rows, Index rows, std::int64_t step,
                   Status& out_status);

/// Returns the spike of a model's own density at rows that are equal, or nothing if there is none. Cost: an E-step.
template <Subordinator S>
[[nodiscard]] std::optional<Spike> spike_of(const MeanVarianceMixture<S>& model, const RowView& x,
                                            Missing missing = Missing::kError);

/// The least ratio of densities at a spike. Honest laws, continuous ones or those fitted to rounded rows, stay below 9
/// in simulations of dimension 1 to 3 (t, NIG and gamma rows, Poisson and geometric ones, rounded to 0.01 ... 1 of
/// their scale); spikes have 17 to 1e30.
inline constexpr double kSpikeRatio = 10.0;

/// The most rows from which the density around a peak is told.
inline constexpr Index kSpikeRows = 65536;

}  // namespace varimix
