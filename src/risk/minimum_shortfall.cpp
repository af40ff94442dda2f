#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <utility>

#include "duality_bound.hpp"
#include "interior_start.hpp"
#include "mixture/families.hpp"
#include "portfolio_set.hpp"
#include "shortfall_hessian.hpp"
#include "varimix/core/require.hpp"
#include "varimix/risk/optimal_portfolio.hpp"
#include "varimix/risk/portfolio.hpp"

namespace varimix {
namespace {

/// A slope along which an objective falls for ever is below this share of its terms' sizes.
constexpr double kRoundingOfSlope = 1e-9;

/// The expected shortfall of the weights of a set.
template <Subordinator S>
class ShortfallOfWeights : public ConvexObjective {
 public:
  ShortfallOfWeights(const MeanVarianceMixture<S>& model, double alpha, const FeasibleSet& set)
      : model_(model),
        alpha_(alpha),
        set_(set),
        sigma_(model.sigma()(set.free, set.free)),
        gamma_(model.gamma()(set.free)) {}

  bool evaluate(const Vector& x) override {
    const Vector w = set_.weights(x);
    if (w.cwiseAbs().maxCoeff() == 0.0) return false;
    risk_ = portfolio_risk(model_, w, alpha_);
    if (risk_.status != PortfolioStatus::kOk) return false;
    value_ = risk_.expected_shortfall;
    gradient_ = risk_.expected_shortfall_gradient(set_.free);
    size_ = w.cwiseAbs().dot(risk_.expected_shortfall_gradient.cwiseAbs());
    return true;
  }

  // Where Var(Y | R = q) is infinite the steps are those of the rest of the Hessian, which is positive semidefinite too.
  void add_hessian(Matrix& out_matrix) const override {
    const auto L = model_.L_Sigma().template triangularView<Eigen::Lower>();
    const Vector direction = Vector(L * (L.transpose() * risk_.w).eval())(set_.free) / risk_.dispersion;
    const Vector b = gamma_ - direction * (risk_.w.dot(model_.gamma()) / risk_.dispersion);
    add_shortfall_hessian(risk_, sigma_, direction, b, out_matrix);
  }

  // It is homogeneous: far along a direction it grows as its value for the direction, of any length.
  [[nodiscard]] bool falls_for_ever(const Vector& direction) const override {
    const double length = direction.lpNorm<Eigen::Infinity>();
    if (!(length > 0.0)) return false;
    Vector w = Vector::Zero(model_.d());
    w(set_.free) = direction / length;
    const PortfolioRisk risk = portfolio_risk(model_, w, alpha_);
    return risk.status == PortfolioStatus::kOk &&
           risk.expected_shortfall < -kRoundingOfSlope * w.cwiseAbs().dot(risk.expected_shortfall_gradient.cwiseAbs());
  }

  [[nodiscard]] const PortfolioRisk& risk() const noexcept { return risk_; }

 private:
  const MeanVarianceMixture<S>& model_;
  double alpha_;
  const FeasibleSet& set_;
  Matrix sigma_;
  Vector gamma_;
  PortfolioRisk risk_;
};

/// The mean loss, a linear function.
class MeanLoss : public ConvexObjective {
 public:
  explicit MeanLoss(const Vector& mean) { gradient_ = -mean; }

  bool evaluate(const Vector& x) override {
    value_ = gradient_.dot(x);
    size_ = gradient_.lpNorm<Eigen::Infinity>() * x.lpNorm<1>();
    return true;
  }
  void add_hessian(Matrix& /*out_matrix*/) const override {}
  [[nodiscard]] bool falls_for_ever(const Vector& direction) const override {
    return gradient_.dot(direction) < -kRoundingOfSlope * gradient_.lpNorm<Eigen::Infinity>() * direction.lpNorm<1>();
  }
};

OptimalPortfolio without_weights(OptimumStatus status, double alpha, Index iterations) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double value = status == OptimumStatus::kUnbounded ? -kInfinity : kInfinity;
  return {{}, alpha, value, kInfinity, iterations, status};
}

/// Returns x with the rounding beyond its bounds taken away.
Vector within_bounds(const Vector& x, const FeasibleSet& set) {
  return x.cwiseMax(set.inequalities.lower()).cwiseMin(set.inequalities.upper());
}

/// Returns whether x meets the equalities, of which steps lose sight where columns are of sizes far apart.
bool meets_equalities(const FeasibleSet& set, const Vector& x) {
  const Vector errors = (set.A * x - set.c).cwiseAbs();
  const Vector sizes = set.A.cwiseAbs() * x.cwiseAbs() + set.c.cwiseAbs();
  return (errors.array() <= kEqualityTolerance * sizes.array()).all();
}

OptimumStatus status_of(InteriorStart::Outcome outcome) {
  return outcome == InteriorStart::Outcome::kEmpty ? OptimumStatus::kInfeasible : OptimumStatus::kNotConverged;
}

/// Returns the gap of a value above its bound, of the value.
double relative_gap(double value, double bound) {
  const double gap = std::max(0.0, value - bound);
  return gap == 0.0 ? 0.0 : gap / std::abs(value);
}

/// Returns whether the law of Y has a tail so heavy that losses have a mean only where w'gamma > 0.
template <Subordinator S>
bool needs_right_skew(const MeanVarianceMixture<S>& model) {
  const GigParameters y = model.subordinator().gig();
  return y.a == 0.0 && -y.p <= 1.0 && model.gamma().cwiseAbs().maxCoeff() > 0.0;
}

void require_alpha(double alpha) { require(alpha > 0.0 && alpha < 1.0, "alpha", "in (0, 1)", alpha); }

}  // namespace

