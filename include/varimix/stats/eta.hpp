#pragma once

#include <optional>
#include <span>

#include "varimix/core/types.hpp"
#include "varimix/stats/eta_layout.hpp"

namespace varimix {

/// The expectation parameters eta of a model: means over rows, all that a fit keeps of its data. One vector whose layout names
/// its fields. X is held about an origin (X - origin), because raw second moments lose everything when the origin is far away.
/// A value: mergeable, copyable, comparable.
struct Eta {
  /// Zeros about `origin`. Throws std::invalid_argument for an origin of another dimension than the layout's.
  Eta(EtaLayout of, Vector about);
  /// Of a mean-variance mixture, from uncentred values; origin 0. Throws std::invalid_argument for shapes that disagree or a
  /// matrix that is not symmetric.
  [[nodiscard]] static Eta from_raw(double E_inv_Y, double E_Y, std::optional<double> E_log_Y, const Vector& E_X,
                                    const Vector& E_X_inv_Y, const Matrix& E_XXT_inv_Y);

  [[nodiscard]] Index d() const noexcept { return layout.d(); }
  /// Field k of the layout: a number or logarithm, a vector (d), a symmetric matrix (d, d).
  [[nodiscard]] double number(Index k) const { return values(layout.begin(k)); }
  [[nodiscard]] Eigen::VectorBlock<const Vector> vector(Index k) const { return values.segment(layout.begin(k), d()); }
  [[nodiscard]] Matrix symmetric(Index k) const;

  /// Uncentred statistics of a mean-variance mixture. They throw std::invalid_argument for another layout.
  [[nodiscard]] double E_inv_Y() const;
  [[nodiscard]] double E_Y() const;
  [[nodiscard]] std::optional<double> E_log_Y()
      const;  ///< absent where a family does not use it and it was not computed
  [[nodiscard]] Vector E_X() const;
  [[nodiscard]] Vector E_X_inv_Y() const;
  [[nodiscard]] Matrix E_XXT_inv_Y() const;

  /// True if every statistic is a finite number.
  [[nodiscard]] bool is_finite() const { return values.allFinite(); }
  /// Name of the first field that is not finite ("E[1/Y]", ...), or "" if all are.
  [[nodiscard]] std::string first_not_finite() const;
  bool operator==(const Eta& other) const;

  EtaLayout layout;
  Vector origin;  ///< (d)
  Vector values;  ///< (layout.size())
  /// Total weight of the rows behind the means; 0 for those of a model. Of what a fit remembers: of all rows that it has
  /// learned, whatever its rule still remembers of them.
  double weight = 0.0;
};

/// The same statistics about another origin: exact algebra, invertible to rounding. Throws std::invalid_argument for
/// an origin of another dimension.
[[nodiscard]] Eta with_origin(const Eta& eta, const Vector& origin);

/// The functions below take statistics of one layout, or of two of which one begins the other: then the result has the fields of
/// both. They throw std::invalid_argument for others.

/// Statistics of the union of two sets of rows, weighted by their weights, about left's origin.
/// Associative and commutative to rounding. Throws std::invalid_argument if a weight is 0.
[[nodiscard]] Eta merge(const Eta& left, const Eta& right);

/// (1 - c) running + c batch about running's origin, without a rounding at c = 0 and c = 1. @pre 0 <= c <= 1 (asserted).
[[nodiscard]] Eta blend(const Eta& running, const Eta& batch, double c);

/// One term of an affine combination.
struct AffineTerm {
  double coefficient;
  const Eta* eta;
};

/// sum of coefficient * eta in the uncentred fields, about the first term's origin; the weight is that of all terms whose
/// coefficient is not 0. The coefficients may sum to any
/// number; unless they sum to one the result need not be feasible.
[[nodiscard]] Eta affine_combine(std::span<const AffineTerm> terms);

/// (1 - share) eta + share target in the uncentred fields, each number by its own share, about eta's origin. What a field is
/// that `share` or `target` lacks it stays.
/// @param share  in [0, 1], of origin 0.
[[nodiscard]] Eta blend_by_field(const Eta& eta, const Eta& target, const Eta& share);

}  // namespace varimix
