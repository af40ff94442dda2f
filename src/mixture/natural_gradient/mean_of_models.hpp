#pragma once

#include <optional>
#include <span>

#include "varimix/mixture/m_step.hpp"
#include "varimix/mixture/natural_move.hpp"

namespace varimix {

/// Returns the mean of models by weight, as MixtureFit::mean_of.
template <Subordinator S>
[[nodiscard]] std::optional<MeanVarianceMixture<S>> mean_of(std::span<const WeightedModel<S>> models,
                                                            const MStepOptions<S>& options);

/// Returns the bound at which the law of Y of a model lies.
template <Subordinator S>
[[nodiscard]] ShapeLimit shape_limit(const MeanVarianceMixture<S>& model, const MStepOptions<S>& options);

}  // namespace varimix
