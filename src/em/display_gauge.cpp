#include "display_gauge.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <concepts>

#include "../mixture/families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix {
namespace {

/// The factor s of Y -> sY that takes a model to a gauge of display; 0 or inf where the gauge does not exist.
template <Subordinator S>
double display_factor(const NormalMixture<S>& model, const DisplayGauge<S>& gauge) {
  const auto d = static_cast<double>(model.d());
  const std::string& regularization = gauge.regularization;
  if (regularization == "mean_y_one") return 1.0 / model.subordinator().E_Y();
  if (regularization == "det_sigma_one") return std::exp(model.log_det_sigma() / d);
  if (regularization == "det_sigma_x") return std::exp((model.log_det_sigma() - gauge.initial.log_det_sigma()) / d);
  if (regularization == "a_eq_b") {
    const GigParameters gig = model.subordinator().gig();
    return std::sqrt(gig.a / gig.b);
  }
  return 1.0;
}

bool is_zero_or_normal(double value) { return value == 0.0 || std::isnormal(value); }

}  // namespace

template <Subordinator S>
void check_display_gauge(const std::string& regularization) {
  check_regularization(regularization);
  constexpr bool kAlwaysOnAFace = std::same_as<S, Gamma> || std::same_as<S, InverseGamma>;
  require(!kAlwaysOnAFace || regularization != "a_eq_b", "regularization",
          std::string("another than 'a_eq_b' for ") + kFamilyName<S> + ", whose a or b is 0",
          "'" + regularization + "'");
}

template <Subordinator S>
NormalMixture<S> in_display_gauge(const NormalMixture<S>& model, const DisplayGauge<S>& gauge, Status& out_status) {
  if (gauge.regularization == "none" && gauge.fixed.depend_on_gauge()) {
    return with_fixed(model.rescale_y(1.0 / gauge.working), gauge.fixed);
  }
  const double s = display_factor(model, gauge);
  if (!std::isnormal(s)) {
    out_status.add(StatusCode::kGaugeNotDefined, "'" + gauge.regularization + "'; E[Y] of the data is 1");
    return model;
  }
  return model.rescale_y(s);
}

template <Subordinator S>
bool can_be_rescaled(const NormalMixture<S>& model, const Expectations& eta, double s) {
  const GigParameters gig = model.subordinator().gig();
  const Vector whitened_gamma = model.L_Sigma().template triangularView<Eigen::Lower>().solve(model.gamma());
  return std::isnormal(s) && std::isfinite(whitened_gamma.squaredNorm() / s) && (model.gamma() / s).allFinite() &&
         (model.L_Sigma() / std::sqrt(s)).allFinite() && (eta.x_inv_y / s).allFinite() &&
         (eta.xx_inv_y / s).allFinite() && std::isfinite(eta.inv_y / s) && is_zero_or_normal(gig.a / s) &&
         is_zero_or_normal(gig.b * s);
}

#define VARIMIX_INSTANTIATE(S)                                                                          \
  template void check_display_gauge<S>(const std::string&);                                             \
  template NormalMixture<S> in_display_gauge(const NormalMixture<S>&, const DisplayGauge<S>&, Status&); \
  template bool can_be_rescaled(const NormalMixture<S>&, const Expectations&, double);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
