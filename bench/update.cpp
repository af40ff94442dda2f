// Times one update of a stream, scored, by the size of its batch, on one thread.

#include <benchmark/benchmark.h>

#include <Eigen/Dense>
#include <cstdint>
#include <string>

#include "varimix/core/block_reduce.hpp"
#include "varimix/em/online_em.hpp"

namespace {

using namespace varimix;

constexpr Index kWarmRows = 4096;  // the rows before, so that a batch is a small share of what is known

template <Subordinator S>
MeanVarianceMixture<S> model_of(Index d, const S& law) {
  return {Vector::Zero(d), Vector::LinSpaced(d, 0.3, -0.3), Matrix(Matrix::Identity(d, d)), law};
}

template <Subordinator S>
void time_update(const std::string& family, const S& law, const std::string& rule_name, const UpdateRule& rule,
                 Index rows, Index d) {
  const std::string name = "update/" + family + "/" + rule_name + "/" + std::to_string(rows) + "x" + std::to_string(d);
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& bench) {
    const auto model = model_of(d, law);
    const RowMatrix x = model.rvs(kWarmRows, Seed{1});
    OnlineEM<MeanVarianceMixture<S>> state(model, rule);
    (void)state.update(x);
    Index first = 0;
    for (auto _ : bench) {
      benchmark::DoNotOptimize(state.update(RowView(x).slice(first, rows)));
      first = first + 2 * rows <= kWarmRows ? first + rows : 0;
    }
    bench.SetItemsProcessed(bench.iterations() * static_cast<std::int64_t>(rows));
  });
}

template <Subordinator S>
void time_updates(const std::string& family, const S& law) {
  for (const auto& [rows, d] : {std::pair<Index, Index>{1, 2}, {1, 20}, {64, 20}, {512, 2}}) {
    time_update(family, law, "EWMA", EWMAUpdate{.w = 0.05}, rows, d);
    time_update(family, law, "NaturalGradient", NaturalGradientUpdate{}, rows, d);
  }
}

}  // namespace

int main(int argc, char** argv) {
  set_threads(1);
  time_updates("NIG", InverseGaussian(1.0, 1.5));
  time_updates("VG", Gamma(1.5, 1.5));
  time_updates("NInvG", InverseGamma(2.5, 1.5));
  time_updates("GH", GeneralizedInverseGaussian(1.0, 1.0, 1.0));
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
