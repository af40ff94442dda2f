#pragma once

#include <optional>
#include <span>

#include "varimix/core/types.hpp"
#include "varimix/stats/eta_layout.hpp"

namespace varimix {

/// The expectation parameters eta of a model: means over rows, and all that a fit keeps of its data. They are one
/// vector; its layout names the fields. The statistics are of X - origin, because second moments about 0 lose all
/// digits when the data are far from 0. An Eta is a value: mergeable, copyable, comparable.
struct Eta {
  /// Makes zeros about `origin`. Throws std::invalid_argument for an origin of another dimension than the layout's.
  Eta(EtaLayout of, Vector about);
  /// Does so with these values in place of zeros; throws also for another number of them than the layout's.
  Eta(EtaLayout of, Vector about, Vector numbers, double total_weight);
  /// Makes the eta of a mean-variance mixture from uncentred values, with origin 0. Throws std::invalid_argument for
  /// shapes that disagree or a matrix that is not symmetric.
  [[nodiscard]] static Eta from_raw(double E_inv_Y, double E_Y, std::optional<double> E_log_Y, const Vector& E_X,
                                    const Vector& E_X_inv_Y, const Matrix& E_XXT_inv_Y);

  [[nodiscard]] Index d() const noexcept { return layout.d(); }
  /// Return field k of the layout: a number or logarithm, a vector (d), a symmetric matrix (d, d).
  [[nodiscard]] double number(Index k) const { return values(layout.begin(k)); }
  [[nodiscard]] Eigen::VectorBlock<const Vector> vector(Index k) const { return values.segment(layout.begin(k), d()); }
  [[nodiscard]] Matrix symmetric(Index k) const;

  /// Return the uncentred statistics of a mean-variance mixture. They throw std::invalid_argument for another layout.
  [[nodiscard]] double E_inv_Y() const;
  [[nodiscard]] double E_Y() const;
  /// Returns nothing where a family does not use E[log Y] and it was not computed.
  [[nodiscard]] std::optional<double> E_log_Y() const;
  [[nodiscard]] Vector E_X() const;
  [[nodiscard]] Vector E_X_inv_Y() const;
  [[nodiscard]] Matrix E_XXT_inv_Y() const;

  /// Returns true if every statistic is a finite number.
  [[nodiscard]] bool is_finite() const;
  /// Returns the name of the first field that is not finite ("E[1/Y]", ...), or "" if all are.
  [[nodiscard]] std::string first_not_finite() const;
  bool operator==(const Eta& other) const;

  EtaLayout layout;
  Vector origin;  ///< (d)
  Vector values;  ///< (layout.size())
  /// The total weight of the rows behind the means; 0 for the eta of a model. In a fit's running eta it is the weight
  /// of all rows that the fit has learned, whatever its rule still remembers of them.
  double weight = 0.0;
};

// The functions below take etas of one layout, or of two layouts of which one begins the other. In the second case the
// result has the fields that both have, unless a comment says otherwise. They throw std::invalid_argument for others.

/// Returns the statistics of the union of two sets of rows, weighted by their weights, about left's origin. The
/// operation is associative and commutative to rounding. Throws std::invalid_argument if a weight is 0.
[[nodiscard]] Eta merge(const Eta& left, const Eta& right);

/// Returns (1 - c) running + c batch about running's origin, with the sum of the weights. c = 0 gives `running` itself,
/// and c = 1 gives `batch` about running's origin: each has all its fields and its own weight, and the blend adds no
/// rounding. @pre 0 <= c <= 1 (asserted).
[[nodiscard]] Eta blend(const Eta& running, const Eta& batch, double c);

/// One term of an affine combination.
struct AffineTerm {
  double coefficient;
  const Eta* eta;
};

/// Returns the sum of coefficient * eta in the uncentred fields, about the first term's origin. Its weight is the sum
/// over the terms whose coefficient is not 0. The coefficients may sum to any number; unless they sum to one the result
/// need not be feasible.
[[nodiscard]] Eta affine_combine(std::span<const AffineTerm> terms);

}  // namespace varimix
