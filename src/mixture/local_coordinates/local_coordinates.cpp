#include "varimix/mixture/local_coordinates.hpp"

#include <Eigen/Dense>
#include <cmath>

#include "mixture/families.hpp"
#include "shape_moves.hpp"
#include "varimix/stats/mixture_statistics.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix {
namespace {

template <Subordinator S>
inline constexpr auto kShapes = static_cast<Index>(ShapeMoves<S>::kNames.size());

/// Returns the directions of (shape, log scale) in which no fixed parameter of Y moves, as columns. Where nothing tells
/// the scale, those of the shape alone.
template <Subordinator S>
Matrix free_shapes(const HeldParameters<S>& fixed, bool tells_scale) {
  constexpr Index kSize = kShapes<S> + 1;
  Matrix held(0, kSize);
  for (std::size_t k = 0; k < fixed.values.size(); ++k) {
    if (!fixed.values[k]) continue;
    held.conservativeResize(held.rows() + 1, kSize);
    held.bottomRows(1) = Eigen::Map<const Eigen::RowVectorXd>(ShapeMoves<S>::kPowers[k].data(), kSize);
  }
  Matrix free = Matrix::Identity(kSize, kSize);
  if (held.rows() > 0) {
    const Eigen::FullPivLU<Matrix> lu(held);
    free = lu.dimensionOfKernel() > 0 ? Matrix(lu.kernel()) : Matrix(kSize, 0);
  }
  if (tells_scale || free.cols() == 0) return free;
  free.row(kShapes<S>).setZero();
  const Eigen::FullPivLU<Matrix> lu(free);
  return lu.rank() > 0 ? Matrix(lu.image(free)) : Matrix(kSize, 0);
}

template <Subordinator S>
MeanVarianceMixture<S> in_gauge(const MeanVarianceMixture<S>& model, double scale) {
  const MeanVarianceMixture<S> rescaled = model.rescale_y(1.0 / scale);
  return {rescaled.mu(), rescaled.gamma(), rescaled.L_Sigma(),
          ShapeMoves<S>::moved(rescaled.subordinator(), Vector::Zero(kShapes<S>))};
}

Matrix lower_triangle(const Matrix& m) { return m.triangularView<Eigen::Lower>(); }

}  // namespace

template <Subordinator S>
LocalCoordinates<S>::LocalCoordinates(const Model& model, const FixedParameters<S>& fixed)
    : scale_(ShapeMoves<S>::scale(model.subordinator())),
      centre_(in_gauge(model, scale_).with_columns(model.columns())),
      whitened_gamma_(centre_.L_Sigma().template triangularView<Eigen::Lower>().solve(centre_.gamma())),
      moves_mu_(!fixed.mu),
      moves_gamma_(!fixed.gamma),
      moves_factor_(!fixed.L_Sigma),
      ties_gamma_(fixed.gamma && !fixed.gamma->isZero(0.0)),
      ties_factor_(fixed.L_Sigma.has_value()),
      shape_basis_(free_shapes<S>(fixed.shape, fixed.tie_scale())) {
  const Index d = model.d();
  first_g_ = moves_mu_ ? d : 0;
  first_factor_ = first_g_ + (moves_gamma_ ? d : 0);
  first_shape_ = first_factor_ + (moves_factor_ ? d * (d + 1) / 2 : 0);
  size_ = first_shape_ + shape_basis_.cols();
}

template <Subordinator S>
auto LocalCoordinates<S>::expand(const Vector& v) const -> Displacement {
  const Index d = centre_.d();
  Displacement to{Vector::Zero(d), Vector::Zero(d), Matrix::Zero(d, d), Vector(), 0.0};
  if (moves_mu_) to.m = v.head(d);
  if (moves_gamma_) to.g = v.segment(first_g_, d);
  if (moves_factor_) {
    Index k = first_factor_;
    for (Index j = 0; j < d; k += d - j, ++j) to.lower.col(j).tail(d - j) = v.segment(k, d - j);
  }
  const Vector shape = shape_basis_ * v.tail(shape_basis_.cols());
  to.shape = shape.head(kShapes<S>);
  to.log_scale = shape(kShapes<S>);
  return to;
}

template <Subordinator S>
Vector LocalCoordinates<S>::pack(const LocalGradient& gradient, double in_log_scale) const {
  const Index d = centre_.d();
  Vector v(size_);
  if (moves_mu_) v.head(d) = gradient.m;
  if (moves_gamma_) v.segment(first_g_, d) = gradient.g;
  if (moves_factor_) {
    Index k = first_factor_;
    for (Index j = 0; j < d; k += d - j, ++j) v.segment(k, d - j) = gradient.lower.col(j).tail(d - j);
  }
  Vector shape(kShapes<S> + 1);
  shape << gradient.shape, in_log_scale;
  v.tail(shape_basis_.cols()) = shape_basis_.transpose() * shape;
  return v;
}

template <Subordinator S>
double LocalCoordinates<S>::in_log_scale(const LocalGradient& gradient, const Vector& whitened_gamma) const {
  return (ties_gamma_ ? gradient.g.dot(whitened_gamma) : 0.0) + (ties_factor_ ? 0.5 * gradient.lower.trace() : 0.0);
}

template <Subordinator S>
Vector LocalCoordinates<S>::reduce(const LocalGradient& gradient) const {
  return pack(gradient, in_log_scale(gradient, whitened_gamma_));
}

