#pragma once

#include <optional>
#include <vector>

#include "inequalities.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// low <= rows w <= high and lower <= w <= upper, w (d); equal ends are an equality.
struct LinearConstraints {
  Matrix rows;
  Vector low;
  Vector high;
  Vector lower;
  Vector upper;
};

/// The set of those w in the unknowns x (n), the weights that are not pinned: A x = c, whose rows are independent, and
/// inequalities. The largest coefficient of every row is 1.
struct FeasibleSet {
  /// Where an inequality comes from: the row of LinearConstraints, and which of its ends.
  struct Origin {
    Index row;
    bool is_high;
  };
  std::vector<Index> free;  ///< columns of x
  Vector pinned;            ///< (d): the weights of the others; 0 where x has one
  Matrix A;
  Vector c;
  Inequalities inequalities;
  std::vector<Origin> origins;  ///< of the rows of inequalities.G()

  [[nodiscard]] Vector weights(const Vector& x) const;
};

/// By this share of the sizes of its terms an equality may be missed.
inline constexpr double kEqualityTolerance = 1e-8;

/// Returns the set, or nothing if its equalities contradict each other.
[[nodiscard]] std::optional<FeasibleSet> feasible_set(const LinearConstraints& constraints);

/// Returns the point of A x = c that is nearest to the middle of the bounds.
[[nodiscard]] Vector central_point(const FeasibleSet& set);

}  // namespace varimix
