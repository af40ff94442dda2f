#include "varimix/mixture/sampling.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "families.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix {

template <Subordinator S>
RowMatrix draw_rows(const MeanVarianceMixture<S>& model, Index n, const Seed& seed) {
  RowMatrix rows(n, model.d());
  parallel_for((n + kBlockRows - 1) / kBlockRows, [&](Index block) {
    Vector z(model.d());
    Vector row(model.d());
    const Index end = std::min(n, (block + 1) * kBlockRows);
    for (Index i = block * kBlockRows; i < end; ++i) {
      CounterStream stream(seed, StreamPurpose::kModelRows, static_cast<std::uint64_t>(i));
      const double y = model.subordinator().sample(stream);
      for (double& z_j : z) z_j = stream.normal();
      row.noalias() = model.L_Sigma().template triangularView<Eigen::Lower>() * z;
      rows.row(i) = (model.mu() + y * model.gamma() + std::sqrt(y) * row).transpose();
    }
  });
  return rows;
}

#define VARIMIX_INSTANTIATE(S) template RowMatrix draw_rows(const MeanVarianceMixture<S>&, Index, const Seed&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
