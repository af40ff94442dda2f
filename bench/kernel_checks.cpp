#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernel_work.hpp"
#include "varimix/core/constants.hpp"

namespace varimix::bench {
namespace {

// Plain loops lose digits where they cancel, some at d = 100. A kernel that computes something else is wrong by more.
constexpr double kTolerance = 1e-9;

void require_close(const std::string& what, double found, double expected, double scale) {
  if (std::abs(found - expected) <= kTolerance * scale) return;
  throw std::runtime_error(what + " is " + std::to_string(found) + ", not " + std::to_string(expected));
}

void require_close(const std::string& what, double found, double expected) {
  require_close(what, found, expected, std::max(1.0, std::abs(expected)));
}

double column(const KernelWork& work, Index i, Index j) {
  return work.block.x[static_cast<std::size_t>(j * kBlockStride + i)];
}

void check_transpose(const KernelWork& work, Index i) {
  for (Index j = 0; j < work.d; ++j) {
    if (column(work, i, j) != work.x(i, j) - work.origin[j]) throw std::runtime_error("transpose_rows is wrong");
  }
}

/// Returns v = L^{-1}(x - mu) of row i.
std::vector<double> whitened(const KernelWork& work, Index i) {
  std::vector<double> v;
  for (Index j = 0; j < work.d; ++j) {
    double rest = work.x(i, j) - work.model.mu()[j];
    for (Index k = 0; k < j; ++k) rest -= work.model.L_Sigma()(j, k) * v[static_cast<std::size_t>(k)];
    v.push_back(rest / work.model.L_Sigma()(j, j));
  }
  return v;
}

void check_distance_and_exponent(const KernelWork& work, Index i) {
  const std::vector<double> v = whitened(work, i);
  const kernels::RowLaw law = work.row_law();
  double q = 0.0;
  double projection = 0.0;
  double along = 0.0;
  for (Index j = 0; j < work.d; ++j) {
    const double value = v[static_cast<std::size_t>(j)];
    q += value * value;
    projection += law.direction[j] * value;
    along += std::pow(law.root_b * law.direction[j] - law.root_a * value, 2);
  }
  const auto row = static_cast<std::size_t>(i);
  require_close("distance", work.block.q[row], q);
  require_close("projection", work.block.projection[row], projection);
  require_close("misalignment", work.block.misalignment[row], along + work.gamma_squared * q - projection * projection);
  const double z = std::sqrt(work.posterior.a * (work.posterior.b + q));
  const double scaled_by = z * z < kScaledNormalizerFrom ? 0.0 : z;
  require_close("exponent", work.block.exponent[row], projection + work.posterior.z_prior - scaled_by,
                z + std::abs(projection));
}

void check_table(KernelWork& work) {
  work.look_up(0);
  const RowBlock& block = work.block;
  for (std::size_t i = 0; i < kBlockRows; ++i) {
    double log_normalizer = 0.0;
    double inv_y = 0.0;
    double y = 0.0;
    double log_y = 0.0;
    gig_moments(work.posterior.order, {&work.u[i], 1}, {&log_normalizer, &inv_y, &y, &log_y});
    require_close("log normalizer", block.log_density[i], log_normalizer);
    require_close("E[1/Y]", block.inv_y[i], inv_y, inv_y);
    require_close("E[Y]", block.y[i], y, y);
    require_close("E[log Y]", block.log_y[i], log_y);
  }
}

void check_accumulate(KernelWork& work) {
  work.sum_x.setZero();
  work.sum_wx.setZero();
  work.sum_wxx.setZero();
  work.accumulate();
  const Index d = work.d;
  Vector x = Vector::Zero(d);
  Vector wx = Vector::Zero(d);
  Matrix wxx = Matrix::Zero(d, d);
  for (Index i = 0; i < kBlockRows; ++i) {
    for (Index j = 0; j < d; ++j) {
      const double weighted = work.block.inv_y[static_cast<std::size_t>(i)] * column(work, i, j);
      x[j] += column(work, i, j);
      wx[j] += weighted;
      for (Index k = 0; k <= j; ++k) wxx(j, k) += weighted * column(work, i, k);
    }
  }
  constexpr double kSize = kBlockRows;  // sums of so many numbers of size 1
  for (Index j = 0; j < d; ++j) {
    require_close("sum of x", work.sum_x[j], x[j], kSize);
    require_close("sum of w x", work.sum_wx[j], wx[j], kSize);
    for (Index k = 0; k <= j; ++k) require_close("sum of w x x'", work.sum_wxx(j, k), wxx(j, k), kSize);
  }
}

}  // namespace

void check_kernels(KernelWork& work) {
  work.transpose(0);
  work.compute_distances();
  work.compute_exponents();
  for (Index i = 0; i < kBlockRows; ++i) {
    check_transpose(work, i);
    check_distance_and_exponent(work, i);
  }
  check_table(work);
  check_accumulate(work);
}

}  // namespace varimix::bench
