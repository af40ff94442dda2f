#include "column_order.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <string>
#include <utility>

#include "varimix/core/require.hpp"

namespace varimix {

void require_columns(const std::vector<Index>& columns, Index d) {
  std::vector<bool> is_taken(static_cast<std::size_t>(d), false);
  require(!columns.empty(), "columns", "at least one", columns.size());
  for (const Index column : columns) {
    require(column >= 0 && column < d, "columns", "from 0 to " + std::to_string(d - 1), column);
    require(!is_taken[static_cast<std::size_t>(column)], "columns", "different", column);
    is_taken[static_cast<std::size_t>(column)] = true;
  }
}

std::vector<Index> other_columns(const std::vector<Index>& columns, Index d) {
  std::vector<Index> rest;
  for (Index j = 0; j < d; ++j) {
    if (std::find(columns.begin(), columns.end(), j) == columns.end()) rest.push_back(j);
  }
  return rest;
}

ColumnNames names_of(const ColumnNames& all, const std::vector<Index>& columns) {
  if (all.empty()) return {};
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const Index j : columns) names.push_back(all.names()[static_cast<std::size_t>(j)]);
  return ColumnNames(std::move(names));
}

Matrix reordered_factor(const Matrix& factor, const std::vector<Index>& order) {
  const Matrix rows = factor(order, Eigen::all);
  Matrix reordered = rows.transpose().householderQr().matrixQR().triangularView<Eigen::Upper>().transpose();
  for (Index j = 0; j < reordered.rows(); ++j) {
    if (reordered(j, j) < 0.0) reordered.col(j) = -reordered.col(j);
  }
  return reordered;
}

}  // namespace varimix
