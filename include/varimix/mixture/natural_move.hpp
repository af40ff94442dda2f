#pragma once

#include <string>
#include <vector>

#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/mixture/natural_step.hpp"

namespace varimix {

/// A model with the weight that it has in a mean.
template <Subordinator S>
struct WeightedModel {
  const MeanVarianceMixture<S>* model;
  double weight;
};

/// The result of a step.
template <Subordinator S>
struct NaturalMove {
  MeanVarianceMixture<S> model;
  double size_squared = 0.0;  ///< D' m U, the squared size of the step in standard errors
  bool is_cut = false;        ///< true if the step was cut to the length within which the score can be trusted
  /// Half the squared distances to the anchor, in the information P F at the model before the step and n0 C / 10 at the
  /// anchor: of that model, and of the one before it.
  double penalty = 0.0;
  double penalty_before = 0.0;
  std::vector<Index> raised_columns = {};  ///< columns whose conditional variance was raised to the floor
  std::string infeasible = {};             ///< why no step could be made; then `model` is the one before
};

}  // namespace varimix
