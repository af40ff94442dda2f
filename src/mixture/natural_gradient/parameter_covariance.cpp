#include "parameter_covariance.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>

#include "free_directions.hpp"
#include "mixture/families.hpp"
#include "row_information.hpp"
#include "shape_gauge.hpp"
#include "shown_columns.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// A number of the shape as users know it, and its derivative in psi.
struct NamedShape {
  const char* name;
  double value, slope;
};

template <Subordinator S>
NamedShape named_shape(const ShapeVector<S>& psi, Index k) {
  if constexpr (std::same_as<S, GeneralizedInverseGaussian>) {
    return {k == 0 ? "p" : "log_omega", psi(k), 1.0};
  } else {
    const double u = std::exp(psi(0)) - kShapeShift;
    const double slope = (u + kShapeShift) / u;  // d log u / d psi
    if constexpr (std::same_as<S, InverseGaussian>) return {"log_tail_weight", std::log(u), slope};
    return {"log_alpha", -std::log(u), -slope};
  }
}

/// The gradients, in a frame, of the parameters that are listed.
struct Gradients {
  std::vector<Direction> of;
  std::vector<std::string> names;
  std::vector<double> values;
};

template <Subordinator S>
Gradients gradients_of_parameters(const InShapeGauge<S>& model, const ModelFrame& frame) {
  const Index d = model.mu.size();
  const Direction none{Vector::Zero(d), Vector::Zero(d), Matrix::Zero(d, d), ScalarVector::Zero(kShapeCount<S>)};
  Gradients all;
  const auto add = [&](std::string name, double value, Direction gradient) {
    all.names.push_back(std::move(name));
    all.values.push_back(value);
    all.of.push_back(std::move(gradient));
  };
  const auto numbered = [](const char* name, Index i) { return std::string(name) + "_" + std::to_string(i + 1); };
  for (const bool is_mu : {true, false}) {
    for (Index i = 0; i < d; ++i) {
      Direction gradient = none;
      (is_mu ? gradient.m : gradient.g) = frame.dual_into(Vector(Vector::Unit(d, i)));
      add(numbered(is_mu ? "mu" : "gamma", i), is_mu ? model.mu(i) : model.gamma(i), std::move(gradient));
    }
  }
  const Matrix sigma = model.sigma_factor * model.sigma_factor.transpose();
  for (Index i = 0; i < d; ++i) {
    const Vector at_i = frame.dual_into(Vector(Vector::Unit(d, i)));
    for (Index j = 0; j <= i; ++j) {
      const Vector at_j = frame.dual_into(Vector(Vector::Unit(d, j)));
      Direction gradient = none;
      gradient.a = 0.5 * (at_i * at_j.transpose() + at_j * at_i.transpose());
      add(numbered(numbered("sigma", i).c_str(), j), sigma(i, j), std::move(gradient));
    }
  }
  for (Index k = 0; k < kShapeCount<S>; ++k) {
    const NamedShape shape = named_shape<S>(model.psi, k);
    Direction gradient = none;
    gradient.shape(k) = shape.slope;
    add(shape.name, shape.value, std::move(gradient));
  }
  return all;
}

/// Returns the largest coordinate of a direction.
double of_size(const BlockCoordinates& direction) {
  const auto largest = [](const auto& part) { return part.size() > 0 ? part.cwiseAbs().maxCoeff() : 0.0; };
  return std::max({largest(direction.scalars), largest(direction.vectors), largest(direction.traceless)});
}

}  // namespace

template <Subordinator S>
ParameterCovariance parameter_covariance(const MeanVarianceMixture<S>& model, double rows, const Vector& shown,
                                         const MStepOptions<S>& options) {
  const Index d = model.d();
  const InShapeGauge<S> here(model, options.alpha_min);
  const ModelFrame frame(here.sigma_factor, here.gamma, shown);
  const InformationBlocks fisher = row_information<S>(here.psi, frame.skewness(), d).fisher;
  const FreeDirections free = free_directions(options.fixed, model.subordinator(), frame.skewness(), d);
  const ShownColumns columns(shown, !free.has_scale, frame);
  Gradients gradients = gradients_of_parameters(here, frame);

  const auto count = static_cast<Index>(gradients.of.size());
  ParameterCovariance result{gradients.names, Vector::Map(gradients.values.data(), count), Matrix(count, count)};
  std::vector<BlockCoordinates> along;
  for (Direction& gradient : gradients.of) {
    columns.divide(gradient);
    along.push_back(of_gradient(gradient));
  }
  constexpr double kLeast = std::numeric_limits<double>::min();
  for (Index i = 0; i < count; ++i) {
    double log_e = 0.0;
    const std::optional<BlockCoordinates> moved = free.solve(fisher, along[static_cast<std::size_t>(i)], 0.0, log_e);
    require(moved.has_value(), "the information of the model", "positive definite", "one that is not");
    for (Index j = 0; j <= i; ++j) {
      result.cov(i, j) = result.cov(j, i) = product(along[static_cast<std::size_t>(j)], *moved) / rows;
    }
    const bool is_held = of_size(*moved) == 0.0;
    require(result.cov.row(i).head(i + 1).allFinite() && (is_held || result.cov(i, i) >= kLeast),
            "the variance of " + gradients.names[static_cast<std::size_t>(i)], "a normal double (rescale the columns)",
            result.cov(i, i));
  }
  return result;
}

#define VARIMIX_INSTANTIATE(S)                                                                            \
  template ParameterCovariance parameter_covariance(const MeanVarianceMixture<S>&, double, const Vector&, \
                                                    const MStepOptions<S>&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
