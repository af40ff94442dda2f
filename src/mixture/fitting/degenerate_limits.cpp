#include "degenerate_limits.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <concepts>

#include "mixture/families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/default_init.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix {
namespace {

// A tail weight below this many standard errors of a Gaussian sample's does not differ from 0 (one false alarm in 740).
constexpr double kGaussianLimitErrors = 3.0;

// The order p of a GIG has the standard error a0 sqrt(6 / (n S)), S = log(s1 s2), a0 - 1 = 1/(s1 s2 - 1), and lies
// within (-a0, a0): below this n S the error is above the bound a0. The likelihood is flat in the direction of p.
constexpr double kOrderInformation = 6.0;

/// The squared norms of the standardised third and fourth cumulants, as gain_over_gaussian takes them.
struct NonGaussian {
  double third, fourth;
};

/// Returns p / hypot(p, sqrt(ab)), which is 1 on the gamma face and -1 on the inverse gamma face.
double order_ratio(const GigParameters& gig) { return gig.p / std::hypot(gig.p, std::sqrt(gig.a) * std::sqrt(gig.b)); }

/// Returns the Var(Y) / E[Y]^2 that a tail weight stands for: it is exact on the gamma face and for p = -1/2. On the
/// other face the variance itself may be infinite.
double variance_of(double tail_weight, double ratio) {
  return tail_weight / (1.0 + std::max(ratio, 0.0) * tail_weight);
}

/// Returns the squared norms of gain_over_gaussian.
/// @param skewness  E[Y] gamma' Sigma^{-1} gamma.   @param ratio  p / hypot(p, sqrt(ab)).
NonGaussian non_gaussian_part(double tail_weight, double skewness, double ratio, double d) {
  // These are cumulants of Y with mean 1 and variance t; multinomial coefficients count their places in the tensor.
  const double t = variance_of(tail_weight, ratio);
  const double third_of_y = (3.0 - ratio) * t * t;
  const double fourth_of_y = (15.0 - 12.0 * ratio + 3.0 * ratio * ratio) * t * t * t;
  const double variance = 1.0 + t * skewness;  // along gamma; it is 1 across
  const double u2 = skewness / variance;
  const double u = std::sqrt(u2);
  const double k111 = third_of_y * u * u2 + 3.0 * t * u / variance;
  const double k1jj = t * u;
  const double k1111 = fourth_of_y * u2 * u2 + 6.0 * third_of_y * u2 / variance + 3.0 * t / (variance * variance);
  const double k11jj = third_of_y * u2 + t / variance;
  const double along = k1111 * k1111 - 6.0 * k111 * k111 * k1111 + 7.0 * k111 * k111 * k111 * k111;
  const double across = (9.0 + 3.0 * (d - 2.0)) * t * t;
  return {k111 * k111 + 3.0 * (d - 1.0) * k1jj * k1jj,
          (std::max(along, 0.0) + (d - 1.0) * (6.0 * k11jj * k11jj + across)) / (1.0 + 2.0 * t)};
}

void add_shape_limit(ShapeLimit limit, Status& out_status) {
  if (limit == ShapeLimit::kGammaFace) out_status.add(StatusCode::kGammaFace);
  if (limit == ShapeLimit::kInverseGammaFace) out_status.add(StatusCode::kSkewedTFace);
  if (limit == ShapeLimit::kParameterBound) out_status.add(StatusCode::kShapeMinimum);
}

}  // namespace

template <Subordinator S>
double least_alpha(AlphaMin alpha_min, Index d) {
  constexpr double kMargin = 0.1;  // the distance above the alpha at which the density, or E[1/Y|x], is unbounded at mu
  if (alpha_min == AlphaMin::kNone) return 0.0;
  require(std::same_as<S, Gamma>, "alpha_min", std::string("'none' for ") + kFamilyName<S>, in_quotes(alpha_min));
  const double bounded_density = 0.5 * static_cast<double>(d);
  return kMargin + (alpha_min == AlphaMin::kDensity ? bounded_density : bounded_density + 1.0);
}

template <Subordinator S>
double gain_over_gaussian(const MeanVarianceMixture<S>& model, double tail_weight, double rows) {
  const GigParameters gig = model.subordinator().gig();
  const double ratio = order_ratio(gig);
  const Vector whitened = model.L_Sigma().template triangularView<Eigen::Lower>().solve(model.gamma());
  // E[Y] may be infinite where the tail weight of the rows is not; then (1 + tail weight) / E[1/Y] is of its size.
  const double mean = std::isfinite(model.subordinator().E_Y()) ? model.subordinator().E_Y()
                                                                : (1.0 + tail_weight) / model.subordinator().E_inv_Y();
  const NonGaussian part = non_gaussian_part(std::max(tail_weight, 0.0), mean * whitened.squaredNorm(), ratio,
                                             static_cast<double>(model.d()));
  return rows * (part.third / 12.0 + part.fourth / 48.0);
}

double chance_gain(Index d) {
  // This is the quantile of Wilson and Hilferty (1931, PNAS 17:684) at three standard errors.
  const double k = static_cast<double>(d) + 1.0;
  const double spread = 2.0 / (9.0 * k);
  const double root = 1.0 - spread + kGaussianLimitErrors * std::sqrt(spread);
  return 0.5 * k * root * root * root;
}

template <Subordinator S>
void add_degenerate_limits(const MStepResult<S>& fit, const Eta& eta, double rows, Status& out_status) {
  add_shape_limit(fit.shape_limit, out_status);
  const double tail_weight = std::fma(eta.E_inv_Y(), eta.E_Y(), -1.0);
  const double error = gaussian_tail_weight_error(rows, eta.d());
  const double spread =
      fit.model ? variance_of(tail_weight, order_ratio(fit.model->subordinator().gig())) : tail_weight;
  const double gain = fit.model ? gain_over_gaussian(*fit.model, tail_weight, rows) : 0.0;
  const bool is_gaussian = fit.shape_limit == ShapeLimit::kGaussian ||
                           (spread < kGaussianLimitErrors * error && gain <= chance_gain(eta.d()));
  // Where a floor raised Sigma, the tail weight comes from the floor, not from the data.
  if (is_gaussian && fit.raised_columns.empty()) {
    out_status.add(StatusCode::kGaussianLimit, "tail weight " + std::to_string(tail_weight) +
                                                   ", standard error for Gaussian rows " + std::to_string(error) +
                                                   ", gain over a Gaussian " + std::to_string(gain) + " nats");
  }
  if constexpr (std::same_as<S, GeneralizedInverseGaussian>) {
    const double information = rows * std::log1p(tail_weight);
    if (!is_gaussian && fit.shape_limit == ShapeLimit::kNone && information < kOrderInformation) {
      out_status.add(StatusCode::kOrderNotIdentified, "n log(E[1/Y] E[Y]) = " + std::to_string(information));
    }
  }
}

#define VARIMIX_INSTANTIATE(S)                                                       \
  template double least_alpha<S>(AlphaMin, Index);                                   \
  template double gain_over_gaussian(const MeanVarianceMixture<S>&, double, double); \
  template void add_degenerate_limits(const MStepResult<S>&, const Eta&, double, Status&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
