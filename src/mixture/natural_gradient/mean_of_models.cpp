#include "mean_of_models.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "mixture/families.hpp"
#include "shape_gauge.hpp"

namespace varimix {
namespace {

/// Returns what a value of E[Y] Y tells of gamma where mu is not known, as a share of what it tells where mu is:
/// 1 - 1/(E[Y] E[1/Y]), from 0 for a Gaussian to 1.
template <Subordinator S>
double weight_of_gamma(const MeanVarianceMixture<S>& model) {
  const double tail_weight = model.tail_weight();
  return std::isinf(tail_weight) ? 1.0 : tail_weight / (1.0 + tail_weight);
}

/// Returns true if mu, gamma or Sigma is fixed: then only the plain mean keeps the others where they are.
template <Subordinator S>
bool holds_normal_part(const FixedParameters<S>& fixed) {
  return fixed.mu.has_value() || fixed.gamma.has_value() || fixed.L_Sigma.has_value();
}

/// The mean of shapes by weight: of psi, or, where a law of Y has two free shapes, of log E[1/Y] and E[log Y] where
/// E[Y] = 1. Likelihoods are ridges in (p, log sqrt(ab)), along which these moments change little.
template <Subordinator S>
class MeanOfShapes {
 public:
  explicit MeanOfShapes(const MStepOptions<S>& options)
      : least_alpha_(options.alpha_min), by_moments_(kShapeCount<S> > 1 && !options.fixed.shape.any()) {}
  void add(double share, const ShapeVector<S>& psi) {
    psi_ += share * psi;
    if (!by_moments_) return;
    const S law = ShapeCoordinates<S>::law(psi);
    log_inv_y_ += share * std::log(law.E_inv_Y());
    log_y_ += share * law.E_log_Y();
  }
  /// Returns the law of the mean, or nothing if no law has its moments.
  [[nodiscard]] std::optional<S> law() const {
    ShapeVector<S> psi = psi_;
    if (by_moments_) {
      if (!(log_inv_y_ > 0.0 && -log_inv_y_ < log_y_ && log_y_ < 0.0)) return std::nullopt;
      psi = ShapeCoordinates<S>::shape(S::maximum_likelihood(std::exp(log_inv_y_), 1.0, log_y_).law, least_alpha_);
    }
    return ShapeCoordinates<S>::law(ShapeCoordinates<S>::within_bounds(psi, least_alpha_));
  }

 private:
  double least_alpha_;
  bool by_moments_;
  ShapeVector<S> psi_ = ShapeVector<S>::Zero();
  double log_inv_y_ = 0.0;
  double log_y_ = 0.0;
};

}  // namespace

template <Subordinator S>
std::optional<MeanVarianceMixture<S>> mean_of(std::span<const WeightedModel<S>> models,
                                              const MStepOptions<S>& options) {
  const MeanVarianceMixture<S>& first = *models.front().model;
  const Index d = first.d();
  const bool is_plain = holds_normal_part(options.fixed);
  double total = 0.0;
  for (const auto& each : models) total += each.weight;
  Vector centre = first.mu();  // mean of mu + gamma
  Vector gamma = Vector::Zero(d);
  Matrix sigma = Matrix::Zero(d, d);
  double weight = 0.0;
  MeanOfShapes<S> shapes(options);
  double log_scale = 0.0;
  for (const auto& each : models) {
    const InShapeGauge<S> model(*each.model, options.alpha_min);
    const double share = each.weight / total;
    const double of_gamma = share * (is_plain ? 1.0 : weight_of_gamma(*each.model));
    weight += of_gamma;
    gamma += of_gamma * model.gamma;
    centre += share * (model.mu - first.mu() + model.gamma);
    sigma += share * model.sigma_factor * model.sigma_factor.transpose();
    if (!is_plain) sigma += of_gamma * model.gamma * model.gamma.transpose();
    shapes.add(share, model.psi);
    log_scale += share * std::log(model.scale);
  }
  gamma /= weight;
  if (!is_plain) sigma -= weight * gamma * gamma.transpose();
  if (!sigma.allFinite()) return std::nullopt;
  const Eigen::LLT<Matrix> llt(sigma);
  if (!(weight > 0.0) || llt.info() != Eigen::Success || !centre.allFinite() || !gamma.allFinite()) return std::nullopt;
  const std::optional<S> law = shapes.law();
  if (!law) return std::nullopt;
  double scale = std::exp(log_scale);
  if (!options.fixed.tie_scale()) scale *= scale_to_fixed<S>(law->rescale_y(scale), options.fixed);
  const MeanVarianceMixture<S> mean(Vector(centre - gamma), Vector(gamma / scale),
                                    Matrix(Matrix(llt.matrixL()) / std::sqrt(scale)), law->rescale_y(scale));
  return with_fixed(mean, options.fixed);
}

template <Subordinator S>
ShapeLimit shape_limit(const MeanVarianceMixture<S>& model, const MStepOptions<S>& options) {
  const auto& held = options.fixed.shape.values;
  if (std::all_of(held.begin(), held.end(), [](const auto& value) { return value.has_value(); })) {
    return ShapeLimit::kNone;
  }
  return ShapeCoordinates<S>::limit(ShapeCoordinates<S>::shape(model.subordinator(), options.alpha_min),
                                    options.alpha_min);
}

// NOLINTBEGIN(bugprone-macro-parentheses): S is a type
#define VARIMIX_INSTANTIATE(S)                                                                                       \
  template std::optional<MeanVarianceMixture<S>> mean_of(std::span<const WeightedModel<S>>, const MStepOptions<S>&); \
  template ShapeLimit shape_limit(const MeanVarianceMixture<S>&, const MStepOptions<S>&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace varimix
