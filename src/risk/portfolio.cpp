#include "varimix/risk/portfolio.hpp"

#include <cmath>
#include <limits>

#include "mixture/families.hpp"
#include "subordinator/gig_functions.hpp"
#include "univariate/near_quantile.hpp"
#include "univariate/tail_integral.hpp"
#include "univariate/tail_moments.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// Mean of Y, and its variance over its mean.
struct MeanAndIndex {
  double mean;
  double index;
};

/// Returns them for Y given R = m + deviation s, a GIG(p - 1/2, a + g^2/s^2, b + deviation^2). Where b is 0 and p <= 1/2
/// the density of R is unbounded at m, and Y is 0 there; the index is then its limit.
MeanAndIndex y_at_quantile(const UnivariateLaw& law, double deviation) {
  constexpr double kSmallest = std::numeric_limits<double>::min();
  const double skew = law.gamma / law.sigma;
  const double p = law.gig.p - 0.5;
  double a = law.gig.a + skew * skew;
  double b = law.gig.b + deviation * deviation;
  if (a < kSmallest) a = 0.0;
  if (b < kSmallest) b = 0.0;
  if (std::sqrt(a) * std::sqrt(b) < kSmallest) (p > -1.0 ? b : a) = 0.0;
  if (b == 0.0 && p <= 0.0) return {0.0, 2.0 * (p + 1.0) / a};
  const Cumulants y = b == 0.0   ? Gamma(p, 0.5 * a).cumulants()
                      : a == 0.0 ? InverseGamma(-p, 0.5 * b).cumulants()
                                 : gig_cumulants(p, a, b);
  return {y.mean, y.second / y.mean};
}

/// Returns E[Y] gamma, in which 0 times an infinite mean is 0.
Vector times(const Vector& gamma, double mean) {
  return gamma.unaryExpr([mean](double value) { return value == 0.0 ? 0.0 : value * mean; });
}

/// Returns a gradient, or nothing if it is not finite.
Vector finite_or_empty(Vector gradient) { return gradient.allFinite() ? std::move(gradient) : Vector(); }

template <Subordinator S>
Vector sigma_times(const MeanVarianceMixture<S>& model, const Vector& w) {
  return model.L_Sigma().template triangularView<Eigen::Lower>() *
         (model.L_Sigma().template triangularView<Eigen::Lower>().transpose() * w).eval();
}

/// Returns the quantile, or nothing if it is not within 1e100 standard units.
std::optional<double> quantile_in_range(const UnivariateLaw& law, double alpha) {
  constexpr double kFarthest = 1e100;
  const PreparedLaw prepared(law);
  const double q = near_quantile(prepared, alpha);
  if (!(std::abs(q - law.mu) <= kFarthest * prepared.scale())) return std::nullopt;
  return q;
}

}  // namespace

std::string_view sentence(PortfolioStatus status) noexcept {
  switch (status) {
    case PortfolioStatus::kInfiniteExpectedShortfall:
      return "the mean of the losses beyond the value at risk is infinite";
    case PortfolioStatus::kInfiniteExpectedContribution:
      return "the expected shortfall is finite, but the mean of a column beyond the value at risk is not";
    default:
      return "";
  }
}

template <Subordinator S>
std::optional<TailForecast> tail_forecast(const MeanVarianceMixture<S>& model, const Vector& w, double alpha) {
  require(alpha > 0.0 && alpha < 1.0, "alpha", "in (0, 1)", alpha);
  const UnivariateLaw law = model.project(w).univariate_law();
  const std::optional<double> q = quantile_in_range(law, alpha);
  if (!q) return std::nullopt;
  return TailForecast{-*q, tail_moments(law, *q).excess - *q};
}

template <Subordinator S>
PortfolioRisk portfolio_risk(const MeanVarianceMixture<S>& model, const Vector& w, double alpha) {
  require(alpha > 0.0 && alpha < 1.0, "alpha", "in (0, 1)", alpha);
  const UnivariateLaw law = model.project(w).univariate_law();
  const std::optional<double> in_range = quantile_in_range(law, alpha);
  require(in_range.has_value(), "alpha", "such that the value at risk is within 1e100 standard units", alpha);
  const double q = *in_range;
  const double s = law.sigma;
  const TailMoments tail = tail_moments(law, q);
  const MeanAndIndex at_quantile = y_at_quantile(law, (q - law.mu) / s);
  const Vector direction = sigma_times(model, w) / s;
  const double shift = law.gamma == 0.0 ? 0.0 : law.gamma * at_quantile.mean;
  const double normal_part = (q - law.mu - shift) / s;
  PortfolioRisk risk{.w = w,
                     .alpha = alpha,
                     .value_at_risk = -q,
                     .expected_shortfall = tail.excess - q,
                     .value_at_risk_gradient = finite_or_empty(
                         -(model.mu() + times(model.gamma(), at_quantile.mean) + direction * normal_part)),
                     .expected_shortfall_gradient = {},
                     .E_Y_at_quantile = at_quantile.mean,
                     .E_Y_in_tail = tail.y,
                     .dispersion = s,
                     .density_ratio = tail.minus_root / s,
                     .index_of_dispersion = at_quantile.index,
                     .status = PortfolioStatus::kOk};
  if (!std::isfinite(tail.excess)) {
    risk.status = PortfolioStatus::kInfiniteExpectedShortfall;
    return risk;
  }
  risk.expected_shortfall_gradient =
      finite_or_empty(direction * tail.minus_root - model.mu() - times(model.gamma(), tail.y));
  if (risk.expected_shortfall_gradient.size() == 0) risk.status = PortfolioStatus::kInfiniteExpectedContribution;
  return risk;
}

template <Subordinator S>
Matrix expected_shortfall_hessian(const MeanVarianceMixture<S>& model, const PortfolioRisk& risk) {
  require_dimension(risk.w.size(), model.d(), "risk.w");
  require(risk.status == PortfolioStatus::kOk, "the status of the portfolio", "'ok' for a Hessian", risk.status);
  // Sigma - direction direction' as a square is positive semidefinite where columns of other sizes would cancel.
  const Matrix factor = model.L_Sigma().template triangularView<Eigen::Lower>();
  const Vector unit = (factor.transpose() * risk.w).eval() / risk.dispersion;
  const Vector direction = factor * unit;
  const Matrix root = factor - direction * unit.transpose();
  const double g = model.project(risk.w).gamma()(0);
  const Vector b = model.gamma() - direction * (g / risk.dispersion);
  if (b.cwiseAbs().maxCoeff() > 0.0) {
    require(std::isfinite(risk.index_of_dispersion), "the variance of Y at the quantile", "finite for a Hessian",
            risk.index_of_dispersion);
  }
  Matrix hessian = Matrix::Zero(model.d(), model.d());
  auto lower = hessian.selfadjointView<Eigen::Lower>();
  lower.rankUpdate(root, risk.density_ratio);
  if (b.cwiseAbs().maxCoeff() > 0.0) lower.rankUpdate(b, risk.density_ratio * risk.index_of_dispersion);
  require(hessian.allFinite(), "the Hessian", "within doubles", "inf");
  return hessian.selfadjointView<Eigen::Lower>();
}

#define VARIMIX_INSTANTIATE(S)                                                                              \
  template std::optional<TailForecast> tail_forecast(const MeanVarianceMixture<S>&, const Vector&, double); \
  template PortfolioRisk portfolio_risk(const MeanVarianceMixture<S>&, const Vector&, double);              \
  template Matrix expected_shortfall_hessian(const MeanVarianceMixture<S>&, const PortfolioRisk&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
