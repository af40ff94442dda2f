#pragma once

#include <vector>

#include "varimix/core/types.hpp"

namespace varimix {

/// Inequalities of x (n): first rows G x <= h, then bounds of single columns from below and from above. With a shift, one
/// more unknown t follows x, and every inequality is to hold with slack t: G x + t <= h.
class Inequalities {
 public:
  /// Infinite bounds are none.
  Inequalities(Matrix G, Vector h, Vector lower, Vector upper, bool shifted = false);

  [[nodiscard]] Index size() const noexcept { return h_.size() + static_cast<Index>(below_.size() + above_.size()); }
  /// Returns the number of unknowns, t included.
  [[nodiscard]] Index unknowns() const noexcept { return lower_.size() + (shifted_ ? 1 : 0); }
  [[nodiscard]] const Matrix& G() const noexcept { return G_; }
  [[nodiscard]] const Vector& h() const noexcept { return h_; }
  [[nodiscard]] const Vector& lower() const noexcept { return lower_; }
  [[nodiscard]] const Vector& upper() const noexcept { return upper_; }
  /// Return the columns that have a bound, in the order of their inequalities.
  [[nodiscard]] const std::vector<Index>& below() const noexcept { return below_; }
  [[nodiscard]] const std::vector<Index>& above() const noexcept { return above_; }
  /// Returns the same ones with a shift.
  [[nodiscard]] Inequalities with_shift() const { return {G_, h_, lower_, upper_, true}; }

  /// Returns what is left of each inequality: >= 0 where it holds.
  [[nodiscard]] Vector slack(const Vector& x) const;
  /// Returns the rate at which their left sides grow along a direction.
  [[nodiscard]] Vector times(const Vector& direction) const;
  /// Returns the sum of their left sides' gradients, weighted.
  [[nodiscard]] Vector transposed_times(const Vector& weights) const;
  /// Adds the sum of the squares of the gradients, weighted, to the lower triangle of out_matrix.
  void add_squares(const Vector& weights, Matrix& out_matrix) const;

 private:
  Matrix G_;
  Vector h_;
  Vector lower_;
  Vector upper_;
  std::vector<Index> below_;
  std::vector<Index> above_;
  bool shifted_;
};

}  // namespace varimix
