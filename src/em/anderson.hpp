#pragma once

#include <deque>
#include <optional>

#include "varimix/core/types.hpp"

namespace varimix {

/// Anderson's acceleration of a fixed-point iteration x -> g(x) (Anderson 1965, J. ACM 12:547, in the form of Walker
/// and Ni 2011, SIAM J. Numer. Anal. 49:1715, eq. 2.3). Let r = g - x be the residuals of the last points, k the last
/// of them, and dR and dG the matrices whose columns are the differences of neighbouring r and g. With
/// gamma = argmin |r_k - dR gamma| the next point is g_k - dG gamma.
class Anderson {
 public:
  explicit Anderson(std::size_t memory) : memory_(memory) {}
  void remember(const Vector& x, Vector g);
  void forget() { points_.clear(); }
  /// Returns the next point; nothing before two points are remembered.
  [[nodiscard]] std::optional<Vector> next() const;

 private:
  struct Point {
    Vector g;
    Vector residual;
  };
  std::size_t memory_;  // differences kept
  std::deque<Point> points_;
};

}  // namespace varimix
