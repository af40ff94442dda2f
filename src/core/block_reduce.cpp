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
// This build uses threads of the standard library alone, which ThreadSanitizer understands. Each call starts new ones,
// as many as the limit says even if there are fewer cores, so that ThreadSanitizer sees them meet.
Index workers_of(int limit) {
  return limit == 0 ? static_cast<Index>(std::max(1U, std::thread::hardware_concurrency())) : limit;
}

void run_on_threads(Index count, const std::function<void(Index, Index)>& body, int limit) {
  std::atomic<Index> next{0};
  const auto take = [&] { return next.fetch_add(1, std::memory_order_relaxed); };  // without order: races stay visible
  const auto work = [&](Index worker) {
    for (Index i = take(); i < count; i = take()) body(i, worker);
  };
  std::vector<std::future<void>> others;
  for (Index k = 1; k < std::min(workers_of(limit), count); ++k) {
    others.push_back(std::async(std::launch::async, work, k));
  }
  work(0);
  for (std::future<void>& other : others) other.get();
}
#else
Index workers_of(int limit) {
  return limit == 0 ? tbb::this_task_arena::max_concurrency() : std::min(limit, tbb::info::default_concurrency());
}

void run_on_threads(Index count, const std::function<void(Index, Index)>& body, int limit) {
  const auto run = [&] {
    tbb::parallel_for(Index{0}, count, [&](Index i) { body(i, tbb::this_task_arena::current_thread_index()); });
  };
  if (limit == 0) {
    run();
  } else {
    tbb::task_arena(static_cast<int>(workers_of(limit))).execute(run);
  }
}
#endif

}  // namespace

void set_threads(int threads) {
  require(threads >= 0, "threads", ">= 0", threads);
  thread_limit = threads;
}

int threads() noexcept { return thread_limit; }

Index most_workers() { return std::max<Index>(1, workers_of(thread_limit)); }

void parallel_for_with_worker(Index count, const std::function<void(Index, Index)>& body) {
  const int limit = thread_limit;
  if (count <= 1 || limit == 1) {
    for (Index i = 0; i < count; ++i) body(i, 0);
  } else {
    run_on_threads(count, body, limit);
  }
}

void parallel_for(Index count, const std::function<void(Index)>& body) {
  parallel_for_with_worker(count, [&](Index i, Index /*worker*/) { body(i); });
}

Index chunks_of(Index rows, Index partial_size) {
  const Index blocks = (rows + kBlockRows - 1) / kBlockRows;
  const Index most = std::clamp<Index>(kMostPartialNumbers / std::max<Index>(1, partial_size), 1, kMaxChunks);
  return std::clamp<Index>(blocks / kMinBlocksPerChunk, 1, most);
}

}  // namespace varimix
