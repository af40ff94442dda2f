#include "column_order.hpp"

#include <Eigen/Dense>
#include <algorithm>

namespace varimix {

std::vector<Index> other_columns(const std::vector<Index>& columns, Index d) {
  std::vector<Index> rest;
  for (Index j = 0; j < d; ++j) {
    if (std::find(columns.begin(), columns.end(), j) == columns.end()) rest.push_back(j);
  }
  return rest;
}

Matrix reordered_factor(const Matrix& factor, const std::vector<Index>& order) {
  const Matrix rows = factor(order, Eigen::all);
  Matrix reordered = rows.transpose().householderQr().matrixQR().triangularView<Eigen::Upper>().transpose();
  for (Index j = 0; j < reordered.cols(); ++j) {
    if (reordered(j, j) < 0.0) reordered.col(j) = -reordered.col(j);
  }
  return reordered;
}

}  // namespace varimix
