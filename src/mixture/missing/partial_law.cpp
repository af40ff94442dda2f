#include "partial_law.hpp"

#include <algorithm>
#include <cmath>

#include "varimix/core/constants.hpp"

namespace varimix {
namespace {

/// Returns the exponent e of a unit 2^e so that x / 2^e has a magnitude of 1/2 to 1, as far as 2^-e is a normal double.
int exponent_of_unit(double x) {
  constexpr int kMost = 1020;
  int exponent = 0;
  (void)std::frexp(x, &exponent);
  return std::clamp(exponent, -kMost, kMost);
}

/// Marks the columns before which the logarithm of a product of pivots is taken. The pivot of column j lies between L_jj
/// and the length of row j of L.
std::vector<std::uint8_t> logarithms_taken(const Matrix& cholesky) {
  constexpr double kMost = 1e290;
  std::vector<std::uint8_t> takes(static_cast<std::size_t>(cholesky.cols()), 0);
  double least = 1.0;
  double most = 1.0;
  for (Index j = 0; j < cholesky.cols(); ++j) {
    const double pivot = cholesky(j, j);
    const double length = cholesky.row(j).head(j + 1).norm();
    if (least * pivot * kMost < 1.0 || most * length > kMost) {
      takes[static_cast<std::size_t>(j)] = 1;
      least = most = 1.0;
    }
    least *= std::min(1.0, pivot);
    most *= std::max(1.0, length);
  }
  return takes;
}

}  // namespace

PartialLaw::PartialLaw(const JointLaw& joint)
    : d_(joint.d()),
      root_a_(std::sqrt(joint.gig.a)),
      root_b_(std::sqrt(joint.gig.b)),
      mu_(joint.mu),
      unit_(d_),
      inverse_unit_(d_),
      log_unit_(d_),
      gamma_(d_),
      cholesky_(Matrix::Zero(2 * d_, d_)) {
  for (Index j = 0; j < d_; ++j) {
    const int exponent = exponent_of_unit(joint.cholesky.row(j).head(j + 1).cwiseAbs().maxCoeff());
    unit_(j) = std::ldexp(1.0, exponent);
    inverse_unit_(j) = std::ldexp(1.0, -exponent);
    log_unit_(j) = exponent * kLogTwo;
    gamma_(j) = joint.gamma(j) * inverse_unit_(j);
    cholesky_.row(j).head(j + 1) = joint.cholesky.row(j).head(j + 1) * inverse_unit_(j);
  }
  takes_logarithm_ = logarithms_taken(cholesky_);
}

kernels::PartialRowLaw PartialLaw::kernel(bool centred) const noexcept {
  return {.d = d_,
          .mu = mu_.data(),
          .inverse_unit = inverse_unit_.data(),
          .log_unit = log_unit_.data(),
          .gamma = gamma_.data(),
          .cholesky = cholesky_.data(),
          .takes_logarithm = takes_logarithm_.data(),
          .root_a = centred ? 0.0 : root_a_,
          .root_b = centred ? 0.0 : root_b_};
}

}  // namespace varimix
