#pragma once

#include "inequalities.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// A smooth convex function of x (n), which remembers the last point at which it was evaluated.
class ConvexObjective {
 public:
  ConvexObjective() = default;
  ConvexObjective(const ConvexObjective&) = delete;
  ConvexObjective& operator=(const ConvexObjective&) = delete;
  virtual ~ConvexObjective() = default;

  /// Sets value, gradient and size. Returns false where there is no gradient.
  virtual bool evaluate(const Vector& x) = 0;
  /// Adds its second derivatives at the last x to the lower triangle of out_matrix.
  virtual void add_hessian(Matrix& out_matrix) const = 0;
  /// Returns whether it falls for ever along a direction.
  [[nodiscard]] virtual bool falls_for_ever(const Vector& direction) const = 0;
  /// Returns whether the search may end at x, the bound of its distance to the optimum being `gap`.
  [[nodiscard]] virtual bool is_enough(const Vector& x, double gap) const;

  [[nodiscard]] double value() const noexcept { return value_; }
  [[nodiscard]] const Vector& gradient() const noexcept { return gradient_; }
  /// Returns the scale of the value's rounding, > 0.
  [[nodiscard]] double size() const noexcept { return size_; }

 protected:
  double value_ = 0.0;
  Vector gradient_;
  double size_ = 1.0;
};

/// How a search ended.
enum class InteriorEnding { kConverged, kUnbounded, kStopped };

/// A point with multipliers: gradient + A'y + (gradients of the inequalities)'z = 0 where it is optimal.
struct InteriorPoint {
  Vector x;
  Vector y;
  Vector z;
  Index iterations;
  InteriorEnding ending;
};

/// Minimises a convex function over A x = c and inequalities from a point at which all of these hold, the inequalities
/// strictly, and the function has a gradient. Primal-dual interior point with an affine and a centred step and one
/// factorisation an iteration (Nocedal and Wright 2006, section 19.3 with Mehrotra's sigma); without inequalities it is Newton's
/// method.
/// The inequalities hold at the point that is returned up to the rounding of their terms. The objective is left there.
[[nodiscard]] InteriorPoint minimize(ConvexObjective& objective, const Matrix& A, const Vector& c,
                                     const Inequalities& inequalities, Vector x);

}  // namespace varimix
