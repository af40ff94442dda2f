// Times optimal portfolios: the least expected shortfall under several constraints, and equal contributions.
// optimal_portfolio.py runs this program.
//
//   optimal_portfolio [--benchmark_...]
//
// The time of a portfolio is 1e9 / items_per_second ns; `iterations` counts its steps. Names are
// BM_<what>/<d>. BM_Factor is one Cholesky factorisation of a d x d matrix, the unit of the others. One thread is used.
#include "varimix/risk/optimal_portfolio.hpp"

#include <benchmark/benchmark.h>

#include <Eigen/Dense>
#include <string>

#include "varimix/core/block_reduce.hpp"

namespace varimix::bench {
namespace {

constexpr double kAlpha = 0.05;
constexpr Index kFactors = 5;

/// Returns returns of five factors, with means and skewness that differ from column to column.
NormalInverseGaussian factor_model(Index d) {
  CounterStream stream(Key{3}, StreamPurpose::kModelRows, 0);
  Matrix loadings(d, kFactors);
  for (double& value : loadings.reshaped()) value = 0.005 * stream.normal();
  loadings.col(0).array() += 0.01;
  Matrix sigma = loadings * loadings.transpose();
  Vector mu(d);
  Vector gamma(d);
  for (Index j = 0; j < d; ++j) {
    sigma(j, j) += 1e-4 * (0.5 + stream.uniform());
    mu(j) = 5e-4 * (1.0 + stream.normal());
    gamma(j) = 1e-3 * stream.normal();
  }
  return {mu, gamma, sigma.llt().matrixL(), InverseGaussian(1.0, 1.0)};
}

template <class Search>
void measure(benchmark::State& state, const Search& search) {
  OptimalPortfolio found = search();
  if (found.status != OptimumStatus::kOk) state.SkipWithError(std::string(word(found.status)).c_str());
  for (auto _ : state) {
    found = search();
    benchmark::DoNotOptimize(found.weights.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["iterations"] = static_cast<double>(found.iterations);
}

void measure_factor(benchmark::State& state, const Matrix& sigma) {
  for (auto _ : state) {
    const Eigen::LLT<Matrix> factor(sigma);
    benchmark::DoNotOptimize(factor.matrixLLT().data());
  }
  state.SetItemsProcessed(state.iterations());
}

void register_dimension(Index d) {
  const NormalInverseGaussian model = factor_model(d);
  const auto add = [d](const char* name, auto&& search) {
    benchmark::RegisterBenchmark((name + std::string("/") + std::to_string(d)).c_str(),
                                 [search](benchmark::State& state) { measure(state, search); });
  };
  const Matrix sigma = model.sigma();
  benchmark::RegisterBenchmark(("BM_Factor/" + std::to_string(d)).c_str(),
                               [sigma](benchmark::State& state) { measure_factor(state, sigma); });
  PortfolioConstraints constraints = long_only(d);
  add("BM_LongOnly", [=] { return minimum_expected_shortfall(model, kAlpha, constraints); });
  constraints.target_return = 0.6 * model.mean().maxCoeff() + 0.4 * model.mean().mean();
  add("BM_Target", [=] { return minimum_expected_shortfall(model, kAlpha, constraints); });
  constraints.target_return.reset();
  constraints.upper = Vector::Constant(d, 3.0 / static_cast<double>(d));
  constraints.rows = Matrix::Zero(2, d);
  constraints.rows.row(0).head(d / 4).setOnes();
  constraints.rows.row(1).tail(d / 4).setOnes();
  constraints.low = Vector{{0.3, 0.0}};
  constraints.high = Vector{{0.5, 0.2}};
  add("BM_Groups", [=] { return minimum_expected_shortfall(model, kAlpha, constraints); });
  add("BM_Equal", [=] { return equal_contribution(model, kAlpha); });
}

}  // namespace
}  // namespace varimix::bench

int main(int argc, char** argv) {
  varimix::set_threads(1);
  for (const varimix::Index d : {20, 100, 500}) varimix::bench::register_dimension(d);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
