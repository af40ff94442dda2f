#pragma once

#include <memory>
#include <vector>

#include "fisher_information.hpp"
#include "shape_coordinates.hpp"

namespace varimix {

/// A moment of Y in the information of complete data is at most this, where it may be infinite.
inline constexpr double kLargestMoment = 11.0;

/// The information in a model that natural-gradient steps need, per row.
struct RowInformation {
  InformationBlocks fisher;    ///< F
  InformationBlocks complete;  ///< that of a row whose Y is seen
  InformationBlocks prior;     ///< C, that of a row of the prior
};

/// Returns all of them at a shape and a length g of gamma in the frame.
template <Subordinator S>
[[nodiscard]] RowInformation row_information(const ShapeVector<S>& psi, double g, Index d);

/// Returns C at a shape: the information of complete data, except that about psi. For laws of one shape that is at most
/// 8: near the Gaussian limit complete data tell psi hundreds of times as well as rows do,
/// and would hold it there for thousands of rows. For a GIG it is raised, since without that its shape walks along the
/// faces, where the likelihood is flat.
template <Subordinator S>
[[nodiscard]] InformationBlocks prior_at(const ShapeVector<S>& psi, Index d);

/// Gives the information of a row at any model of one dimension, interpolated between the nodes of a grid, 0.125 wide
/// in psi and 0.06 in asinh(g / 0.3). The information at a node is computed once while models stay near it, and once for
/// all fits of a thread that meet it: those of other batches of like rows, other starts, replicas. What is given is a
/// continuous function of the model alone: a fit that goes on from a checkpoint has the same bits.
template <Subordinator S>
class InformationGrid {
 public:
  [[nodiscard]] RowInformation at(const ShapeVector<S>& psi, double g, Index d);

  /// True if this grid holds the nodes that `other` holds, and no more.
  [[nodiscard]] bool has_nodes_of(const InformationGrid& other) const noexcept { return nodes_ == other.nodes_; }

 private:
  using Number = Eigen::Matrix<double, kShapeCount<S> + 1, 1>;
  struct Node {
    Number number;
    Index d;
    RowInformation information;
  };
  using Nodes = std::vector<std::shared_ptr<const Node>>;  // the newest last
  [[nodiscard]] std::shared_ptr<const Node> node(const Number& number, Index d);
  [[nodiscard]] static std::shared_ptr<const Node> node_of_thread(const Number& number, Index d);
  std::shared_ptr<const Nodes> nodes_ = std::make_shared<const Nodes>();  // copies of a grid share it
};

}  // namespace varimix
