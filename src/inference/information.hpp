#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "local_step.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/weights.hpp"
#include "varimix/inference/inferable.hpp"

namespace varimix {

/// What rows tell about a model in its local coordinates: the derivatives of their log-likelihood there, all by E-steps
/// and densities at models nearby. @pre The rows are checked, and outlive this.
template <Inferable M>
class Information {
 public:
  using Fit = typename M::Fit;
  using Coordinates = decltype(std::declval<const Fit&>().local_coordinates(std::declval<const M&>()));

  Information(const Fit& fit, const M& model, const RowView& x, std::span<const double> weights)
      : fit_(fit), x_(x), weights_(weights), coordinates_(fit.local_coordinates(model)) {
    const EStepResult rows = fit_.e_step(coordinates_.centre(), x_, weights_);
    rows_ = rows.eta.weight;
    inv_y_ = rows.eta.E_inv_Y();
    y_ = rows.eta.E_Y();
  }

  [[nodiscard]] const Coordinates& coordinates() const noexcept { return coordinates_; }
  /// Returns the total weight of the rows.
  [[nodiscard]] double rows() const noexcept { return rows_; }

  /// Returns the sum of the rows' scores at v.
  [[nodiscard]] Vector score(const Vector& v) const { return weighted_score(v, weights_); }
  /// Returns H v, H = -d^2 log-likelihood: central differences of the score. Cost: two E-steps.
  [[nodiscard]] Vector product(const Vector& v) const {
    const double size = v.cwiseAbs().maxCoeff();
    if (size == 0.0) return Vector::Zero(v.size());
    const Vector step = (kLocalStep / size) * v;
    return (size / (2.0 * kLocalStep)) * (score(-step) - score(step));
  }
  /// Returns v'(score of row i) for `count` rows from row `first` on: central differences of their log densities.
  [[nodiscard]] Vector along(const Vector& v, Index first, Index count) const {
    const double size = v.cwiseAbs().maxCoeff();
    if (size == 0.0) return Vector::Zero(count);
    const Vector step = (kLocalStep / size) * v;
    const RowView rows = x_.slice(first, count);
    return (size / (2.0 * kLocalStep)) *
           (fit_.log_density(coordinates_.moved(step), rows) - fit_.log_density(coordinates_.moved(-step), rows));
  }
  /// Returns G v, G the sum of the products score score' of the rows: their scores weighted by v'score, which an E-step
  /// sums where weights are not negative.
  [[nodiscard]] Vector outer_product(const Vector& v) const {
    const Vector series = along(v, 0, x_.rows());
    const double raise = 1.0 + series.cwiseAbs().maxCoeff();
    std::vector<double> weights(static_cast<std::size_t>(series.size()));
    for (Index i = 0; i < series.size(); ++i) {
      weights[static_cast<std::size_t>(i)] = weight_of(weights_, i) * (series(i) + raise);
    }
    const Vector at = Vector::Zero(v.size());
    return weighted_score(at, weights) - raise * score(at);
  }
  /// Returns an approximation of H^{-1} v.
  [[nodiscard]] Vector precondition(const Vector& v) const { return coordinates_.precondition(v, inv_y_, y_) / rows_; }

 private:
  [[nodiscard]] Vector weighted_score(const Vector& v, std::span<const double> weights) const {
    const M there = coordinates_.moved(v);
    const Eta eta = fit_.e_step(there, x_, weights).eta;
    return eta.weight * coordinates_.score(v, there, eta);
  }

  const Fit& fit_;
  const RowView& x_;
  std::span<const double> weights_;
  Coordinates coordinates_;
  double rows_, inv_y_, y_;
};

}  // namespace varimix
