// Times the kernels of the E-step one by one, on one thread, beside loops that measure what the machine can do: its
// multiply-adds, its reads from the first-level cache and from memory, its divisions. A kernel is checked against plain
// loops before it is timed. performance.py runs this program.
//
// Of kernels an item is a row, of peak/multiply_add an operation, of peak/read a byte.

#include <benchmark/benchmark.h>
#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "kernel_work.hpp"
#include "peak.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/constants.hpp"

namespace varimix::bench {
namespace {

constexpr Index kNumbers = 4'000'000;  // of the rows: beyond the second-level cache, as in e_step.cpp
constexpr Index kBytesOfNumber = sizeof(double);

void count_items(benchmark::State& state, Index items) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
}

// ---- What the machine can do ----

void time_multiply_adds(benchmark::State& state) {
  constexpr double kFactor = 0.5;
  constexpr Index kOperations = 64 * kMultiplyAddsStep;  // some microseconds
  double factor = kFactor;
  for (auto _ : state) {
    benchmark::DoNotOptimize(factor);  // or its value would be known
    benchmark::DoNotOptimize(multiply_adds(kOperations, factor));
  }
  count_items(state, kOperations);
}

void time_reads(benchmark::State& state, Index numbers, Index passes) {
  const auto memory = hwy::AllocateAligned<double>(static_cast<std::size_t>(numbers));
  std::fill_n(memory.get(), numbers, 1.0);
  for (auto _ : state) benchmark::DoNotOptimize(read_all(memory.get(), numbers, passes));
  count_items(state, passes * numbers * kBytesOfNumber);
}

void register_peaks() {
  using State = benchmark::State;
  constexpr Index kInFirstLevel = 2 * kReadStep;  // 16 KiB, half of the smallest first-level cache in use
  constexpr Index kPasses = 64;                   // so that the call and the sum of the lanes cost nothing beside them
  constexpr Index kInMemory = kNumbers / kReadStep * kReadStep;
  benchmark::RegisterBenchmark("peak/multiply_add", time_multiply_adds);
  benchmark::RegisterBenchmark("peak/read/first_level",
                               [](State& state) { time_reads(state, kInFirstLevel, kPasses); });
  benchmark::RegisterBenchmark("peak/read/memory", [](State& state) { time_reads(state, kInMemory, 1); });
}

// ---- Kernels ----

/// Times call(work, k) for k = 0, ..., count - 1 in turn.
template <class Call>
void register_kernel(const std::string& kernel, const std::shared_ptr<KernelWork>& work, Index count,
                     const Call& call) {
  const std::string name = kernel + "/" + std::to_string(work->d);
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    Index k = 0;
    for (auto _ : state) {
      call(*work, k);
      benchmark::ClobberMemory();
      k = k + 1 < count ? k + 1 : 0;
    }
    count_items(state, kBlockRows);
  });
}

void register_kernels(Index d) {
  const auto work = std::make_shared<KernelWork>(d, kNumbers / d);
  check_kernels(*work);
  const Index blocks_of_rows = work->x.rows() / kBlockRows;
  register_kernel("transpose_rows", work, blocks_of_rows, [](auto& w, Index k) { w.transpose(k * kBlockRows); });
  register_kernel("transpose_cached", work, 1, [](auto& w, Index /*k*/) { w.transpose(0); });
  register_kernel("distance", work, 1, [](auto& w, Index /*k*/) { w.compute_exponents(); });
  register_kernel("table", work, kBlocks, [](auto& w, Index k) { w.look_up(k); });
  register_kernel("accumulate", work, 1, [](auto& w, Index /*k*/) { w.accumulate(); });
}

void run_benchmarks() {
  const VectorUnit unit = vector_unit();
  benchmark::AddCustomContext("compiler", VARIMIX_BENCH_COMPILER);
  benchmark::AddCustomContext("flags", VARIMIX_BENCH_FLAGS);
  benchmark::AddCustomContext("target", unit.name);
  benchmark::AddCustomContext("lanes", std::to_string(unit.lanes));
  register_peaks();
  for (const Index d : {2, 10, 30, 100}) register_kernels(d);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}

}  // namespace
}  // namespace varimix::bench

int main(int argc, char** argv) {
  varimix::set_threads(1);
  benchmark::Initialize(&argc, argv);
  try {
    varimix::bench::run_benchmarks();
  } catch (const std::exception& error) {
    std::cerr << "kernels: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
