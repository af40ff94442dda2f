#include "drawn_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mixture/families.hpp"
#include "subordinator/monotone_root.hpp"
#include "varimix/stats/gauge.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix {
namespace {

/// Returns the mean share of the target in fields first, ..., last of the layout.
double mean_share(const Eta& share, Index first, Index last) {
  const Index begin = share.layout.begin(first);
  return share.values.segment(begin, share.layout.end(last) - begin).mean();
}

}  // namespace

MixtureStatistics about(Eta eta, const Vector& mu, double scale) {
  return mixture_statistics(rescale_y(with_origin(std::move(eta), mu), 1.0 / scale));
}

Eta drawn_to(const NaturalTarget& target, const Eta& eta, double scale_of_eta, double scale) {
  return blend_by_field(rescale_y(eta, scale / scale_of_eta), target.target, target.share);
}

double score_of_unit(const MixtureStatistics& eta, const GigParameters& law, const ModelFrame& frame) {
  const double g = frame.skewness();
  const double distance = frame.into(eta.xx_inv_y).trace();
  const double half_d = 0.5 * static_cast<double>(eta.x.size());
  return half_d - law.p + 0.5 * ((law.a + g * g) * eta.y - law.b * eta.inv_y - distance);
}

template <Subordinator S>
double best_scale(const NaturalTarget& target, const Eta& eta, const InShapeGauge<S>& model, const ModelFrame& frame) {
  constexpr double kWidth = 0.1;
  constexpr double kFarthest = 20.0;  // in log e
  const GigParameters law = ShapeCoordinates<S>::point(model.psi).law;
  const auto score_at = [&](double log_e) {
    const double scale = model.scale * std::exp(log_e);
    return -score_of_unit(about(drawn_to(target, eta, model.scale, scale), model.mu, scale), law, frame);
  };
  if (!std::isfinite(score_at(0.0))) return model.scale;
  return model.scale * std::exp(increasing_root(score_at, 0.0, kWidth, -kFarthest, kFarthest));
}

ScalarMatrix without_unit(const ScalarMatrix& complete, const ShapePoint& shape, double g, Index d) {
  const auto times = [](double a, double b) { return a == 0.0 ? 0.0 : a * b; };  // the moment may be infinite
  const double inv_y = shape.mean(0);
  const double y = std::min(shape.mean(1), kLargestMoment);
  ScalarVector cross(complete.rows());  // the information shared by a scalar and log e
  cross.head<3>() << -g, -g * y, -0.5;
  if (d > 1) cross(3) = -0.5 * static_cast<double>(d - 1);
  for (Index k = 0; k < shape.slope.cols(); ++k) {
    cross(cross.size() - shape.slope.cols() + k) =
        shape.slope(2, k) + times(shape.slope(1, k), y) - times(shape.slope(0, k), inv_y);
  }
  const double of_unit = 0.5 * ((shape.law.a + 2.0 * g * g) * y + times(shape.law.b, inv_y) + static_cast<double>(d));
  return complete - cross * cross.transpose() / of_unit;
}

InformationBlocks drawn_information(const InformationBlocks& fisher, const InformationBlocks& complete,
                                    const Eta& share) {
  // the fields of the layout of a mean-variance mixture
  constexpr Index kInvY = 0;
  constexpr Index kY = 1;
  constexpr Index kX = 2;
  constexpr Index kXInvY = 3;
  constexpr Index kXXInvY = 4;
  const double of_sigma = mean_share(share, kXXInvY, kXXInvY);
  const Eigen::Vector3d vector_share(mean_share(share, kXInvY, kXInvY), mean_share(share, kX, kX), of_sigma);
  const Index size = fisher.scalars.rows();
  ScalarVector scalar_share = ScalarVector::Constant(size, mean_share(share, kInvY, kY));
  scalar_share.head<3>() = vector_share;
  if (fisher.vectors(1, 1) > 0.0) scalar_share(3) = of_sigma;
  const auto parts = [](const auto& shares, const auto& of_rows, const auto& of_target) {
    const auto own = (1.0 - shares.array()).sqrt().matrix().eval();
    const auto targets = shares.array().sqrt().matrix().eval();
    auto sum = (own.asDiagonal() * of_rows * own.asDiagonal()).eval();
    sum += targets.asDiagonal() * of_target * targets.asDiagonal();
    return sum;
  };
  return {parts(scalar_share, fisher.scalars, complete.scalars), parts(vector_share, fisher.vectors, complete.vectors),
          (1.0 - of_sigma) * fisher.traceless + of_sigma * complete.traceless};
}

#define VARIMIX_INSTANTIATE(S) \
  template double best_scale(const NaturalTarget&, const Eta&, const InShapeGauge<S>&, const ModelFrame&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
