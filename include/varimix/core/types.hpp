#pragma once

#include <Eigen/Core>

namespace varimix {

using Index = Eigen::Index;
/// A column of d numbers.
using Vector = Eigen::VectorXd;
/// Parameters such as Sigma, column-major.
using Matrix = Eigen::MatrixXd;
/// Observations, one per row, stored row after row.
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace varimix
