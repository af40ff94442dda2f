#include "row_information.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>

#include "mixture/families.hpp"

namespace varimix {
namespace {

constexpr double kShapeStep = 0.125;
constexpr double kSkewnessStep = 0.06;
constexpr double kSkewnessUnit = 0.3;
constexpr std::size_t kNodesKept = 24;       // three boxes of the grid of a law of two shapes
constexpr std::size_t kNodesOfThread = 256;  // a third of a megabyte
// The information of a VarianceGamma of small alpha is infinite because of the rows nearest to mu, that of a
// NormalInverseGamma of small alpha because of the farthest. They count for nothing: few of them are in a sample.
constexpr double kTailOfGamma = 1e-3;
constexpr double kTailOfInverseGamma = 3e-4;
constexpr double kLargestPriorOfShape = 8.0;
const Eigen::Vector2d kGigDamping(0.02, 0.1);

template <Subordinator S>
Tails infinite_tails() {
  return {.below = std::same_as<S, Gamma> ? kTailOfGamma : 0.0,
          .above = std::same_as<S, InverseGamma> ? kTailOfInverseGamma : 0.0};
}

}  // namespace

template <Subordinator S>
InformationBlocks prior_at(const ShapeVector<S>& psi, Index d) {
  InformationBlocks prior = complete_information(ShapeCoordinates<S>::point(psi), d, kLargestMoment);
  auto of_psi = prior.scalars.diagonal().template tail<kShapeCount<S>>();
  if constexpr (std::same_as<S, GeneralizedInverseGaussian>) {
    of_psi += kGigDamping;
  } else {
    of_psi(0) = std::min(of_psi(0), kLargestPriorOfShape);
  }
  return prior;
}

template <Subordinator S>
RowInformation row_information(const ShapeVector<S>& psi, double g, Index d) {
  const ShapePoint point = ShapeCoordinates<S>::point(psi);
  return {fisher_information(point, g, d, infinite_tails<S>()), complete_information(point, d, kLargestMoment),
          prior_at<S>(psi, d)};
}

template <Subordinator S>
auto InformationGrid<S>::node_of_thread(const Number& number, Index d) -> std::shared_ptr<const Node> {
  thread_local Nodes nodes;
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const auto& node) { return node->number == number && node->d == d; });
  if (found != nodes.end()) return *found;
  const ShapeVector<S> psi =
      ShapeCoordinates<S>::within_bounds(kShapeStep * number.template head<kShapeCount<S>>(), 0.0);
  const double g = kSkewnessUnit * std::sinh(kSkewnessStep * number(kShapeCount<S>));
  if (nodes.size() == kNodesOfThread) nodes.erase(nodes.begin());
  nodes.push_back(std::make_shared<const Node>(Node{number, d, row_information<S>(psi, g, d)}));
  return nodes.back();
}

template <Subordinator S>
auto InformationGrid<S>::node(const Number& number, Index d) -> std::shared_ptr<const Node> {
  const auto found =
      std::find_if(nodes_->rbegin(), nodes_->rend(), [&](const auto& node) { return node->number == number; });
  if (found != nodes_->rend()) return *found;
  auto with =
      std::make_shared<Nodes>(nodes_->size() < kNodesKept ? nodes_->begin() : nodes_->begin() + 1, nodes_->end());
  with->push_back(node_of_thread(number, d));
  nodes_ = with;
  return with->back();
}

template <Subordinator S>
RowInformation InformationGrid<S>::at(const ShapeVector<S>& psi, double g, Index d) {
  constexpr int kAxes = kShapeCount<S> + 1;
  Number place;
  place << psi / kShapeStep, std::asinh(g / kSkewnessUnit) / kSkewnessStep;
  const Number corner = place.array().floor();
  const Number along = place - corner;
  RowInformation sum;
  for (int k = 0; k < (1 << kAxes); ++k) {
    Number number = corner;
    double share = 1.0;
    for (int axis = 0; axis < kAxes; ++axis) {
      const bool is_upper = ((k >> axis) & 1) != 0;
      number(axis) += is_upper ? 1.0 : 0.0;
      share *= is_upper ? along(axis) : 1.0 - along(axis);
    }
    if (share == 0.0) continue;
    const std::shared_ptr<const Node> at_node = node(number, d);
    for (const auto form : {&RowInformation::complete, &RowInformation::prior, &RowInformation::fisher}) {
      add(share, at_node->information.*form, sum.*form);
    }
  }
  return sum;
}

#define VARIMIX_INSTANTIATE(S)                                                      \
  template InformationBlocks prior_at<S>(const ShapeVector<S>&, Index);             \
  template RowInformation row_information<S>(const ShapeVector<S>&, double, Index); \
  template class InformationGrid<S>;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
