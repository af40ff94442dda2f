#include "dense_information.hpp"

#include <Eigen/Dense>

namespace varimix {

DenseInformation::DenseInformation(const std::function<Vector(const Vector&)>& product, Index size) {
  Matrix columns(size, size);
  for (Index k = 0; k < size; ++k) columns.col(k) = product(Vector::Unit(size, k));
  factorise(columns);
}

DenseInformation::DenseInformation(const Matrix& matrix) { factorise(matrix); }

void DenseInformation::factorise(const Matrix& matrix) {
  const Index size = matrix.rows();
  Index least = 0;
  if (size > 0 && (!matrix.allFinite() || !(matrix.diagonal().minCoeff(&least) > 0.0))) {
    least_eigenvalue_ = matrix.diagonal()(least);
    not_positive_ = Vector::Unit(size, least);
    return;
  }
  scale_ = matrix.diagonal().cwiseSqrt();
  const Vector inverse = scale_.cwiseInverse();
  scaled_ = inverse.asDiagonal() * (0.5 * (matrix + matrix.transpose())) * inverse.asDiagonal();
  if (size == 0) return;
  const Eigen::SelfAdjointEigenSolver<Matrix> values(scaled_, Eigen::EigenvaluesOnly);
  least_eigenvalue_ = values.eigenvalues()(0);
  if (least_eigenvalue_ < kLeastEigenvalue) {
    const Eigen::SelfAdjointEigenSolver<Matrix> vectors(scaled_);
    not_positive_ = inverse.cwiseProduct(vectors.eigenvectors().col(0));
    return;
  }
  scaled_ = scaled_.llt().matrixL();
}

Matrix DenseInformation::solve(const Matrix& b) const {
  const auto lower = scaled_.triangularView<Eigen::Lower>();
  const Vector inverse = scale_.cwiseInverse();
  return inverse.asDiagonal() * lower.transpose().solve(lower.solve(Matrix(inverse.asDiagonal() * b)));
}

}  // namespace varimix
