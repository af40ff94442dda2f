// Times the E-step and the mean log density of rows with a fifth of their values missing in random patterns, beside the
// same rows when complete. missing.py runs this program.
//
//   missing [--benchmark_...]
//
// The time of a row is 1e9 / items_per_second ns. Names are BM_<unit>/<kind of rows>/<d>/<rows of a call>. One thread
// is used. There are 131,072 rows, too many for the second-level cache; calls of fewer rows take them in turn.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include "varimix/core/block_reduce.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix::bench {
namespace {

constexpr Index kRows = 131'072;
constexpr double kShareMissing = 0.2;

/// Returns an NIG with correlations of 1/2 and skewness in every other column.
NormalInverseGaussian model_of(Index d) {
  const Matrix sigma = 0.5 * (Matrix::Identity(d, d) + Matrix::Ones(d, d));
  Vector gamma = Vector::Zero(d);
  for (Index j = 0; j < d; j += 2) gamma(j) = 0.3;
  return NormalInverseGaussian::from_classical(
      {.mu = Vector::Zero(d), .gamma = gamma, .sigma = sigma, .mu_ig = 1.0, .lam = 1.5});
}

struct Data {
  explicit Data(Index d) : model(model_of(d)), complete(model.rvs(kRows, Seed{1})), gaps(complete) {
    CounterStream stream(Key{2}, StreamPurpose::kModelRows, 0);
    for (double& value : gaps.reshaped()) {
      if (stream.uniform() < kShareMissing) value = std::numeric_limits<double>::quiet_NaN();
    }
  }
  NormalInverseGaussian model;
  RowMatrix complete, gaps;
};

const Data& data_of(Index d) {
  static std::map<Index, Data> all;
  return all.try_emplace(d, d).first->second;
}

/// Times `function(model, rows, missing)`, called for one part of the rows after the other.
template <class Function>
void measure(benchmark::State& state, Index d, Index rows, bool with_gaps, Function&& function) {
  const Data& data = data_of(d);
  const RowView x = with_gaps ? data.gaps : data.complete;
  Index first = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(function(data.model, x.slice(first, rows), with_gaps ? Missing::kExact : Missing::kError));
    first = first + 2 * rows <= kRows ? first + rows : 0;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(rows));
}

double e_step_of(const NormalInverseGaussian& model, const RowView& x, Missing missing) {
  return e_step(model, x, model.mu(), {.missing = missing}).log_lik;
}

void register_all() {
  for (const Index d : {10, 20}) {
    for (const Index rows : {kRows, Index{512}}) {
      for (const bool gaps : {false, true}) {
        const std::string name =
            std::string(gaps ? "gaps/" : "complete/") + std::to_string(d) + "/" + std::to_string(rows);
        benchmark::RegisterBenchmark(("BM_EStep/" + name).c_str(),
                                     [=](benchmark::State& state) { measure(state, d, rows, gaps, e_step_of); });
        benchmark::RegisterBenchmark(("BM_MeanLogDensity/" + name).c_str(), [=](benchmark::State& state) {
          measure(state, d, rows, gaps, [](const auto& model, const RowView& x, Missing missing) {
            return mean_log_density(model, x, missing);
          });
        });
      }
    }
  }
}

}  // namespace
}  // namespace varimix::bench

int main(int argc, char** argv) {
  varimix::set_threads(1);
  varimix::bench::register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
