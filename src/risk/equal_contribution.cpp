#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "mixture/families.hpp"
#include "shortfall_hessian.hpp"
#include "varimix/core/require.hpp"
#include "varimix/risk/optimal_portfolio.hpp"
#include "varimix/risk/portfolio.hpp"

namespace varimix {
namespace {

constexpr Index kMaxNewtonSteps = 100;
constexpr int kMaxNewtonHalvings = 40;
constexpr double kShareToBoundary = 0.95;
constexpr double kSufficientFall = 1e-4;  // Armijo
/// Errors of shares below this one are rounding.
constexpr double kShareRounding = 1e-15;

/// ES(x) - sum_i b_i log x_i at an x > 0, and the errors x_i g_i - b_i of the contributions.
struct BarrierPoint {
  PortfolioRisk risk;
  double value;
  Vector errors;

  [[nodiscard]] double largest_error() const { return errors.cwiseAbs().maxCoeff(); }
};

template <Subordinator S>
std::optional<BarrierPoint> barrier_at(const MeanVarianceMixture<S>& model, double alpha, const Vector& b,
                                       const Vector& x) {
  PortfolioRisk risk = portfolio_risk(model, x, alpha);
  if (risk.status != PortfolioStatus::kOk) return std::nullopt;
  const double value = risk.expected_shortfall - b.dot(x.array().log().matrix());
  Vector errors = risk.expected_shortfall_contributions() - b;
  return BarrierPoint{std::move(risk), value, std::move(errors)};
}

/// Returns Newton's step divided by x, from the equations that are multiplied by x on both sides: their scale is 1.
template <Subordinator S>
Vector relative_step(const MeanVarianceMixture<S>& model, const Matrix& sigma, const Vector& b,
                     const BarrierPoint& at) {
  const Vector& x = at.risk.w;
  Matrix h = Matrix::Zero(x.size(), x.size());
  const Vector direction = sigma * x / at.risk.dispersion;
  add_shortfall_hessian(at.risk, sigma, direction,
                        model.gamma() - direction * (x.dot(model.gamma()) / at.risk.dispersion), h);
  h = Matrix(x.asDiagonal() * h * x.asDiagonal());
  h.diagonal() += b;
  return Eigen::LLT<Matrix>(h).solve(-at.errors);
}

/// Returns budgets that sum to 1.
Vector normalised_budgets(const Vector& budgets, Index d) {
  if (budgets.size() == 0) return Vector::Constant(d, 1.0 / static_cast<double>(d));
  require_dimension(budgets.size(), d, "budgets");
  for (const double budget : budgets)
    require(budget > 0.0 && std::isfinite(budget), "budgets", "finite and > 0", budget);
  const Vector scaled = budgets / budgets.maxCoeff();
  return scaled / scaled.sum();
}

OptimalPortfolio ended(OptimumStatus status, double alpha, Index iterations) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return {{}, alpha, kInfinity, kInfinity, iterations, status};
}

/// Returns the next point, or nothing if no step leads to a better one.
template <Subordinator S>
std::optional<BarrierPoint> next_point(const MeanVarianceMixture<S>& model, double alpha, const Vector& b,
                                       const BarrierPoint& at, const Vector& step) {
  const double slope = at.errors.dot(step);
  const double to_boundary = -1.0 / std::min(step.minCoeff(), -kShareRounding);
  double share = std::min(1.0, kShareToBoundary * to_boundary);
  for (int halvings = 0; halvings < kMaxNewtonHalvings; ++halvings, share *= 0.5) {
    const Vector x = at.risk.w.cwiseProduct((1.0 + share * step.array()).matrix());
    std::optional<BarrierPoint> next = barrier_at(model, alpha, b, x);
    if (!next) continue;
    if (next->value <= at.value + kSufficientFall * share * slope || next->largest_error() < at.largest_error()) {
      return next;
    }
  }
  return std::nullopt;
}

}  // namespace

template <Subordinator S>
OptimalPortfolio equal_contribution(const MeanVarianceMixture<S>& model, double alpha, const Vector& budgets) {
  require(alpha > 0.0 && alpha < 1.0, "alpha", "in (0, 1)", alpha);
  const Vector b = normalised_budgets(budgets, model.d());
  const Matrix sigma = model.sigma();
  const Vector first = sigma.diagonal().cwiseSqrt().cwiseInverse();
  const double size = portfolio_risk(model, first, alpha).expected_shortfall;
  if (!(size < std::numeric_limits<double>::infinity())) {
    return ended(OptimumStatus::kInfiniteExpectedShortfall, alpha, 1);
  }
  if (size <= 0.0) return ended(OptimumStatus::kNonpositiveShortfall, alpha, 1);
  std::optional<BarrierPoint> at = barrier_at(model, alpha, b, first / size);
  if (!at) return ended(OptimumStatus::kInfiniteExpectedShortfall, alpha, 1);
  Index iteration = 1;
  for (; iteration < kMaxNewtonSteps && at->largest_error() > kShareRounding; ++iteration) {
    std::optional<BarrierPoint> next = next_point(model, alpha, b, *at, relative_step(model, sigma, b, *at));
    if (!next) break;
    if (next->risk.expected_shortfall <= 0.0) return ended(OptimumStatus::kNonpositiveShortfall, alpha, iteration);
    at = std::move(next);
  }
  const Vector& x = at->risk.w;
  const double shortfall = at->risk.expected_shortfall;
  const double error = (at->risk.expected_shortfall_contributions() / shortfall - b).cwiseAbs().maxCoeff();
  return {x / x.sum(), alpha,     shortfall / x.sum(),
          error,       iteration, error <= kOptimumRelativeError ? OptimumStatus::kOk : OptimumStatus::kNotConverged};
}

#define VARIMIX_INSTANTIATE(S) \
  template OptimalPortfolio equal_contribution(const MeanVarianceMixture<S>&, double, const Vector&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
