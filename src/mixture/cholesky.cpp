#include "varimix/mixture/cholesky.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <sstream>
#include <string>

#include "core/all_finite.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

// Two entries of a symmetric sigma may differ by this fraction of their standard deviations.
constexpr double kSymmetryTolerance = 1e-10;

const Eigen::IOFormat kRows(Eigen::StreamPrecision, Eigen::DontAlignCols, ", ", ", ", "[", "]", "[", "]");

}  // namespace

void require_finite(const Eigen::Ref<const Matrix>& values, const char* name) {
  const bool is_dense = values.outerStride() == values.rows();
  if (is_dense ? all_finite(Vector::Map(values.data(), values.size())) : all_finite(values)) return;
  require(false, name, "finite", (values.cols() == 1 ? Matrix(values.transpose()) : Matrix(values)).format(kRows));
}

Matrix checked_cholesky(const Matrix& sigma, Index d, const char* name) {
  require_square(sigma, d, name);
  require_finite(sigma, name);
  for (Index j = 0; j < d; ++j) {
    for (Index k = 0; k < j; ++k) {
      const double scale = std::sqrt(std::abs(sigma(j, j))) * std::sqrt(std::abs(sigma(k, k)));
      if (std::abs(sigma(j, k) - sigma(k, j)) <= kSymmetryTolerance * scale) continue;
      std::ostringstream shown;
      shown << sigma(j, k) << " at (" << j << ", " << k << ") and " << sigma(k, j) << " at (" << k << ", " << j << ")";
      require(false, name, "symmetric", shown.str());
    }
  }
  const Eigen::LLT<Matrix> llt(sigma);
  require(llt.info() == Eigen::Success, name, "positive definite", sigma.format(kRows));
  return llt.matrixL();
}

Matrix raised_cholesky(const Matrix& f, const Vector& least, std::vector<Index>& out_raised) {
  const Index n = f.rows();
  Matrix factor = Matrix::Zero(n, n);
  for (Index j = 0; j < n; ++j) {
    double pivot = f(j, j) - factor.row(j).head(j).squaredNorm();
    if (!(pivot > least(j))) {
      pivot = least(j);
      out_raised.push_back(j);
    }
    factor(j, j) = std::sqrt(pivot);
    const Index below = n - j - 1;
    factor.col(j).tail(below) =
        (f.col(j).tail(below) - factor.bottomLeftCorner(below, j) * factor.row(j).head(j).transpose()) / factor(j, j);
  }
  return factor;
}

}  // namespace varimix
