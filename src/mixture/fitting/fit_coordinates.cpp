#include "fit_coordinates.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <utility>

#include "mixture/families.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/mixture/law_difference.hpp"

namespace varimix {
namespace {

// Coordinates beyond this give no candidate: e^230 = 1e100.
constexpr double kLargestLogarithm = 230.0;

Index size_of(Index d, bool uses_log_y) { return 2 * d + d * (d + 1) / 2 + (uses_log_y ? 3 : 2); }

}  // namespace

template <Subordinator S>
FitCoordinates<S>::FitCoordinates(const MeanVarianceMixture<S>& initial)
    : mu_(initial.mu()), root_(std::sqrt(y_at_mode_of_log_y(initial.subordinator().gig())) * initial.L_Sigma()) {}

template <Subordinator S>
std::optional<Vector> FitCoordinates<S>::to_vector(const Iterate& iterate) const {
  const Index d = mu_.size();
  const auto solve = root_.triangularView<Eigen::Lower>();
  Vector x(size_of(d, S::kUsesLogY));
  x.head(d) = solve.solve(iterate.model.mu() - mu_);
  x.segment(d, d) = solve.solve(iterate.model.gamma());
  const Matrix factor = solve.solve(iterate.model.L_Sigma());
  Index k = 2 * d;
  for (Index j = 0; j < d; ++j) {
    x(k++) = std::log(factor(j, j));
    for (Index i = j + 1; i < d; ++i) x(k++) = factor(i, j) / factor(j, j);
  }
  x(k++) = std::log(iterate.y);
  if constexpr (S::kUsesLogY) {
    x(k++) = std::log(std::log(iterate.inv_y) + *iterate.log_y);
    x(k++) = std::log(std::log(iterate.y) - *iterate.log_y);
  } else {
    x(k++) = std::log(std::fma(iterate.inv_y, iterate.y, -1.0));
  }
  return x.allFinite() ? std::optional(std::move(x)) : std::nullopt;
}

template <Subordinator S>
auto FitCoordinates<S>::from_vector(const Vector& x, const MixtureFit<S>& fit) const -> std::optional<Iterate> {
  if (!x.allFinite() || x.lpNorm<Eigen::Infinity>() > kLargestLogarithm) return std::nullopt;
  const Index d = mu_.size();
  Matrix factor = Matrix::Zero(d, d);
  Index k = 2 * d;
  for (Index j = 0; j < d; ++j) {
    factor(j, j) = std::exp(x(k++));
    for (Index i = j + 1; i < d; ++i) factor(i, j) = x(k++) * factor(j, j);
  }
  const double y = std::exp(x(k++));
  double inv_y = 0.0;
  std::optional<double> log_y;
  if constexpr (S::kUsesLogY) {
    const double below = std::exp(x(k++));
    log_y = x(2 * d + d * (d + 1) / 2) - std::exp(x(k++));
    inv_y = std::exp(below - *log_y);
  } else {
    inv_y = (1.0 + std::exp(x(k++))) / y;
  }
  const double tail_weight = std::fma(inv_y, y, -1.0);
  if (!(std::isfinite(inv_y) && tail_weight > kGaussianTailWeight)) return std::nullopt;
  const MStepOptions<S>& options = fit.m_step_options();
  const FixedParameters<S>& fixed = options.fixed;
  Vector mu = fixed.mu ? *fixed.mu : Vector(mu_ + root_ * x.head(d));
  Vector gamma = fixed.gamma ? *fixed.gamma : Vector(root_ * x.segment(d, d));
  Matrix L_Sigma = fixed.L_Sigma ? *fixed.L_Sigma : Matrix((root_ * factor).template triangularView<Eigen::Lower>());
  if (!mu.allFinite() || !gamma.allFinite() || !L_Sigma.allFinite() || !(L_Sigma.diagonal().minCoeff() > 0.0)) {
    return std::nullopt;
  }
  return Iterate{
      {std::move(mu), std::move(gamma), std::move(L_Sigma), law_of_y(inv_y, y, log_y, options).law}, inv_y, y, log_y};
}

template <Subordinator S>
auto FitCoordinates<S>::at(MeanVarianceMixture<S> model) -> Iterate {
  const S& y = model.subordinator();
  const double inv_y = y.E_inv_Y();
  const double mean_y = y.E_Y();
  const std::optional<double> log_y = S::kUsesLogY ? std::optional(y.E_log_Y()) : std::nullopt;
  return {std::move(model), inv_y, mean_y, log_y};
}

template <Subordinator S>
auto FitCoordinates<S>::at(MeanVarianceMixture<S> model, const Eta& eta) -> Iterate {
  return {std::move(model), eta.E_inv_Y(), eta.E_Y(), eta.E_log_Y()};
}

#define VARIMIX_INSTANTIATE(S) template class FitCoordinates<S>;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
