#include "partial_law.hpp"

#include <algorithm>
#include <cmath>

#include "mixture/matrix_kernels.hpp"
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

// With fewer columns, the patterns of rows that miss some of them are few.
constexpr Index kFewestColumns = 10;

// The most that the variance of a column may exceed what is left of it given the others.
constexpr double kMostInflation = 1e4;

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

PartialLaw::PartialLaw(const JointLaw& joint, Precision precision)
    : d_(joint.d()),
      root_a_(std::sqrt(joint.gig.a)),
      root_b_(std::sqrt(joint.gig.b)),
      log_det_root_(joint.cholesky.diagonal().array().log().sum()),
      mu_(joint.mu),
      unit_(d_),
      inverse_unit_(d_),
      log_unit_(Vector::Zero(kernels::places_of(d_))),
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
  if (precision == Precision::kLeaveOut || d_ < kFewestColumns) return;
  factor_ = joint.cholesky;
  direction_ = joint.cholesky.triangularView<Eigen::Lower>().solve(joint.gamma);
  take_precision();
}

void PartialLaw::take_precision() {
  const Matrix inverse = inverse_of(cholesky_);
  const Index places = kernels::places_of(d_);
  precision_ = Matrix::Identity(places, places);
  Matrix square = Matrix::Zero(d_, d_);
  add_square(inverse, 1.0, square);
  precision_.topLeftCorner(d_, d_) = square.selfadjointView<Eigen::Lower>();
  precision_gamma_ = Vector::Zero(places);
  precision_gamma_.head(d_) = inverse.transpose() * (inverse * gamma_);
  inverse_pivot_ = cholesky_.diagonal().head(d_).cwiseInverse();
  has_precision_ = precision_.allFinite() && precision_gamma_.allFinite();
  for (Index j = 0; j < d_; ++j) has_precision_ &= precision_(j, j) * cholesky_.row(j).squaredNorm() <= kMostInflation;
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

kernels::PrecisionLaw PartialLaw::precision_kernel(bool centred) const noexcept {
  return {.d = d_,
          .mu = mu_.data(),
          .inverse_unit = inverse_unit_.data(),
          .log_unit = log_unit_.data(),
          .direction = direction_.data(),
          .cholesky = cholesky_.data(),
          .cholesky_stride = cholesky_.rows(),
          .inverse_pivot = inverse_pivot_.data(),
          .precision = precision_.data(),
          .precision_gamma = precision_gamma_.data(),
          .log_det_root = log_det_root_,
          .root_a = centred ? 0.0 : root_a_,
          .root_b = centred ? 0.0 : root_b_};
}

kernels::RowLaw PartialLaw::complete_kernel(bool centred) const noexcept {
  return {.mu = mu_.data(),
          .cholesky = factor_.data(),
          .cholesky_stride = d_,
          .direction = direction_.data(),
          .root_a = centred ? 0.0 : root_a_,
          .root_b = centred ? 0.0 : root_b_};
}

}  // namespace varimix
