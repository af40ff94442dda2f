#pragma once

#include <cmath>

#include "model_frame.hpp"

namespace varimix {

/// The shares of the rows that show each column, as factors of directions and gradients: a fit that may move Sigma and
/// gamma only in proportion knows the mean share alone.
class ShownColumns {
 public:
  ShownColumns(const Vector& shown, bool by_column, const ModelFrame& frame)
      : root_(shown.cwiseSqrt()), frame_(frame), mean_root_(shown.size() > 0 ? std::sqrt(shown.mean()) : 1.0) {
    if (!by_column && root_.size() > 0) root_.setConstant(mean_root_);
  }
  void multiply(Direction& inout) const {
    if (root_.size() > 0) frame_.scale_columns(root_, mean_root_, inout);
  }
  void divide(Direction& inout) const {
    if (root_.size() > 0) frame_.scale_columns(root_.cwiseInverse(), 1.0 / mean_root_, inout);
  }

 private:
  Vector root_;
  const ModelFrame& frame_;
  double mean_root_;
};

}  // namespace varimix
