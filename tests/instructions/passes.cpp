// Does one piece of work so often, after as many times that are not counted and that make the tables of Bessel values.
// tools/check_instructions.py counts the instructions within `counted`; the program writes the allocations there.
// usage: varimix_instructions [CASE REPETITIONS]; without arguments it lists the cases

#include <Eigen/Dense>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "varimix/core/block_reduce.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/mixture/e_step.hpp"

namespace {

bool is_counted = false;
long allocations = 0;

}  // namespace

extern "C" void* __libc_malloc(std::size_t size);  // NOLINT: the name is glibc's

/// Takes glibc's place; new and Eigen's arrays come here too.
extern "C" void* malloc(std::size_t size) noexcept {
  if (is_counted) ++allocations;
  return __libc_malloc(size);
}

namespace {

using namespace varimix;

constexpr Index kRows = 2048;

NormalInverseGaussian model_of(Index d) {
  return {Vector::Zero(d), Vector::LinSpaced(d, 0.3, -0.3), Matrix(Matrix::Identity(d, d)), InverseGaussian(1.0, 1.5)};
}

std::function<void()> e_step_of(Index rows, Index d) {
  const NormalInverseGaussian model = model_of(d);
  const auto tables = std::make_shared<BesselTables>(model.subordinator().gig().p - 0.5 * static_cast<double>(d), 0);
  return [model, tables, x = RowMatrix(model.rvs(rows, Seed{1}))] {
    (void)e_step(model, RowView(x), model.mu(), {.tables = tables.get()});
  };
}

/// A batch is a small share of the rows that the state has learned.
std::function<void()> update_of(Index rows, Index d, const UpdateRule& rule) {
  const RowMatrix x = model_of(d).rvs(kRows, Seed{1});
  OnlineEM<NormalInverseGaussian> state(model_of(d), rule);
  (void)state.update(x);
  return [x, state, rows, first = Index{0}]() mutable {
    (void)state.update(RowView(x).slice(first, rows));
    first = (first + rows) % (kRows / 2);
  };
}

std::function<void()> work_of(const std::string& name) {
  const EWMAUpdate ewma{.w = 0.05};
  const NaturalGradientUpdate natural;
  const std::map<std::string, std::function<std::function<void()>()>> all = {
      {"e_step of 2048 x 2", [] { return e_step_of(2048, 2); }},
      {"e_step of 1024 x 10", [] { return e_step_of(1024, 10); }},
      {"e_step of 128 x 100", [] { return e_step_of(128, 100); }},
      {"update of 512 x 2, EWMAUpdate", [&] { return update_of(512, 2, ewma); }},
      {"update of 512 x 2, NaturalGradientUpdate", [&] { return update_of(512, 2, natural); }},
      {"update of 1 x 2, EWMAUpdate", [&] { return update_of(1, 2, ewma); }},
      {"update of 1 x 2, NaturalGradientUpdate", [&] { return update_of(1, 2, natural); }},
      {"update of 64 x 20, EWMAUpdate", [&] { return update_of(64, 20, ewma); }},
      {"update of 64 x 20, NaturalGradientUpdate", [&] { return update_of(64, 20, natural); }},
  };
  if (name.empty()) {
    for (const auto& [each, make] : all) std::puts(each.c_str());
    return [] {};
  }
  return all.at(name)();
}

void repeat(const std::function<void()>& work, int repetitions) {
  for (int k = 0; k < repetitions; ++k) work();
}

}  // namespace

/// Valgrind knows it by its name.
extern "C" __attribute__((noinline)) void counted(const std::function<void()>& work, int repetitions) {
  repeat(work, repetitions);
}

int main(int argc, char** argv) {
  varimix::set_threads(1);
  const std::function<void()> work = work_of(argc > 1 ? argv[1] : "");
  const int repetitions = argc > 2 ? std::atoi(argv[2]) : 0;
  repeat(work, repetitions);
  is_counted = true;
  counted(work, repetitions);
  is_counted = false;
  if (argc > 1) std::printf("%ld\n", allocations);
  return 0;
}
