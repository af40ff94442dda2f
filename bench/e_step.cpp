// Times the passes over complete rows in memory on one thread: E-step, log-likelihood and draws. Before an E-step is
// timed, it is checked against those of rows taken one at a time.

#include "varimix/mixture/e_step.hpp"

#include <benchmark/benchmark.h>

#include <Eigen/Dense>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "correlated_model.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace {

using namespace varimix;

constexpr double kNumbers = 4e6;  // of the rows: beyond the caches
constexpr Index kCheckedRows = 100;

Index rows_of(Index d) { return static_cast<Index>(kNumbers) / d; }

/// Throws unless the E-step of the first rows is the mean of those of one row.
template <Subordinator S>
void check(const MeanVarianceMixture<S>& model, const RowMatrix& x) {
  const Eta all = e_step(model, RowView(x).slice(0, kCheckedRows), model.mu(), {}).eta;
  Vector sum = Vector::Zero(all.values.size());
  for (Index i = 0; i < kCheckedRows; ++i) sum += e_step(model, RowView(x).slice(i, 1), model.mu(), {}).eta.values;
  const double error = (sum / static_cast<double>(kCheckedRows) - all.values).cwiseAbs().maxCoeff();
  if (!(error < 1e-11 * all.values.cwiseAbs().maxCoeff())) throw std::runtime_error("the E-step is wrong");
}

template <Subordinator S>
void time_passes(const std::string& family, Index d, const S& law) {
  const auto name = [&](const char* what) { return std::string(what) + "/" + family + "/" + std::to_string(d); };
  const auto model = bench::correlated_model(d, law);
  const auto per_row = [](benchmark::State& state, Index rows) {
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(rows));
  };
  benchmark::RegisterBenchmark(name("e_step").c_str(), [=](benchmark::State& state) {
    const RowMatrix x = model.rvs(rows_of(d), Seed{1});
    check(model, x);
    const LogY log_y = S::kUsesLogY ? LogY::kCompute : LogY::kLeaveOut;
    for (auto _ : state) benchmark::DoNotOptimize(e_step(model, RowView(x), model.mu(), {.log_y = log_y}));
    per_row(state, x.rows());
  });
  benchmark::RegisterBenchmark(name("log_likelihood").c_str(), [=](benchmark::State& state) {
    const RowMatrix x = model.rvs(rows_of(d), Seed{1});
    for (auto _ : state) benchmark::DoNotOptimize(model.marginal_log_likelihood(x));
    per_row(state, x.rows());
  });
  benchmark::RegisterBenchmark(name("rvs").c_str(), [=](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(model.rvs(rows_of(d), Seed{1}));
    per_row(state, rows_of(d));
  });
}

}  // namespace

int main(int argc, char** argv) {
  set_threads(1);
  for (const Index d : {2, 10, 30, 100, 300}) {
    time_passes("NIG", d, InverseGaussian(1.0, 1.5));
    time_passes("GH", d, GeneralizedInverseGaussian(1.0, 1.0, 1.0));
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
