#include "varimix/mixture/m_step.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <concepts>
#include <optional>
#include <utility>

#include "core/all_finite.hpp"
#include "families.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/mixture/cholesky.hpp"
#include "varimix/stats/mixture_statistics.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix {
namespace {

// E[Y] within a factor of this of 1, and a tail weight below it, keep the parameters of every law of Y normal doubles.
constexpr double kLargestMoment = 1e140;

// A tail weight s1 s2 - 1 this far below zero is the rounding of a Gaussian limit, not an infeasible eta.
constexpr double kTailWeightRounding = 1e-13;

/// The lower triangle of the M-step's F, 0 above, with its border: the rows of mu and gamma, if they are not fixed, above
/// those of X.
struct BorderedMatrix {
  Matrix f;
  Index border;
  bool has_mu, has_gamma;  // true if it is among the border's rows, in this order
};

/// Returns the statistics with X - gamma Y in place of X.
MixtureStatistics without_skewness(const MixtureStatistics& eta, const Vector& gamma) {
  MixtureStatistics out = eta;
  out.x -= eta.y * gamma;
  out.x_inv_y -= gamma;
  out.xx_inv_y += eta.y * gamma * gamma.transpose() - gamma * eta.x.transpose() - eta.x * gamma.transpose();
  return out;
}

BorderedMatrix bordered_matrix(const MixtureStatisticsView& eta, bool has_mu, bool has_gamma) {
  const Index d = eta.x().size();
  BorderedMatrix bordered{
      .f = {}, .border = Index{has_mu} + Index{has_gamma}, .has_mu = has_mu, .has_gamma = has_gamma};
  Matrix& f = bordered.f;
  f.resize(bordered.border + d, bordered.border + d);
  f.triangularView<Eigen::StrictlyUpper>().setZero();
  if (has_mu) {
    f(0, 0) = eta.inv_y();
    f.block(bordered.border, 0, d, 1) = eta.x_inv_y();
  }
  if (has_gamma) {
    const Index last = bordered.border - 1;
    if (has_mu) f(last, 0) = 1.0;
    f(last, last) = eta.y();
    f.block(bordered.border, last, d, 1) = eta.x();
  }
  eta.copy_xx_inv_y(f.bottomRightCorner(d, d));
  return bordered;
}

/// Returns F without the rows of mu and gamma that are fixed.
BorderedMatrix bordered_matrix(const Eta& given, const std::optional<Vector>& mu, const std::optional<Vector>& gamma) {
  const bool is_skewed = gamma && !gamma->isZero(0.0);
  if (!mu && !is_skewed) return bordered_matrix(MixtureStatisticsView(given), true, !gamma);
  Eta moved = mu ? with_origin(given, *mu) : given;
  if (is_skewed) moved = to_eta(without_skewness(mixture_statistics(moved), *gamma), moved.origin);
  return bordered_matrix(MixtureStatisticsView(moved), !mu, !gamma);
}

/// Returns the least pivots of the factorisation: the floor, or the rounding of the diagonal entry if that is larger.
Vector least_pivots(const Matrix& f, Index border, const Vector& floor, double s2) {
  Vector least = kPivotRoundings * kEpsilon * f.diagonal();
  least.head(border).setZero();
  if (floor.size() > 0) least.tail(floor.size()) = least.tail(floor.size()).cwiseMax(floor / s2);
  return least;
}

bool pivots_exceed(const Matrix& factor, const Vector& least) {
  return (factor.diagonal().array().square() > least.array()).all();
}

/// Returns the Cholesky factor of F, or nothing if F is not positive definite enough. The factor takes F's place.
std::optional<Matrix> factor_of(Matrix f, const Vector& least) {
  const Eigen::LLT<Eigen::Ref<Matrix>> llt(f);  // in place
  if (llt.info() == Eigen::Success && pivots_exceed(f, least)) return f;
  return std::nullopt;
}

/// Returns the factor with its pivots raised, or nothing if they have no floor.
std::optional<Matrix> raised_factor(const BorderedMatrix& bordered, const Vector& least,
                                    std::vector<Index>& out_raised) {
  if (!(least.tail(least.size() - bordered.border).minCoeff() > 0.0)) return std::nullopt;
  std::vector<Index> raised;
  Matrix factor = raised_cholesky(bordered.f, least, raised);
  for (const Index j : raised) out_raised.push_back(j - bordered.border);
  return factor;
}

/// Returns the columns of mu and gamma of that factor alone, for a fixed Sigma.
Matrix border_of_factor(const BorderedMatrix& bordered) {
  const Index border = bordered.border;
  const Index d = bordered.f.rows() - border;
  Matrix factor = Matrix::Zero(border + d, border);
  const Matrix top = bordered.f.topLeftCorner(border, border).llt().matrixL();
  factor.topRows(border) = top;
  factor.bottomRows(d) =
      top.triangularView<Eigen::Lower>().solve(bordered.f.bottomLeftCorner(d, border).transpose()).transpose();
  return factor;
}

/// Returns the condition that the moments of Y violate, "" if they are feasible.
std::string fault_of_moments(const MixtureStatisticsView& eta, double tail_weight, bool uses_log_y) {
  if (!(eta.y() > 0.0 && tail_weight > -kTailWeightRounding && std::isfinite(tail_weight))) return "E[1/Y] E[Y] > 1";
  if (!(eta.y() < kLargestMoment && eta.y() > 1.0 / kLargestMoment && tail_weight < kLargestMoment)) {
    return "E[Y] and the tail weight within the range of doubles";
  }
  if (!uses_log_y || tail_weight < kGaussianTailWeight) return "";
  const std::optional<double> log_y = eta.log_y();
  if (!log_y) return "E[log Y] present";
  const bool between = -std::log(eta.inv_y()) < *log_y && *log_y < std::log(eta.y());
  return between ? "" : "-log E[1/Y] < E[log Y] < log E[Y]";
}

/// Returns the law of Y in the Gaussian limit, which has the tail weight kGaussianTailWeight.
template <Subordinator S>
ShapeFit<S> nearly_constant_y(double E_Y, const MStepOptions<S>& options) {
  ShapeFit<S> fit = law_of_y((1.0 + kGaussianTailWeight) / E_Y, E_Y,
                             std::optional(std::log(E_Y) - 0.5 * kGaussianTailWeight), options);
  fit.limit = ShapeLimit::kGaussian;
  return fit;
}

}  // namespace

