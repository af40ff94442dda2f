#include "whitening.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "varimix/mixture/cholesky.hpp"

namespace varimix {
namespace {

// The square of the smallest deviation that has a square.
constexpr double kLeastVariance = 1e-300;
// A pivot of the correlation below this is rounding as much as information, as in default_init.
constexpr double kLeastPivot = 1e-10;

}  // namespace

Whitening whitening(const Matrix& covariance) {
  const Index d = covariance.rows();
  Whitening factors{Vector::Ones(d), Matrix::Identity(d, d), {}, {}};
  for (Index j = 0; j < d; ++j) {
    if (covariance(j, j) >= kLeastVariance) {
      factors.deviation(j) = std::sqrt(covariance(j, j));
    } else {
      factors.constant.push_back(j);
    }
  }
  if (!factors.constant.empty()) return factors;
  Matrix correlation = Matrix::Identity(d, d);
  for (Index j = 0; j < d; ++j) {
    for (Index k = 0; k < j; ++k) correlation(j, k) = covariance(j, k) / factors.deviation(j) / factors.deviation(k);
  }
  factors.root = raised_cholesky(correlation, Vector::Constant(d, kLeastPivot), factors.collinear);
  return factors;
}

}  // namespace varimix
