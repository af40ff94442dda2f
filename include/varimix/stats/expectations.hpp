#pragma once

#include <optional>
#include <span>

#include "varimix/core/types.hpp"

namespace varimix {

/// The expectation parameters eta of a normal variance-mean mixture: all that a fit keeps of its data.
///
///   s1 = E[1/Y], s2 = E[Y], s3 = E[log Y], s4 = E[X], s5 = E[X/Y], s6 = E[XX'/Y]
///
/// X is held about an origin (X - origin), because raw second moments lose everything when the origin is far away;
/// the methods E_X() ... give the uncentred values. A value: mergeable, copyable, comparable.
struct Expectations {
  Vector origin;  ///< (d)
  /// Total weight of the rows behind the means; 0 for those of a model. Of what a fit remembers: of all rows that it has
  /// learned, whatever its rule still remembers of them.
  double weight = 0.0;
  double inv_y = 0.0;
  double y = 0.0;
  std::optional<double> log_y;  ///< absent where a family does not use it and it was not computed
  Vector x;                     ///< E[X - origin] (d)
  Vector x_inv_y;               ///< E[(X - origin)/Y] (d)
  Matrix xx_inv_y;              ///< E[(X - origin)(X - origin)'/Y] (d, d), symmetric

  /// From uncentred values; origin 0. Throws std::invalid_argument for shapes that disagree or a matrix not symmetric.
  [[nodiscard]] static Expectations from_raw(double E_inv_Y, double E_Y, std::optional<double> E_log_Y, Vector E_X,
                                             Vector E_X_inv_Y, const Matrix& E_XXT_inv_Y);

  [[nodiscard]] Index d() const noexcept { return x.size(); }
  [[nodiscard]] double E_inv_Y() const noexcept { return inv_y; }
  [[nodiscard]] double E_Y() const noexcept { return y; }
  [[nodiscard]] std::optional<double> E_log_Y() const noexcept { return log_y; }
  [[nodiscard]] Vector E_X() const { return x + origin; }
  [[nodiscard]] Vector E_X_inv_Y() const { return x_inv_y + inv_y * origin; }
  [[nodiscard]] Matrix E_XXT_inv_Y() const;
  /// True if every statistic is a finite number.
  [[nodiscard]] bool is_finite() const;
  /// Name of the first statistic that is not finite ("E[1/Y]", ...), or "" if all are.
  [[nodiscard]] const char* first_not_finite() const;

  bool operator==(const Expectations& other) const;
};

/// `m` with its lower triangle above the diagonal too: what products and sums leave symmetric but for a rounding, to the bit.
[[nodiscard]] Matrix symmetrized(const Matrix& m);

/// The same statistics about another origin: exact algebra, invertible to rounding. Throws std::invalid_argument for
/// an origin of another dimension.
[[nodiscard]] Expectations with_origin(const Expectations& eta, const Vector& origin);

/// Statistics of the union of two sets of rows, weighted by their weights, about left's origin.
/// Associative and commutative to rounding. Throws std::invalid_argument if the dimensions differ or a weight is 0.
[[nodiscard]] Expectations merge(const Expectations& left, const Expectations& right);

/// (1 - c) running + c batch about running's origin, without a rounding at c = 0 and c = 1. @pre 0 <= c <= 1 (asserted).
[[nodiscard]] Expectations blend(const Expectations& running, const Expectations& batch, double c);

/// One term of an affine combination.
struct AffineTerm {
  double coefficient;
  const Expectations* eta;
};

/// sum of coefficient * eta in the uncentred fields, about the first term's origin; the weight is that of all terms whose
/// coefficient is not 0. The coefficients may sum to any
/// number; unless they sum to one the result need not be feasible.
[[nodiscard]] Expectations affine_combine(std::span<const AffineTerm> terms);

}  // namespace varimix
