#include "kernel_work.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/transpose_rows.hpp"
#include "correlated_model.hpp"
#include "kernels/accumulate.hpp"
#include "kernels/exponents.hpp"
#include "varimix/core/constants.hpp"

namespace varimix::bench {
KernelWork::KernelWork(Index dimension, Index rows)
    : d(dimension),
      model(correlated_model(d, InverseGaussian(1.0, 1.5))),
      x(model.rvs(rows, Seed{1})),
      origin(Vector::Constant(d, model.mu().maxCoeff())),
      mu(model.mu() - origin),
      direction(model.L_Sigma().triangularView<Eigen::Lower>().solve(model.gamma())),
      gamma_squared(direction.squaredNorm()),
      table(model.subordinator().gig().p - 0.5 * static_cast<double>(d)),
      block(d),
      u(static_cast<std::size_t>(kBlocks * kBlockRows)),
      sum_x(Vector::Zero(d)),
      sum_wx(Vector::Zero(d)),
      sum_wxx(Matrix::Zero(d, d)) {
  const GigParameters gig = model.subordinator().gig();
  posterior = {.order = table.nu(),
               .a = gig.a + gamma_squared,
               .b = gig.b,
               .z_prior = std::sqrt(gig.a) * std::sqrt(gig.b),
               .log_constant = 0.0};
  for (Index k = kBlocks; k-- > 0;) {  // the first block stays
    transpose(k * kBlockRows);
    compute_distances();
    std::transform(block.q.begin(), block.q.end(), u.begin() + k * kBlockRows,
                   [&](double q) { return posterior.a * (posterior.b + q); });
    look_up(k);  // the table makes its octaves before it is timed
  }
  compute_exponents();
}

kernels::RowLaw KernelWork::row_law() const {
  const GigParameters gig = model.subordinator().gig();
  return {.mu = mu.data(),
          .cholesky = model.L_Sigma().data(),
          .cholesky_stride = d,
          .direction = direction.data(),
          .root_a = std::sqrt(gig.a),
          .root_b = std::sqrt(gig.b)};
}

void KernelWork::transpose(Index first) {
  transpose_rows(PackedRows<double>{x.data() + first * d, d, nullptr}, kBlockRows, d, origin.data(), block.x.data(),
                 kBlockStride);
}

void KernelWork::compute_distances() {
  kernels::distance(row_law(), block.x.data(), kBlockRows, kBlockStride, d, block.whitened.data(), distances());
}

void KernelWork::compute_exponents() {
  (void)kernels::distances_and_exponents(row_law(), posterior, gamma_squared, 0.0, block.x.data(), kBlockRows,
                                         kBlockStride, d, block.whitened.data(), q(), block.exponent.data());
}

void KernelWork::look_up(Index k) {
  table.evaluate({u.data() + k * kBlockRows, kBlockRows},
                 {block.log_density.data(), block.inv_y.data(), block.y.data(), block.log_y.data()});
}

void KernelWork::accumulate() {
  kernels::accumulate(block.x.data(), kBlockRows, kBlockStride, d, nullptr, block.inv_y.data(), block.whitened.data(),
                      sum_x.data(), sum_wx.data(), sum_wxx.data());
}

}  // namespace varimix::bench
