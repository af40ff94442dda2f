#pragma once

#include "row_information.hpp"
#include "varimix/mixture/m_step.hpp"
#include "varimix/mixture/natural_move.hpp"

namespace varimix {

/// Returns the model moved by a natural-gradient step from `at`, where an E-step of a batch gave `eta`.
/// @param anchor  the model before the batch, to which the past holds.
/// @param before  the model before `at`, whose penalty is computed beside that of `at`.
/// @param options  what is fixed and bounded, in the gauge of the models and eta.
template <Subordinator S>
[[nodiscard]] NaturalMove<S> natural_move(const MeanVarianceMixture<S>& anchor, const MeanVarianceMixture<S>& before,
                                          const MeanVarianceMixture<S>& at, const Eta& eta, const NaturalStep& step,
                                          const MStepOptions<S>& options, InformationGrid<S>& grid);

}  // namespace varimix
