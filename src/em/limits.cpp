#include "limits.hpp"

#include <cmath>
#include <concepts>

#include "../mixture/families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/default_init.hpp"

namespace varimix {
namespace {

// A tail weight below this many standard errors of a Gaussian sample's is not told from zero (one false alarm in 700).
constexpr double kGaussianLimitErrors = 3.0;

// The order p of a GIG has the standard error a0 sqrt(6 / (n S)), S = log(s1 s2), and lies within (-a0, a0): below this n S
// the error is as large as the range (methods: p is the flat direction of the likelihood).
constexpr double kOrderInformation = 6.0;

void add_shape_limit(ShapeLimit limit, Status& out_status) {
  if (limit == ShapeLimit::kGammaFace) out_status.add(StatusCode::kGammaFace);
  if (limit == ShapeLimit::kInverseGammaFace) out_status.add(StatusCode::kSkewedTFace);
  if (limit == ShapeLimit::kParameterBound) out_status.add(StatusCode::kShapeMinimum);
}

}  // namespace

template <Subordinator S>
double least_alpha(const std::string& alpha_min, Index d) {
  constexpr double kMargin = 0.1;  // of the bounds below which a density, and E[1/Y|x], are unbounded at mu
  require(alpha_min == "none" || alpha_min == "density" || alpha_min == "inverse_moment", "alpha_min",
          "'none', 'density' or 'inverse_moment'", "'" + alpha_min + "'");
  if (alpha_min == "none") return 0.0;
  require(std::same_as<S, Gamma>, "alpha_min", std::string("'none' for ") + kFamilyName<S>, "'" + alpha_min + "'");
  const double bounded_density = 0.5 * static_cast<double>(d);
  return kMargin + (alpha_min == "density" ? bounded_density : bounded_density + 1.0);
}

template <Subordinator S>
void add_limits(const MStepResult<S>& fit, const Expectations& eta, double rows, Status& out_status) {
  add_shape_limit(fit.shape_limit, out_status);
  const double tail_weight = std::fma(eta.inv_y, eta.y, -1.0);
  const double error = gaussian_tail_weight_error(rows, eta.d());
  const bool is_gaussian = fit.shape_limit == ShapeLimit::kGaussian || tail_weight < kGaussianLimitErrors * error;
  // Where a floor raised Sigma the tail weight is the floor's, not the data's.
  if (is_gaussian && fit.raised_columns.empty()) {
    out_status.add(StatusCode::kGaussianLimit, "tail weight " + std::to_string(tail_weight) +
                                                   ", standard error for Gaussian rows " + std::to_string(error));
  }
  if constexpr (std::same_as<S, GeneralizedInverseGaussian>) {
    const double information = rows * std::log1p(tail_weight);
    if (!is_gaussian && fit.shape_limit == ShapeLimit::kNone && information < kOrderInformation) {
      out_status.add(StatusCode::kOrderNotIdentified, "n log(E[1/Y] E[Y]) = " + std::to_string(information));
    }
  }
}

#define VARIMIX_INSTANTIATE(S)                               \
  template double least_alpha<S>(const std::string&, Index); \
  template void add_limits(const MStepResult<S>&, const Expectations&, double, Status&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
