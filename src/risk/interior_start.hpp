#pragma once

#include "feasible_set.hpp"

namespace varimix {

/// A point strictly within a set, or why there is none.
struct InteriorStart {
  enum class Outcome {
    kFound,
    kEmpty,   ///< certified by multipliers: no point meets the constraints to kInteriorTolerance
    kUnknown  ///< the linear program did not converge, or no point was found that meets the constraints to rounding
  };
  Outcome outcome;
  std::optional<FeasibleSet> set;  ///< inequalities that hold with equality for all points are equalities in it
  Vector x;                        ///< if it was found
};

/// Inequalities may be missed by this share of the sum of the sizes of the weights.
inline constexpr double kInteriorTolerance = 1e-9;

/// Returns the central point if it lies well within the set, else that whose least slack is about the largest there is, by
/// linear programming.
[[nodiscard]] InteriorStart interior_start(LinearConstraints constraints);

}  // namespace varimix
