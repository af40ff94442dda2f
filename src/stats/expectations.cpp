#include "varimix/stats/expectations.hpp"

#include <Eigen/Dense>
#include <cassert>
#include <cmath>
#include <string>
#include <utility>

#include "varimix/core/require.hpp"

namespace varimix {
namespace {

// Two entries of a symmetric matrix may differ by this fraction of its largest one: the rounding of a few sums.
constexpr double kSymmetryTolerance = 1e-10;

std::optional<double> combine_log_y(double a, const std::optional<double>& x, double b,
                                    const std::optional<double>& y) {
  if (!x || !y) return std::nullopt;
  return a * *x + b * *y;
}

void require_same_dimension(const Expectations& left, const Expectations& right) {
  require(left.d() == right.d(), "eta", "of dimension " + std::to_string(left.d()), right.d());
}

}  // namespace

Expectations Expectations::from_raw(double E_inv_Y, double E_Y, std::optional<double> E_log_Y, Vector E_X,
                                    Vector E_X_inv_Y, const Matrix& E_XXT_inv_Y) {
  const Index d = E_X.size();
  require(d > 0, "E_X", "of dimension 1 or more", d);
  require(E_X_inv_Y.size() == d, "E_X_inv_Y", "of dimension " + std::to_string(d), E_X_inv_Y.size());
  require(E_XXT_inv_Y.rows() == d && E_XXT_inv_Y.cols() == d, "E_XXT_inv_Y",
          "a d x d matrix with d = " + std::to_string(d),
          std::to_string(E_XXT_inv_Y.rows()) + " x " + std::to_string(E_XXT_inv_Y.cols()));
  const double asymmetry = (E_XXT_inv_Y - E_XXT_inv_Y.transpose()).cwiseAbs().maxCoeff();
  require(!(asymmetry > kSymmetryTolerance * E_XXT_inv_Y.cwiseAbs().maxCoeff()), "E_XXT_inv_Y", "symmetric",
          "a largest asymmetry of " + std::to_string(asymmetry));
  Expectations eta;
  eta.origin = Vector::Zero(d);
  eta.inv_y = E_inv_Y;
  eta.y = E_Y;
  eta.log_y = E_log_Y;
  eta.x = std::move(E_X);
  eta.x_inv_y = std::move(E_X_inv_Y);
  eta.xx_inv_y = symmetrized(E_XXT_inv_Y);
  return eta;
}

Matrix Expectations::E_XXT_inv_Y() const {
  return symmetrized(xx_inv_y + x_inv_y * origin.transpose() + origin * x_inv_y.transpose() +
                     inv_y * origin * origin.transpose());
}

const char* Expectations::first_not_finite() const {
  if (!std::isfinite(inv_y)) return "E[1/Y]";
  if (!std::isfinite(y)) return "E[Y]";
  if (log_y && !std::isfinite(*log_y)) return "E[log Y]";
  if (!x.allFinite()) return "E[X]";
  if (!x_inv_y.allFinite()) return "E[X/Y]";
  if (!xx_inv_y.allFinite()) return "E[XX'/Y]";
  return "";
}

bool Expectations::is_finite() const { return *first_not_finite() == '\0'; }

bool Expectations::operator==(const Expectations& other) const {
  return d() == other.d() && weight == other.weight && inv_y == other.inv_y && y == other.y && log_y == other.log_y &&
         origin == other.origin && x == other.x && x_inv_y == other.x_inv_y && xx_inv_y == other.xx_inv_y;
}

Matrix symmetrized(const Matrix& m) { return m.selfadjointView<Eigen::Lower>(); }

Expectations with_origin(const Expectations& eta, const Vector& origin) {
  require(origin.size() == eta.d(), "origin", "of dimension " + std::to_string(eta.d()), origin.size());
  const Vector shift = eta.origin - origin;
  Expectations out = eta;
  out.origin = origin;
  out.x = eta.x + shift;
  out.x_inv_y = eta.x_inv_y + eta.inv_y * shift;
  const Matrix cross = eta.x_inv_y * shift.transpose();
  out.xx_inv_y = symmetrized(eta.xx_inv_y + cross + cross.transpose() + eta.inv_y * shift * shift.transpose());
  return out;
}

Expectations merge(const Expectations& left, const Expectations& right) {
  require_same_dimension(left, right);
  require(left.weight > 0.0, "weight", "> 0 on either side of a merge", left.weight);
  require(right.weight > 0.0, "weight", "> 0 on either side of a merge", right.weight);
  const double weight = left.weight + right.weight;
  Expectations out = blend(left, right, right.weight / weight);
  out.weight = weight;
  return out;
}

Expectations blend(const Expectations& running, const Expectations& batch, double c) {
  assert(c >= 0.0 && c <= 1.0);
  require_same_dimension(running, batch);
  if (c == 0.0) return running;
  const bool same_origin = running.origin == batch.origin;
  const Expectations& about_same = same_origin ? batch : with_origin(batch, running.origin);
  if (c == 1.0) return about_same;
  const double b = 1.0 - c;
  Expectations out = running;
  out.weight = running.weight + batch.weight;
  out.inv_y = b * running.inv_y + c * about_same.inv_y;
  out.y = b * running.y + c * about_same.y;
  out.log_y = combine_log_y(b, running.log_y, c, about_same.log_y);
  out.x = b * running.x + c * about_same.x;
  out.x_inv_y = b * running.x_inv_y + c * about_same.x_inv_y;
  out.xx_inv_y = b * running.xx_inv_y + c * about_same.xx_inv_y;
  return out;
}

Expectations affine_combine(std::span<const AffineTerm> terms) {
  assert(!terms.empty());
  const Vector& origin = terms.front().eta->origin;
  const Index d = terms.front().eta->d();
  Expectations out;
  out.origin = origin;
  out.log_y = 0.0;
  out.x = Vector::Zero(d);
  out.x_inv_y = Vector::Zero(d);
  out.xx_inv_y = Matrix::Zero(d, d);
  double total = 0.0;
  for (const auto& [coefficient, eta] : terms) {
    require_same_dimension(*terms.front().eta, *eta);
    const Expectations centred = with_origin(*eta, origin);
    total += coefficient;
    if (coefficient != 0.0) out.weight += eta->weight;
    out.inv_y += coefficient * centred.inv_y;
    out.y += coefficient * centred.y;
    out.log_y = combine_log_y(1.0, out.log_y, coefficient, centred.log_y);
    out.x += coefficient * centred.x;
    out.x_inv_y += coefficient * centred.x_inv_y;
    out.xx_inv_y += coefficient * centred.xx_inv_y;
  }
  // E[X - origin] of the uncentred combination: the constant 1 in eta is not multiplied by the coefficients.
  if (total != 1.0) out.x += (total - 1.0) * origin;
  return out;
}

}  // namespace varimix
