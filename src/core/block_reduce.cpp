#include "varimix/core/block_reduce.hpp"

#ifdef VARIMIX_STD_THREADS
#include <future>
#include <thread>
#else
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#endif

#include <algorithm>
#include <atomic>

#include "varimix/core/require.hpp"

namespace varimix {
namespace {

std::atomic<int> thread_limit{0};

#ifdef VARIMIX_STD_THREADS
/// Threads of the standard library alone, which ThreadSanitizer sees through: new ones for each call, as many as the
/// limit says, also beyond the cores, so that it sees them meet.
void run_on_threads(Index count, const std::function<void(Index)>& body, int limit) {
  const auto cores = static_cast<Index>(std::max(1U, std::thread::hardware_concurrency()));
  std::atomic<Index> next{0};
  const auto take = [&] { return next.fetch_add(1, std::memory_order_relaxed); };  // orders nothing: races stay visible
  const auto work = [&] {
    for (Index i = take(); i < count; i = take()) body(i);
  };
  std::vector<std::future<void>> others;
  for (Index k = 1; k < std::min<Index>(limit == 0 ? cores : limit, count); ++k) {
    others.push_back(std::async(std::launch::async, work));
  }
  work();
  for (std::future<void>& other : others) other.get();
}
#else
void run_on_threads(Index count, const std::function<void(Index)>& body, int limit) {
  const auto run = [&] { tbb::parallel_for(Index{0}, count, body); };
  if (limit == 0) {
    run();
  } else {
    tbb::task_arena(std::min(limit, tbb::info::default_concurrency())).execute(run);
  }
}
#endif

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
  } else {
    run_on_threads(count, body, limit);
  }
}

}  // namespace varimix
