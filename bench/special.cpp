// Times K_nu(z) and functions made from it, at points that special_points.py writes. special.py runs this program.
//
//   special [--benchmark_...] POINTS...   times the methods; a row takes 1e9 / items_per_second ns, and for
//                                         BM_BesselTableBuild* an item is a table
//   special --values POINTS OUTPUT        writes the values that the timed methods give
//
// A block of 256 rows is one iteration; blocks of a set take turns. Names are BM_<unit>/<set>/<SIMD target>.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <exception>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "special_competitors.hpp"
#include "special_points.hpp"
#include "special_targets.hpp"
#include "special_values.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix::bench {
namespace {

// Three decades of z are six of u, three of them above the middle of a set's range and three below.
constexpr double kHalfThreeDecades = 1e3;

void count_rows(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBlockRows));
}

/// Receives the results of a block.
struct Block {
  std::array<double, kBlockRows> log_scaled;
  std::array<double, kBlockRows> minus;
  std::array<double, kBlockRows> plus;
  std::array<double, kBlockRows> slope;

  BesselKArrays bessel() {
    return {.log_scaled = log_scaled.data(),
            .ratio_minus = minus.data(),
            .ratio_plus = plus.data(),
            .dlog_dnu = slope.data()};
  }
  GigMomentArrays moments() {
    return {.log_normalizer = log_scaled.data(), .inv_y = minus.data(), .y = plus.data(), .log_y = slope.data()};
  }
};

void bessel_array(benchmark::State& state, const PointSet& set, const SimdTarget& target) {
  const ForcedTarget forced(target);
  BlockCursor cursor(set);
  Block out;
  for (auto _ : state) {
    const std::size_t row = cursor.next();
    if (set.has_one_order) {
      bessel_k(set.nu.front(), block(set.z, row), out.bessel());
    } else {
      bessel_k(block(set.nu, row), block(set.z, row), out.bessel());
    }
    benchmark::ClobberMemory();
  }
  count_rows(state);
}

void gig_moments_direct(benchmark::State& state, const PointSet& set, const SimdTarget& target) {
  const ForcedTarget forced(target);
  BlockCursor cursor(set);
  Block out;
  for (auto _ : state) {
    gig_moments(set.nu.front(), block(set.u, cursor.next()), out.moments());
    benchmark::ClobberMemory();
  }
  count_rows(state);
}

void bessel_table(benchmark::State& state, const PointSet& set, const SimdTarget& target) {
  const ForcedTarget forced(target);
  BesselTable table(set.nu.front());
  const auto [u_min, u_max] = std::ranges::minmax(set.u);
  table.extend(u_min, u_max);
  BlockCursor cursor(set);
  Block out;
  for (auto _ : state) {
    table.evaluate(block(set.u, cursor.next()), out.moments());
    benchmark::ClobberMemory();
  }
  count_rows(state);
}

/// Times the building of tables; an item is a table.
void build_table(benchmark::State& state, double nu, double u_min, double u_max, const SimdTarget& target) {
  const ForcedTarget forced(target);
  double octaves = 0.0;
  for (auto _ : state) {
    BesselTable table(nu);
    table.extend(u_min, u_max);
    octaves = static_cast<double>(table.octaves());
    benchmark::DoNotOptimize(table);
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["octaves"] = octaves;
}

/// Times a function of (nu, z) that is called point by point.
template <typename Function>
void point_by_point(benchmark::State& state, const PointSet& set, Function function) {
  BlockCursor cursor(set);
  for (auto _ : state) {
    const std::size_t first = cursor.next();
    for (std::size_t row = first; row < first + kBlockRows; ++row) {
      auto result = function(set.nu[row], set.z[row]);
      benchmark::DoNotOptimize(result);
    }
  }
  count_rows(state);
}

template <typename Function>
void on_target(benchmark::State& state, const PointSet& set, const SimdTarget& target, Function function) {
  const ForcedTarget forced(target);
  point_by_point(state, set, function);
}

void register_ours(const PointSet& set, const SimdTarget& target) {
  const auto add = [&](const char* unit, auto run) {
    benchmark::RegisterBenchmark((std::string("BM_") + unit + "/" + set.name + "/" + target.name).c_str(), run);
  };
  using State = benchmark::State;
  add("BesselArray", [=, &set](State& state) { bessel_array(state, set, target); });
  add("BesselPoint",
      [=, &set](State& state) { on_target(state, set, target, [](double nu, double z) { return bessel_k(nu, z); }); });
  add("LogBesselK", [=, &set](State& state) { on_target(state, set, target, log_bessel_k); });
  add("BesselSecondOrder", [=, &set](State& state) { on_target(state, set, target, bessel_k_second_order); });
  if (!set.has_one_order) return;
  const double nu = set.nu.front();
  const auto [u_min, u_max] = std::ranges::minmax(set.u);
  const double middle = std::sqrt(u_min * u_max);
  add("GigMoments", [=, &set](State& state) { gig_moments_direct(state, set, target); });
  add("BesselTable", [=, &set](State& state) { bessel_table(state, set, target); });
  add("BesselTableBuild", [=, low = u_min, high = u_max](State& state) { build_table(state, nu, low, high, target); });
  add("BesselTableBuildThreeDecades",
      [=](State& state) { build_table(state, nu, middle / kHalfThreeDecades, middle * kHalfThreeDecades, target); });
}

void register_competitors(const PointSet& set) {
  for (const Competitor& library : competitors()) {
    const std::string name = "BM_" + std::string(library.name);
    benchmark::RegisterBenchmark((name + "One/" + set.name).c_str(),
                                 [&](benchmark::State& state) { point_by_point(state, set, library.one); });
    benchmark::RegisterBenchmark((name + "Quadruple/" + set.name).c_str(),
                                 [&](benchmark::State& state) { point_by_point(state, set, library.quadruple); });
  }
}

void add_context(const std::vector<SimdTarget>& targets) {
  std::string names;
  for (const SimdTarget& target : targets) names += (names.empty() ? "" : " ") + target.name;
  benchmark::AddCustomContext("targets", names);
  benchmark::AddCustomContext("compiler", VARIMIX_BENCH_COMPILER);
  benchmark::AddCustomContext("flags", VARIMIX_BENCH_FLAGS);
  benchmark::AddCustomContext("Highway", VARIMIX_BENCH_HIGHWAY);
  for (const Competitor& library : competitors()) {
    benchmark::AddCustomContext(std::string(library.name), library.version);
  }
}

void run_benchmarks(const std::vector<std::string>& paths) {
  std::vector<PointSet> sets;
  std::ranges::transform(paths, std::back_inserter(sets), [](const auto& path) { return read_points(path); });
  const std::vector<SimdTarget> targets = simd_targets();
  add_context(targets);
  for (const PointSet& set : sets) {
    for (const SimdTarget& target : targets) register_ours(set, target);
    register_competitors(set);
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}

}  // namespace
}  // namespace varimix::bench

int main(int argc, char** argv) {
  using namespace varimix::bench;
  benchmark::Initialize(&argc, argv);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  constexpr std::size_t kValuesArguments = 3;  // --values POINTS OUTPUT
  try {
    if (arguments.size() == kValuesArguments && arguments[0] == "--values") {
      write_values(read_points(arguments[1]), arguments[2]);
    } else if (!arguments.empty() && !arguments[0].starts_with("--")) {
      run_benchmarks(arguments);
    } else {
      std::cerr << "usage: special [--benchmark_...] POINTS... | special --values POINTS OUTPUT\n";
      return 2;
    }
  } catch (const std::exception& error) {
    std::cerr << "special: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
