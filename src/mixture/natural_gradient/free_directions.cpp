#include "free_directions.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <vector>

#include "mixture/families.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix {
namespace {

using ShapeTangent = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 3, 1>;  // psi, then log e

/// Returns how psi and log e move with the logarithm (p itself for a GIG) of each parameter of a law.
std::vector<ShapeTangent> tangents(const InverseGaussian& /*law*/, double shape_slope) {
  return {Eigen::Vector2d(shape_slope, 1.0), Eigen::Vector2d(-shape_slope, 0.0)};
}
std::vector<ShapeTangent> tangents(const Gamma& /*law*/, double shape_slope) {
  return {Eigen::Vector2d(-shape_slope, 1.0), Eigen::Vector2d(0.0, -1.0)};
}
std::vector<ShapeTangent> tangents(const InverseGamma& /*law*/, double shape_slope) {
  return {Eigen::Vector2d(-shape_slope, -1.0), Eigen::Vector2d(0.0, 1.0)};
}
std::vector<ShapeTangent> tangents(const GeneralizedInverseGaussian& law, double /*shape_slope*/) {
  const ShapeVector<GeneralizedInverseGaussian> psi = ShapeCoordinates<GeneralizedInverseGaussian>::shape(law, 0.0);
  const double z = std::exp(psi(1));
  const auto [value, in] = bessel_k_second_order(psi(0), z);
  const double ratio_p = in.dratio_plus_dnu / value.ratio_plus;
  const double ratio_z = z * in.dratio_plus_dz / value.ratio_plus;
  return {Eigen::Vector3d(1.0, 0.0, ratio_p), Eigen::Vector3d(0.0, 0.5, 0.5 * (ratio_z - 1.0)),
          Eigen::Vector3d(0.0, 0.5, 0.5 * (ratio_z + 1.0))};
}

/// Returns d psi / d log u = u / (u + 0.1) of a law of one shape.
template <Subordinator S>
double shape_slope(const S& law) {
  if constexpr (kShapeCount<S> == 1) {
    return 1.0 - kShapeShift * std::exp(-ShapeCoordinates<S>::shape(law, 0.0)(0));
  } else {
    return 0.0;
  }
}

template <class Columns, class Column>
Columns with_column(const Columns& columns, const Column& column) {
  Columns wider(column.size(), columns.cols() + 1);
  wider << columns, column;
  return wider;
}

/// Adds `direction` to the columns if it is independent of them.
template <class Columns, class Column>
void add_independent(const Column& direction, Columns& columns) {
  constexpr double kDependent = 1e-9;
  const Columns wider = with_column(columns, direction);
  Eigen::ColPivHouseholderQR<Columns> qr(wider);
  qr.setThreshold(kDependent);
  if (qr.rank() == wider.cols()) columns = wider;
}

}  // namespace

template <Subordinator S>
FreeDirections free_directions(const FixedParameters<S>& fixed, const S& law, double g, Index d) {
  FreeDirections free;
  const Index shape = first_shape(d);
  const Index size = shape + kShapeCount<S> + 1;
  free.has_scale = fixed.tie_scale();
  free.vectors = {!fixed.mu, !fixed.gamma, !fixed.L_Sigma};
  free.traceless = !fixed.L_Sigma;
  using Column = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, kMostScalars + 1, 1>;
  if (fixed.empty()) {
    free.scalars.setIdentity(size, size - 1);
    free.all_scalars = true;
    return free;
  }
  free.scalars.resize(size, 0);
  const auto unit = [&](Index k) { free.scalars = with_column(free.scalars, Column(Column::Unit(size, k))); };
  if (!fixed.mu) unit(0);
  if (!fixed.gamma) unit(1);
  if (!fixed.L_Sigma) {
    for (Index k = 2; k < shape; ++k) unit(k);
  }
  const auto& shape_values = fixed.shape.values;
  if (!free.has_scale &&
      std::none_of(shape_values.begin(), shape_values.end(), [](const auto& v) { return v.has_value(); })) {
    for (Index k = 0; k < kShapeCount<S>; ++k) unit(shape + k);
    return free;
  }
  Column scale = Column::Zero(size);  // what log e moves
  if (free.has_scale) {
    if (fixed.gamma) scale(1) = g;
    if (fixed.L_Sigma) scale.segment(2, shape - 2).setOnes();
    scale(size - 1) = 1.0;
  }
  const std::vector<ShapeTangent> by_parameter = tangents(law, shape_slope(law));
  for (std::size_t k = 0; k < by_parameter.size(); ++k) {
    if (fixed.shape.values[k]) continue;
    Column column = by_parameter[k](kShapeCount<S>) * scale;
    column.segment(shape, kShapeCount<S>) = by_parameter[k].head(kShapeCount<S>);
    add_independent(column, free.scalars);
  }
  return free;
}

void FreeDirections::hold_shape(Index k, Index shapes) {
  const Index row = scalars.rows() - 1 - shapes + k;
  all_scalars = false;
  auto kept = scalars;
  Index columns = 0;
  for (Index j = 0; j < scalars.cols(); ++j) {
    if (scalars(row, j) == 0.0) kept.col(columns++) = scalars.col(j);
  }
  scalars = kept.leftCols(columns).eval();
}

std::optional<BlockCoordinates> FreeDirections::solve(const InformationBlocks& information,
                                                      const BlockCoordinates& gradient, double gradient_of_log_e,
                                                      double& out_log_e) const {
  BlockCoordinates out;
  const Index size = gradient.scalars.size();
  out_log_e = 0.0;
  out.scalars = ScalarVector::Zero(size);
  if (scalars.cols() > 0) {
    const auto basis = scalars.topRows(size);
    const ScalarMatrix reduced =
        all_scalars ? information.scalars : ScalarMatrix(basis.transpose() * information.scalars * basis);
    const Eigen::LLT<ScalarMatrix> llt(reduced);
    if (llt.info() != Eigen::Success) return std::nullopt;
    if (all_scalars) {
      out.scalars = llt.solve(gradient.scalars);
    } else {
      const ScalarVector x = llt.solve(
          ScalarVector(basis.transpose() * gradient.scalars + gradient_of_log_e * scalars.row(size).transpose()));
      out.scalars = basis * x;
      out_log_e = scalars.row(size).dot(x);
    }
  }
  const Index across = gradient.vectors.cols();
  out.vectors = gradient.vectors;
  if (traceless && information.traceless > 0.0) {
    out.traceless = gradient.traceless / information.traceless;
  } else {
    out.traceless.setZero(gradient.traceless.rows(), gradient.traceless.cols());
  }
  if (across == 0) return out;
  // A vector that may not move has the row and column of 1.
  Eigen::Matrix3d reduced = information.vectors;
  for (Index k = 0; k < 3; ++k) {
    if (vectors[static_cast<std::size_t>(k)]) continue;
    reduced.row(k).setZero();
    reduced.col(k).setZero();
    reduced(k, k) = 1.0;
    out.vectors.row(k).setZero();
  }
  const Eigen::LLT<Eigen::Matrix3d> llt(reduced);
  if (llt.info() != Eigen::Success) return std::nullopt;
  llt.solveInPlace(out.vectors);
  return out;
}

#define VARIMIX_INSTANTIATE(S) \
  template FreeDirections free_directions(const FixedParameters<S>&, const S&, double, Index);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
