// Times value at risk, expected shortfall, their contributions and gradients of a portfolio, with and without the
// Hessian. portfolio.py runs this program.
//
//   portfolio [--benchmark_...]
//
// The time of a portfolio is 1e9 / items_per_second ns. Names are BM_<what>/<family>/<alpha>/<d>. One thread is used;
// the weights change from one portfolio to the next.
#include "varimix/risk/portfolio.hpp"

#include <benchmark/benchmark.h>

#include <Eigen/Dense>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "varimix/core/block_reduce.hpp"

namespace varimix::bench {
namespace {

constexpr std::size_t kPortfolios = 64;

/// Returns a model with correlations of 1/2 and skewness in every other column.
template <Subordinator S>
MeanVarianceMixture<S> model_of(Index d, const S& law) {
  const Matrix sigma = 0.5 * (Matrix::Identity(d, d) + Matrix::Ones(d, d));
  Vector gamma = Vector::Zero(d);
  for (Index j = 0; j < d; j += 2) gamma(j) = -0.1;
  return {Vector::Zero(d), gamma, sigma.llt().matrixL(), law};
}

std::vector<Vector> portfolios_of(Index d) {
  CounterStream stream(Key{3}, StreamPurpose::kModelRows, 0);
  std::vector<Vector> all(kPortfolios, Vector(d));
  for (Vector& w : all) {
    for (double& value : w) value = stream.uniform();
    w /= w.sum();
  }
  return all;
}

template <Subordinator S>
void measure(benchmark::State& state, Index d, const S& law, double alpha, bool with_hessian) {
  const auto model = model_of(d, law);
  const std::vector<Vector> portfolios = portfolios_of(d);
  std::size_t k = 0;
  for (auto _ : state) {
    const PortfolioRisk risk = portfolio_risk(model, portfolios[k], alpha);
    benchmark::DoNotOptimize(risk.expected_shortfall_contributions().data());
    if (with_hessian) benchmark::DoNotOptimize(expected_shortfall_hessian(model, risk).data());
    k = (k + 1) % kPortfolios;
  }
  state.SetItemsProcessed(state.iterations());
}

template <Subordinator S>
void register_family(const S& law) {
  for (const double alpha : {0.01, 1e-12}) {
    for (const Index d : {2, 20, 100}) {
      for (const bool with_hessian : {false, true}) {
        std::ostringstream name;
        name << (with_hessian ? "BM_Hessian/" : "BM_Portfolio/") << kFamilyName<S> << "/" << alpha << "/" << d;
        benchmark::RegisterBenchmark(name.str().c_str(),
                                     [=](benchmark::State& state) { measure(state, d, law, alpha, with_hessian); });
      }
    }
  }
}

}  // namespace
}  // namespace varimix::bench

int main(int argc, char** argv) {
  varimix::set_threads(1);
  varimix::bench::register_family(varimix::InverseGaussian(1.0, 1.0));
  varimix::bench::register_family(varimix::Gamma(1.5, 1.5));
  varimix::bench::register_family(varimix::InverseGamma(2.5, 1.5));
  varimix::bench::register_family(varimix::GeneralizedInverseGaussian(0.7, 1.0, 1.0));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
