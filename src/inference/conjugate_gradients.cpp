#include "conjugate_gradients.hpp"

#include <algorithm>
#include <cmath>

namespace varimix {

Solution conjugate_gradients(const std::function<Vector(const Vector&)>& product,
                             const std::function<Vector(const Vector&)>& precondition, const Vector& b) {
  constexpr double kTolerance = 1e-8;
  constexpr int kMostProducts = 500;
  Solution found{.x = Vector::Zero(b.size()), .not_positive = {}};
  Vector residual = b;
  Vector direction = precondition(residual);
  double square = residual.dot(direction);
  const double enough = kTolerance * kTolerance * square;
  while (square > enough && found.products < kMostProducts) {
    const Vector image = product(direction);
    ++found.products;
    const double curvature = direction.dot(image);
    if (!(curvature > 0.0)) {
      found.not_positive = direction;
      return found;
    }
    found.x += square / curvature * direction;
    residual -= square / curvature * image;
    const Vector preconditioned = precondition(residual);
    const double next = residual.dot(preconditioned);
    direction = preconditioned + next / square * direction;
    square = next;
  }
  found.converged = square <= enough;
  return found;
}

}  // namespace varimix
