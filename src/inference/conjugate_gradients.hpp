#pragma once

#include <functional>

#include "varimix/core/types.hpp"

namespace varimix {

/// The solution of H x = b, or a direction along which H is not positive.
struct Solution {
  Vector x;
  Vector not_positive;  ///< a v with v'H v <= 0; empty if none was met
  bool converged = false;
  int products = 0;
};

/// Solves H x = b for a symmetric positive definite H by preconditioned conjugate gradients, until the residual is
/// 1e-8 of b in the norm of the preconditioner.
[[nodiscard]] Solution conjugate_gradients(const std::function<Vector(const Vector&)>& product,
                                           const std::function<Vector(const Vector&)>& precondition, const Vector& b);

}  // namespace varimix
