#include <Eigen/Dense>
#include <cmath>
#include <concepts>
#include <limits>
#include <string>

#include "local_step.hpp"
#include "mixture/families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/inference/functional.hpp"
#include "varimix/mixture/column_moments.hpp"
#include "varimix/univariate/tail_risk.hpp"

namespace varimix {
namespace {

void require_column(Index i, Index d) { require(i >= 0 && i < d, "column", "from 0 to " + std::to_string(d - 1), i); }

/// Returns the weights of the portfolio whose law has the number.
Vector portfolio_of(const Functional& functional, Index d) {
  if (functional.w.size() > 0) return functional.w;
  require_column(functional.i, d);
  return Vector::Unit(d, functional.i);
}

/// Returns number k of the shape of a law.
template <Subordinator S>
double shape_of(const S& law, Index k) {
  const GigParameters gig = law.gig();
  if constexpr (std::same_as<S, GeneralizedInverseGaussian>) {
    return k == 0 ? gig.p : 0.5 * (std::log(gig.a) + std::log(gig.b));
  } else if constexpr (std::same_as<S, InverseGaussian>) {
    return std::log(law.lam() / law.mu_ig());
  } else {
    return std::log(law.alpha());
  }
}

/// Returns the number of a law of one dimension.
template <Subordinator S>
double value_of_law(const Functional& functional, const MeanVarianceMixture<S>& law) {
  switch (functional.kind) {
    case FunctionalKind::kMean:
      return law.mean()(0);
    case FunctionalKind::kSd:
      return column_std(law)(0);
    case FunctionalKind::kEYGamma:
      return law.gamma()(0) == 0.0 ? 0.0 : law.subordinator().E_Y() * law.gamma()(0);
    case FunctionalKind::kSkewness:
      return law.skewness()(0);
    case FunctionalKind::kKurtosis:
      return law.kurtosis()(0);
    case FunctionalKind::kLogTailWeight:
      return std::log(law.tail_weight());
    case FunctionalKind::kShape:
      return shape_of(law.subordinator(), functional.i);
    case FunctionalKind::kValueAtRisk:
      return tail_value_at_risk(law.univariate_law(), functional.at);
    case FunctionalKind::kExpectedShortfall:
      return tail_expected_shortfall(law.univariate_law(), functional.at);
    case FunctionalKind::kCdf:
      return law.cdf(functional.at);
    case FunctionalKind::kCorrelation:
    case FunctionalKind::kFunction:
      break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

/// The kinds that are numbers of the law of Y alone: every column shows them.
bool is_of_y(FunctionalKind kind) { return kind == FunctionalKind::kLogTailWeight || kind == FunctionalKind::kShape; }

template <Subordinator S>
MeanVarianceMixture<S> projected(const Functional& functional, const MeanVarianceMixture<S>& model) {
  return model.project(is_of_y(functional.kind) ? Vector(Vector::Unit(model.d(), 0))
                                                : portfolio_of(functional, model.d()));
}

/// The covariance of columns i and j of X, E[Y] Sigma_ij + Var(Y) gamma_i gamma_j.
struct PairCovariance {
  double sigma, skew;  // Sigma_ij, gamma_i gamma_j
  [[nodiscard]] double at(const Cumulants& y) const { return y.mean * sigma + (skew == 0.0 ? 0.0 : y.second * skew); }
};

struct Pair {
  PairCovariance ii, ij, jj;
};

template <Subordinator S>
Pair pair_of(const Functional& functional, const MeanVarianceMixture<S>& model) {
  const auto [i, j] = std::pair(functional.i, functional.j);
  require_column(i, model.d());
  require_column(j, model.d());
  require(i != j, "columns", "two different ones", i);
  const auto of = [&](Index k, Index l) -> PairCovariance {
    return {model.L_Sigma().row(k).dot(model.L_Sigma().row(l)), model.gamma()(k) * model.gamma()(l)};
  };
  return {of(i, i), of(i, j), of(j, j)};
}

double correlation_of(const Pair& pair, const Cumulants& y) {
  return pair.ij.at(y) / std::sqrt(pair.ii.at(y)) / std::sqrt(pair.jj.at(y));
}

template <Subordinator S>
LocalGradient no_gradient(const LocalCoordinates<S>& coordinates) {
  const Index d = coordinates.centre().d();
  return {Vector::Zero(d), Vector::Zero(d), Matrix::Zero(d, d),
          Vector::Zero(static_cast<Index>(shape_names<S>().size()))};
}

/// Returns the derivatives in m, g, M and the shape of a number of a law of one dimension, by central differences.
template <Subordinator S, class F>
Vector derivatives_of_law(const LocalCoordinates<S>& law, F&& number) {
  Vector derivatives(law.size());
  for (Index k = 0; k < law.size(); ++k) {
    const Vector step = kLocalStep * Vector::Unit(law.size(), k);
    derivatives(k) = (number(law.moved(step)) - number(law.moved(-step))) / (2.0 * kLocalStep);
  }
  return derivatives;
}

/// Returns the gradient of a number of the law of w'X. With a = L'w and s = |a| it moves by dm = a'm / s, dg = a'g / s,
/// dM = a'M a / s^2.
template <Subordinator S>
Vector gradient_of_projection(const Functional& functional, const LocalCoordinates<S>& coordinates) {
  const MeanVarianceMixture<S>& model = coordinates.centre();
  const bool holds_gamma = coordinates.holds_gamma_at_0();
  FixedParameters<S> fixed;
  if (holds_gamma) fixed.gamma = Vector::Zero(1);
  const LocalCoordinates<S> law(projected(functional, model), fixed);
  const Vector derivatives =
      derivatives_of_law(law, [&](const MeanVarianceMixture<S>& there) { return value_of_law(functional, there); });
  LocalGradient gradient = no_gradient(coordinates);
  gradient.shape = derivatives.tail(gradient.shape.size());
  if (is_of_y(functional.kind)) return coordinates.reduce(gradient);
  const Vector a = model.L_Sigma().transpose() * portfolio_of(functional, model.d());
  const double s = a.norm();
  gradient.m = derivatives(0) / s * a;
  if (!holds_gamma) gradient.g = derivatives(1) / s * a;
  const double in_lower = derivatives(holds_gamma ? 1 : 2);
  gradient.lower = (in_lower / (s * s)) * Matrix((a * a.transpose()).template triangularView<Eigen::Lower>());
  return coordinates.reduce(gradient);
}

/// With C the covariance, d corr / corr = dC_ij / C_ij - dC_ii / (2 C_ii) - dC_jj / (2 C_jj), where
/// dC_ij = E[Y] L_i (M + M') L_j' + Var(Y) (gamma_i L_j + gamma_j L_i) g + what the shape moves.
template <Subordinator S>
Vector gradient_of_correlation(const Functional& functional, const LocalCoordinates<S>& coordinates) {
  const MeanVarianceMixture<S>& model = coordinates.centre();
  const Pair pair = pair_of(functional, model);
  const Cumulants y = model.subordinator().cumulants();
  const Vector row_i = model.L_Sigma().row(functional.i), row_j = model.L_Sigma().row(functional.j);
  const double gamma_i = model.gamma()(functional.i), gamma_j = model.gamma()(functional.j);
  const double root_i = std::sqrt(pair.ii.at(y)), root_j = std::sqrt(pair.jj.at(y));
  const double correlation = correlation_of(pair, y);
  LocalGradient gradient = no_gradient(coordinates);
  Matrix in_sigma = row_i * row_j.transpose() / (root_i * root_j);
  in_sigma -= 0.5 * correlation / (root_i * root_i) * row_i * row_i.transpose();
  in_sigma -= 0.5 * correlation / (root_j * root_j) * row_j * row_j.transpose();
  gradient.lower = y.mean * Matrix((in_sigma + in_sigma.transpose()).template triangularView<Eigen::Lower>());
  if (!coordinates.holds_gamma_at_0()) {
    gradient.g = y.second * ((gamma_j * row_i + gamma_i * row_j) / (root_i * root_j) -
                             correlation * gamma_i / (root_i * root_i) * row_i -
                             correlation * gamma_j / (root_j * root_j) * row_j);
  }
  const LocalCoordinates<S> law(model.project(Vector::Unit(model.d(), functional.i)), {});
  gradient.shape = derivatives_of_law(law, [&](const MeanVarianceMixture<S>& there) {
                     return correlation_of(pair, there.subordinator().cumulants());
                   }).tail(gradient.shape.size());
  return coordinates.reduce(gradient);
}

template <Subordinator S>
Vector gradient_of_function(const Functional& functional, const LocalCoordinates<S>& coordinates) {
  Vector derivatives(coordinates.size());
  const auto at = [&](const Vector& v) {
    return functional.function(
        coordinates.moved(v).rescale_y(coordinates.scale()).with_columns(coordinates.centre().columns()));
  };
  for (Index k = 0; k < coordinates.size(); ++k) {
    const Vector step = kLocalStep * Vector::Unit(coordinates.size(), k);
    derivatives(k) = (at(step) - at(-step)) / (2.0 * kLocalStep);
  }
  return derivatives;
}

}  // namespace

template <Subordinator S>
double value_of(const Functional& functional, const MeanVarianceMixture<S>& model) {
  if (functional.kind == FunctionalKind::kFunction) return functional.function(model);
  if (functional.kind == FunctionalKind::kCorrelation) {
    return correlation_of(pair_of(functional, model), model.subordinator().cumulants());
  }
  return value_of_law(functional, projected(functional, model));
}

template <Subordinator S>
Vector gradient_of(const Functional& functional, const LocalCoordinates<S>& coordinates) {
  if (functional.kind == FunctionalKind::kFunction) return gradient_of_function(functional, coordinates);
  if (functional.kind == FunctionalKind::kCorrelation) return gradient_of_correlation(functional, coordinates);
  return gradient_of_projection(functional, coordinates);
}

#define VARIMIX_INSTANTIATE(S)                                                \
  template double value_of(const Functional&, const MeanVarianceMixture<S>&); \
  template Vector gradient_of(const Functional&, const LocalCoordinates<S>&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