template <Subordinator S>
auto LocalCoordinates<S>::moved(const Vector& v) const -> Model {
  const Displacement by = expand(v);
  const auto factor = centre_.L_Sigma().template triangularView<Eigen::Lower>();
  Vector gamma = centre_.gamma() + factor * by.g;
  if (ties_gamma_) gamma *= std::exp(by.log_scale);
  Matrix lower = centre_.L_Sigma();
  if (moves_factor_) lower += lower_triangle(factor * by.lower);
  if (ties_factor_) lower *= std::exp(0.5 * by.log_scale);
  return {centre_.mu() + factor * by.m, std::move(gamma), std::move(lower),
          ShapeMoves<S>::moved(centre_.subordinator(), by.shape)};
}

template <Subordinator S>
Vector LocalCoordinates<S>::score(const Vector& v, const Model& there, const Eta& eta) const {
  const Index d = centre_.d();
  const MixtureStatistics rows = mixture_statistics(with_origin(eta, there.mu()));
  const auto factor = there.L_Sigma().template triangularView<Eigen::Lower>();
  const Vector c = factor.solve(there.gamma());
  const Vector r = factor.solve(rows.x);
  const Matrix half = factor.solve(symmetrized(rows.xx_inv_y));
  LocalGradient own;  // in the frame of `there`
  own.m = factor.solve(rows.x_inv_y) - c;
  own.g = r - rows.y * c;
  own.lower = factor.solve(half.transpose()) - r * c.transpose() - c * r.transpose() + rows.y * c * c.transpose() -
              Matrix::Identity(d, d);
  own.lower = lower_triangle(own.lower);
  own.shape = ShapeMoves<S>::score(there.subordinator(), {rows.inv_y, rows.y, rows.log_y.value_or(0.0)});
  const double in_scale = in_log_scale(own, c);
  // dL = L dM = L (I + M) dM', and so for m and g.
  const Displacement by = expand(v);
  const Matrix frame = (ties_factor_ ? std::exp(0.5 * by.log_scale) : 1.0) * Matrix::Identity(d, d) + by.lower;
  const auto back = frame.template triangularView<Eigen::Lower>().transpose();
  return pack({back.solve(own.m), back.solve(own.g), lower_triangle(back.solve(own.lower)), own.shape}, in_scale);
}

template <Subordinator S>
Vector LocalCoordinates<S>::precondition(const Vector& v, double E_inv_Y, double E_Y) const {
  const Index d = centre_.d();
  Vector out = v;
  if (moves_mu_ && moves_gamma_) {  // A = [[E[1/Y], 1], [1, E[Y]]] for each pair (m_j, g_j)
    const double determinant = E_inv_Y * E_Y - 1.0;
    out.head(d) = (E_Y * v.head(d) - v.segment(first_g_, d)) / determinant;
    out.segment(first_g_, d) = (E_inv_Y * v.segment(first_g_, d) - v.head(d)) / determinant;
  } else if (moves_mu_) {
    out.head(d) /= E_inv_Y;
  } else if (moves_gamma_) {
    out.segment(first_g_, d) /= E_Y;
  }
  if (moves_factor_) {
    for (Index j = 0, k = first_factor_; j < d; k += d - j, ++j) out(k) *= 0.5;
  }
  if (shape_basis_.cols() == 0) return out;
  constexpr Index kSize = kShapes<S> + 1;
  Matrix information = Matrix::Zero(kSize, kSize);
  information.topLeftCorner(kShapes<S>, kShapes<S>) = ShapeMoves<S>::information(centre_.subordinator());
  information(kSize - 1, kSize - 1) =
      (ties_gamma_ ? E_Y * whitened_gamma_.squaredNorm() : 0.0) + (ties_factor_ ? 0.5 * static_cast<double>(d) : 0.0);
  const Eigen::LLT<Matrix> llt(shape_basis_.transpose() * information * shape_basis_);
  if (llt.info() == Eigen::Success) out.tail(shape_basis_.cols()) = llt.solve(v.tail(shape_basis_.cols()));
  return out;
}

template <Subordinator S>
std::string LocalCoordinates<S>::name(Index k) const {
  const Index d = centre_.d();
  const auto numbered = [](const char* what, Index i) { return std::string(what) + "_" + std::to_string(i + 1); };
  if (k < first_g_) return numbered("mu", k);
  if (k < first_factor_) return numbered("gamma", k - first_g_);
  if (k < first_shape_) {
    Index column = 0;
    for (Index rest = k - first_factor_; rest >= d - column; ++column) rest -= d - column;
    Index start = first_factor_;
    for (Index j = 0; j < column; ++j) start += d - j;
    return numbered(numbered("L", column + k - start).c_str(), column);
  }
  Index largest = 0;
  (void)shape_basis_.col(k - first_shape_).cwiseAbs().maxCoeff(&largest);
  return largest == kShapes<S> ? "scale" : ShapeMoves<S>::kNames[static_cast<std::size_t>(largest)];
}

template <Subordinator S>
std::span<const char* const> shape_names() noexcept {
  return ShapeMoves<S>::kNames;
}

#define VARIMIX_INSTANTIATE(S)        \
  template class LocalCoordinates<S>; \
  template std::span<const char* const> shape_names<S>() noexcept;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
