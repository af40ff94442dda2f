#pragma once

#include "partial_law.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix {

/// These do what e_step, posterior, log_density and mean_log_density do, for rows with gaps (Missing::kExact). `kept` are
/// EStepOptions::tables.
[[nodiscard]] EStepResult e_step_with_missing(const JointLaw& joint, const RowView& x, const Vector& origin,
                                              const EStepOptions& options);
/// Rows that show nothing keep what `inout` has.
void posterior_with_missing(const JointLaw& joint, const RowView& x, const Vector& origin, RowPosteriors& inout);
[[nodiscard]] Vector log_density_with_missing(const JointLaw& joint, const RowView& x, const Vector& origin,
                                              double distance_floor, BesselTables* kept);
[[nodiscard]] double mean_log_density_with_missing(const JointLaw& joint, const RowView& x, const Vector& origin,
                                                   double distance_floor, BesselTables* kept);

}  // namespace varimix
