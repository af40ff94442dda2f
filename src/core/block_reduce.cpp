#include "varimix/core/block_reduce.hpp"

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>

#include "varimix/core/require.hpp"

namespace varimix {
namespace {

std::atomic<int> thread_limit{0};

}  // namespace

void set_threads(int threads) {
  require(threads >= 0, "threads", ">= 0", threads);
  thread_limit = threads;
}

int threads() noexcept { return thread_limit; }

void parallel_for(Index count, const std::function<void(Index)>& body) {
  const int limit = thread_limit;
  if (count <= 1 || limit == 1) {
    for (Index i = 0; i < count; ++i) body(i);
    return;
  }
  const auto run = [&] { tbb::parallel_for(Index{0}, count, body); };
  if (limit == 0) {
    run();
  } else {
    tbb::task_arena(std::min(limit, tbb::info::default_concurrency())).execute(run);
  }
}

}  // namespace varimix