template <Subordinator S>
ShapeFit<S> law_of_y(double E_inv_Y, double E_Y, std::optional<double> E_log_Y, const MStepOptions<S>& options) {
  ShapeFit<S> fit = S::maximum_likelihood(E_inv_Y, E_Y, E_log_Y, options.fixed.shape);
  if constexpr (std::same_as<S, Gamma>) {
    const bool is_fixed = options.fixed.shape.values[0].has_value();
    if (!is_fixed && fit.law.alpha() < options.alpha_min) {
      fit = {Gamma(options.alpha_min, options.fixed.shape.values[1].value_or(options.alpha_min / E_Y)),
             ShapeLimit::kParameterBound};
    }
  }
  return fit;
}

template <Subordinator S>
MeanVarianceMixture<S> within_constraints(const MeanVarianceMixture<S>& model, const MStepOptions<S>& options) {
  MeanVarianceMixture<S> within = with_fixed(model, options.fixed);
  if constexpr (std::same_as<S, Gamma>) {
    const Gamma& y = within.subordinator();
    if (!options.fixed.shape.values[0] && y.alpha() < options.alpha_min) {
      const double beta = options.fixed.shape.values[1].value_or(options.alpha_min / y.E_Y());
      within = {within.mu(), within.gamma(), within.L_Sigma(), Gamma(options.alpha_min, beta)};
    }
  }
  return within;
}

template <Subordinator S>
MStepResult<S> m_step(const Eta& given, const MStepOptions<S>& options, BelowFloor below_floor) {
  MStepResult<S> result;
  const MixtureStatisticsView eta(given);
  const double tail_weight = std::fma(eta.inv_y(), eta.y(), -1.0);
  result.infeasible = given.first_not_finite();
  if (result.infeasible.empty()) result.infeasible = fault_of_moments(eta, tail_weight, S::kUsesLogY);
  if (!result.infeasible.empty()) return result;

  const bool gaussian_limit = tail_weight < kGaussianTailWeight;
  const Index d = given.d();
  std::optional<Vector> gamma = options.fixed.gamma;
  if (gaussian_limit && !gamma) gamma = Vector::Zero(d);
  BorderedMatrix bordered = bordered_matrix(given, options.fixed.mu, gamma);
  std::optional<Matrix> factor;
  if (options.fixed.L_Sigma) {
    factor = border_of_factor(bordered);
  } else {
    const Vector least = least_pivots(bordered.f, bordered.border, options.floor, eta.y());
    factor = factor_of(std::move(bordered.f), least);
    if (!factor && below_floor == BelowFloor::kRaise) {
      factor = raised_factor(bordered_matrix(given, options.fixed.mu, gamma), least, result.raised_columns);
    }
  }
  if (!factor) {
    result.infeasible = "E[XX'/Y] positive definite beside the other statistics";
    return result;
  }
  Vector mu = Vector::Zero(d);  // about the origin
  if (bordered.has_gamma) {
    const Index k = bordered.border - 1;
    gamma = factor->block(bordered.border, k, d, 1) / (*factor)(k, k);
  }
  if (bordered.has_mu) {
    mu = factor->block(bordered.border, 0, d, 1) / (*factor)(0, 0);
    if (bordered.has_gamma) mu -= (*factor)(1, 0) / (*factor)(0, 0) * *gamma;
  }
  if (!all_finite(mu) || !all_finite(*gamma) || !all_finite(*factor)) {
    result.infeasible = "mu, gamma and Sigma within the range of doubles";
    return result;
  }
  ShapeFit<S> y =
      gaussian_limit ? nearly_constant_y<S>(eta.y(), options) : law_of_y<S>(eta.inv_y(), eta.y(), eta.log_y(), options);
  result.shape_limit = y.limit;
  mu += options.fixed.mu ? *options.fixed.mu : given.origin;
  result.model.emplace(std::move(mu), *std::move(gamma),
                       options.fixed.L_Sigma ? *options.fixed.L_Sigma : Matrix(factor->bottomRightCorner(d, d)),
                       std::move(y.law));
  return result;
}

#define VARIMIX_INSTANTIATE(S)                                                                               \
  template ShapeFit<S> law_of_y(double, double, std::optional<double>, const MStepOptions<S>& options);      \
  template MeanVarianceMixture<S> within_constraints(const MeanVarianceMixture<S>&, const MStepOptions<S>&); \
  template MStepResult<S> m_step(const Eta&, const MStepOptions<S>&, BelowFloor);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
