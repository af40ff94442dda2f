#include "model_frame.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "mixture/matrix_kernels.hpp"
#include "varimix/stats/mixture_statistics.hpp"

namespace varimix {
namespace {

/// Fills in the coordinates, of which the last diagonal part is `sum_factor` times the sum of A_22, ..., A_dd, and the
/// vectors have A_1. times `off_diagonal`.
BlockCoordinates coordinates_of(const Direction& of, double sum_factor, double off_diagonal) {
  const Index d = of.m.size();
  BlockCoordinates out;
  out.scalars.resize(first_shape(d) + of.shape.size());
  out.scalars.head<3>() << of.m(0), of.g(0), of.a(0, 0);
  out.scalars.tail(of.shape.size()) = of.shape;
  out.vectors.resize(3, d - 1);
  if (d == 1) return out;
  out.vectors.row(0) = of.m.tail(d - 1).transpose();
  out.vectors.row(1) = of.g.tail(d - 1).transpose();
  out.vectors.row(2) = off_diagonal * of.a.row(0).tail(d - 1);
  out.traceless = of.a.bottomRightCorner(d - 1, d - 1);
  const double trace = out.traceless.trace();
  out.traceless.diagonal().array() -= trace / static_cast<double>(d - 1);
  out.scalars(3) = sum_factor * trace;
  return out;
}

Direction from_coordinates(const BlockCoordinates& of, double diagonal, double off_diagonal) {
  const Index d = of.vectors.cols() + 1;
  Direction out{Vector(d), Vector(d), Matrix(d, d), of.scalars.tail(of.scalars.size() - first_shape(d))};
  out.m(0) = of.scalars(0);
  out.g(0) = of.scalars(1);
  out.a(0, 0) = of.scalars(2);
  if (d == 1) return out;
  out.m.tail(d - 1) = of.vectors.row(0).transpose();
  out.g.tail(d - 1) = of.vectors.row(1).transpose();
  out.a.row(0).tail(d - 1) = off_diagonal * of.vectors.row(2);
  out.a.col(0).tail(d - 1) = out.a.row(0).tail(d - 1).transpose();
  out.a.bottomRightCorner(d - 1, d - 1) = of.traceless;
  out.a.diagonal().tail(d - 1).array() += diagonal * of.scalars(3);
  return out;
}

/// Returns the lower Cholesky factor of B B', the transposed QR factor of B'.
Matrix factor_of_product(const Matrix& b) {
  Matrix upper = b.transpose().householderQr().matrixQR().triangularView<Eigen::Upper>();
  for (Index i = 0; i < upper.rows(); ++i) {
    if (upper(i, i) < 0.0) upper.row(i) *= -1.0;
  }
  return upper.transpose();
}

/// Returns the product of two lower triangles; what is above their diagonals is not read.
Matrix product_of_triangles(const Matrix& left, const Matrix& right) {
  const Index d = left.rows();
  Matrix product(d, d);
  for (Index j = 0; j < d; ++j) {
    product.col(j).head(j).setZero();
    product.col(j).tail(d - j) = left.col(j).tail(d - j) * right(j, j);
    for (Index k = j + 1; k < d; ++k) product.col(j).tail(d - k) += left.col(k).tail(d - k) * right(k, j);
  }
  return product;
}

double across(Index d) { return static_cast<double>(std::max<Index>(d - 1, 1)); }

}  // namespace

BlockCoordinates of_direction(const Direction& direction) {
  return coordinates_of(direction, 1.0 / across(direction.m.size()), 1.0);
}
BlockCoordinates of_gradient(const Direction& gradient) { return coordinates_of(gradient, 1.0, 2.0); }
Direction to_direction(const BlockCoordinates& coordinates) { return from_coordinates(coordinates, 1.0, 1.0); }
Direction to_gradient(const BlockCoordinates& coordinates) {
  return from_coordinates(coordinates, 1.0 / across(coordinates.vectors.cols() + 1), 0.5);
}

BlockCoordinates apply(const InformationBlocks& information, const BlockCoordinates& direction) {
  return {information.scalars * direction.scalars, information.vectors * direction.vectors,
          information.traceless * direction.traceless};
}

double product(const BlockCoordinates& gradient, const BlockCoordinates& direction) {
  return gradient.scalars.dot(direction.scalars) + gradient.vectors.cwiseProduct(direction.vectors).sum() +
         gradient.traceless.cwiseProduct(direction.traceless).sum();
}

BlockCoordinates minus(const BlockCoordinates& gradient, const BlockCoordinates& other) {
  return {gradient.scalars - other.scalars, gradient.vectors - other.vectors, gradient.traceless - other.traceless};
}

ModelFrame::ModelFrame(const Matrix& sigma_factor, const Vector& gamma, const Vector& shown) : factor_(sigma_factor) {
  const Index d = gamma.size();
  if (shown.size() > 0) {
    const Vector skew = gamma.cwiseAbs().cwiseQuotient(sigma_factor.rowwise().norm());
    order_.resize(d);
    std::iota(order_.indices().begin(), order_.indices().end(), 0);
    std::stable_sort(order_.indices().begin(), order_.indices().end(), [&](int i, int j) {
      return shown(i) != shown(j) ? shown(i) > shown(j) : skew(i) > skew(j);  // not the order in which columns come
    });
    order_ = order_.inverse().eval();
    factor_ = factor_of_product(order_ * sigma_factor);
  }
  Vector whitened = is_ordered() ? gamma : Vector(order_ * gamma);
  factor_.triangularView<Eigen::Lower>().solveInPlace(whitened);
  skewness_ = whitened.norm();
  if (!(skewness_ > 0.0)) {
    skewness_ = 0.0;
    return;
  }
  if (d == 1) {
    sign_ = whitened(0) > 0.0 ? 1.0 : -1.0;
    return;
  }
  // The mirror takes the vector to the side of the first axis away from it, so that nothing cancels.
  mirror_ = whitened / skewness_;
  const double to = mirror_(0) > 0.0 ? -1.0 : 1.0;
  mirror_(0) -= to;
  mirror_.normalize();
  sign_ = to;
}

Vector ModelFrame::rotate(Vector v) const {
  if (mirror_.size() > 0) v -= 2.0 * mirror_.dot(v) * mirror_;
  v(0) *= sign_;
  return v;
}

Vector ModelFrame::unrotate(Vector v) const {
  v(0) *= sign_;
  if (mirror_.size() > 0) v -= 2.0 * mirror_.dot(v) * mirror_;
  return v;
}

void ModelFrame::mirror_both_sides(Matrix& inout_symmetric) const {
  if (mirror_.size() == 0) return;
  // H M H = M - 2 (h w' + w h'), H = I - 2 h h', w = M h - (h' M h) h
  Vector w = inout_symmetric * mirror_;
  w -= mirror_.dot(w) * mirror_;
  for (Index j = 0; j < w.size(); ++j) inout_symmetric.col(j) -= 2.0 * (w(j) * mirror_ + mirror_(j) * w);
}

Matrix ModelFrame::rotate(Matrix m) const {
  mirror_both_sides(m);
  m.row(0) *= sign_;
  m.col(0) *= sign_;
  return m;
}

Matrix ModelFrame::unrotate(Matrix m) const {
  m.row(0) *= sign_;
  m.col(0) *= sign_;
  mirror_both_sides(m);
  return m;
}

Vector ModelFrame::into(Vector v) const {
  if (!is_ordered()) v = order_ * v;
  factor_.triangularView<Eigen::Lower>().solveInPlace(v);
  return rotate(std::move(v));
}

Matrix ModelFrame::into(Matrix symmetric) const {
  if (is_ordered()) return rotate(whitened(factor_, std::move(symmetric)));
  return rotate(whitened(factor_, order_ * symmetric * order_.transpose()));
}

Vector ModelFrame::out_of(Vector v) const {
  Vector moved = factor_.triangularView<Eigen::Lower>() * unrotate(std::move(v));
  if (is_ordered()) return moved;
  return order_.transpose() * moved;
}

Vector ModelFrame::dual_out_of(const Vector& v) const {
  const Vector dual = factor_.triangularView<Eigen::Lower>().transpose().solve(unrotate(v));
  return is_ordered() ? dual : Vector(order_.transpose() * dual);
}

Vector ModelFrame::dual_into(const Vector& v) const {
  const Vector ordered = is_ordered() ? v : Vector(order_ * v);
  return rotate(Vector(factor_.triangularView<Eigen::Lower>().transpose() * ordered));
}

Direction ModelFrame::gradient_from(const ModelFrame& other, const Direction& gradient) const {
  const auto carried = [&](const Vector& v) { return dual_into(other.dual_out_of(v)); };
  Direction out{carried(gradient.m), carried(gradient.g), gradient.a, gradient.shape};
  for (const int side : {0, 1}) {
    for (Index j = 0; j < out.a.cols(); ++j) out.a.col(j) = carried(out.a.col(j));
    if (side == 0) out.a.transposeInPlace();
  }
  out.a = symmetrized(out.a);
  return out;
}

Matrix ModelFrame::moved_factor(Matrix a) const {
  const Matrix in_axes = unrotate(std::move(a));
  Matrix change = in_axes;  // I + A + A^2 / 2, its lower triangle
  change.diagonal().array() += 1.0;
  add_square(in_axes, 0.5, change);
  const Eigen::LLT<Eigen::Ref<Matrix>> llt(change);  // in place
  Matrix moved = product_of_triangles(factor_, change);
  if (is_ordered()) return moved;
  return factor_of_product(order_.transpose() * moved);
}

void ModelFrame::scale_columns(const Vector& r, double shape_factor, Direction& inout) const {
  const Vector factor = is_ordered() ? r : Vector(order_ * r);
  inout.m = rotate(Vector(factor.cwiseProduct(unrotate(std::move(inout.m)))));
  inout.g = rotate(Vector(factor.cwiseProduct(unrotate(std::move(inout.g)))));
  Matrix a = unrotate(std::move(inout.a));
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) a(i, j) *= i == j ? factor(i) : factor(i) * factor(j);
  }
  inout.a = rotate(std::move(a));
  inout.shape *= shape_factor;
}

}  // namespace varimix
