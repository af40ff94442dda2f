#include "display_gauge.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <concepts>

#include "mixture/families.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// Returns the factor s of Y -> sY that takes a model to a gauge of display; 0 or inf where the gauge does not exist.
template <Subordinator S>
double display_factor(const MeanVarianceMixture<S>& model, const DisplayGauge<S>& gauge) {
  const auto d = static_cast<double>(model.d());
  const GigParameters gig = model.subordinator().gig();
  switch (gauge.regularization) {
    case Regularization::kNone:
      return 1.0;
    case Regularization::kMeanYOne:
      return 1.0 / model.subordinator().E_Y();
    case Regularization::kDetSigmaOne:
      return std::exp(model.log_det_sigma() / d);
    case Regularization::kDetSigmaX:
      return std::exp((model.log_det_sigma() - gauge.initial_log_det) / d);
    case Regularization::kAEqB:
      return std::sqrt(gig.a / gig.b);
  }
  return 1.0;
}

}  // namespace

template <Subordinator S>
void check_display_gauge(Regularization regularization) {
  constexpr bool kAlwaysOnAFace = std::same_as<S, Gamma> || std::same_as<S, InverseGamma>;
  require(!kAlwaysOnAFace || regularization != Regularization::kAEqB, "regularization",
          std::string("another than 'a_eq_b' for ") + kFamilyName<S> + ", whose a or b is 0",
          in_quotes(regularization));
}

template <Subordinator S>
MeanVarianceMixture<S> in_display_gauge(const MeanVarianceMixture<S>& model, const DisplayGauge<S>& gauge,
                                        Status& out_status) {
  if (gauge.regularization == Regularization::kNone && gauge.fixed.depend_on_gauge()) {
    return with_fixed(model.rescale_y(1.0 / gauge.working), gauge.fixed);
  }
  const double s = display_factor(model, gauge);
  if (!std::isnormal(s)) {
    out_status.add(StatusCode::kGaugeNotDefined, in_quotes(gauge.regularization) + "; E[Y] of the data is 1");
    return model;
  }
  return model.rescale_y(s);
}

#define VARIMIX_INSTANTIATE(S)                          \
  template void check_display_gauge<S>(Regularization); \
  template MeanVarianceMixture<S> in_display_gauge(const MeanVarianceMixture<S>&, const DisplayGauge<S>&, Status&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