std::string_view sentence(OptimumStatus status) noexcept {
  switch (status) {
    case OptimumStatus::kInfeasible:
      return "no portfolio meets the constraints";
    case OptimumStatus::kUnbounded:
      return "the objective falls for ever in a direction that the constraints leave open";
    case OptimumStatus::kInfiniteExpectedShortfall:
      return "the expected shortfall is infinite for every portfolio that meets the constraints";
    case OptimumStatus::kNonpositiveShortfall:
      return "a long-only portfolio has an expected shortfall <= 0";
    case OptimumStatus::kNotConverged:
      return "the search ended before the gap was closed";
    default:
      return "";
  }
}

template <Subordinator S>
OptimalPortfolio minimum_expected_shortfall(const MeanVarianceMixture<S>& model, double alpha,
                                            const PortfolioConstraints& constraints) {
  require_alpha(alpha);
  LinearConstraints linear = linear_constraints(constraints, model.mean());
  InteriorStart start = interior_start(linear);
  if (start.outcome == InteriorStart::Outcome::kFound && needs_right_skew(model)) {
    add_row(model.gamma(), 0.0, std::numeric_limits<double>::infinity(), linear);
    start = interior_start(linear);
    if (start.outcome == InteriorStart::Outcome::kEmpty) {
      return without_weights(OptimumStatus::kInfiniteExpectedShortfall, alpha, 0);
    }
  }
  if (start.outcome != InteriorStart::Outcome::kFound) return without_weights(status_of(start.outcome), alpha, 0);
  const FeasibleSet& set = *start.set;
  ShortfallOfWeights<S> objective(model, alpha, set);
  if (!objective.evaluate(start.x)) return without_weights(OptimumStatus::kInfiniteExpectedShortfall, alpha, 1);
  const InteriorPoint found = minimize(objective, set.A, set.c, set.inequalities, start.x);
  if (found.ending == InteriorEnding::kUnbounded) {
    return without_weights(OptimumStatus::kUnbounded, alpha, found.iterations);
  }
  const Vector x = within_bounds(found.x, set);
  if (!meets_equalities(set, x)) return without_weights(OptimumStatus::kNotConverged, alpha, found.iterations);
  objective.evaluate(x);
  const PortfolioRisk& risk = objective.risk();
  const double bound = lower_bound(set, found, objective.gradient()) + risk.expected_shortfall_gradient.dot(set.pinned);
  const double value = objective.value();
  const bool is_optimal = value - bound <= kOptimumRelativeError * objective.size();
  return {risk.w,
          alpha,
          value,
          relative_gap(value, bound),
          found.iterations,
          is_optimal ? OptimumStatus::kOk : OptimumStatus::kNotConverged};
}

template <Subordinator S>
OptimalPortfolio maximum_mean(const MeanVarianceMixture<S>& model, double alpha,
                              const PortfolioConstraints& constraints) {
  require_alpha(alpha);
  const Vector mean = model.mean();
  require(!constraints.target_return, "target_return", "none", constraints.target_return.value_or(0.0));
  require(mean.allFinite(), "the mean of X", "finite", "one that is not");
  const InteriorStart start = interior_start(linear_constraints(constraints, mean));
  if (start.outcome != InteriorStart::Outcome::kFound) return without_weights(status_of(start.outcome), alpha, 0);
  const FeasibleSet& set = *start.set;
  MeanLoss objective(mean(set.free));
  const InteriorPoint found = minimize(objective, set.A, set.c, set.inequalities, start.x);
  if (found.ending == InteriorEnding::kUnbounded) {
    return without_weights(OptimumStatus::kUnbounded, alpha, found.iterations);
  }
  const double bound = lower_bound(set, found, objective.gradient()) - mean.dot(set.pinned);
  const Vector x = within_bounds(found.x, set);
  if (!meets_equalities(set, x)) return without_weights(OptimumStatus::kNotConverged, alpha, found.iterations);
  const Vector w = set.weights(x);
  const double value = -mean.dot(w);
  const bool is_optimal = value - bound <= kOptimumRelativeError * mean.cwiseAbs().maxCoeff() * w.lpNorm<1>();
  return {w,
          alpha,
          portfolio_risk(model, w, alpha).expected_shortfall,
          relative_gap(value, bound),
          found.iterations,
          is_optimal ? OptimumStatus::kOk : OptimumStatus::kNotConverged};
}

#define VARIMIX_INSTANTIATE(S)                                                                \
  template OptimalPortfolio minimum_expected_shortfall(const MeanVarianceMixture<S>&, double, \
                                                       const PortfolioConstraints&);          \
  template OptimalPortfolio maximum_mean(const MeanVarianceMixture<S>&, double, const PortfolioConstraints&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
