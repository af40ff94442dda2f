#include "varimix/stream/read_ahead.hpp"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "varimix/core/require.hpp"

namespace varimix {

class ReadAhead::State {
 public:
  State(AnyBatchSource source, std::int64_t depth)
      : source_(std::move(source)), depth_(static_cast<std::size_t>(depth)) {}

  [[nodiscard]] std::optional<Batch> next() {
    if (is_over_) return std::nullopt;
    if (!reader_.joinable()) reader_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
    Result oldest = take();
    is_over_ = true;  // it stays so if the next line throws
    std::optional<Batch> batch = oldest.get();
    is_over_ = !batch.has_value();
    return batch;
  }

  void skip(std::int64_t rows) {
    require(!reader_.joinable() && !is_over_, "skip", "called before the first batch is read", "a call after it");
    source_.skip(rows);
  }

 private:
  using Result = std::future<std::optional<Batch>>;

  Result take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !results_.empty(); });
    Result oldest = std::move(results_.front());
    results_.pop_front();
    lock.unlock();
    changed_.notify_all();
    return oldest;
  }

  /// Runs on the reader's thread. A future carries a batch, the end, or what the source threw; after the end or an
  /// exception the reader stops.
  void read(const std::stop_token& stop) {
    while (true) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, stop, [this] { return results_.size() < depth_; });
        if (stop.stop_requested()) return;
      }
      auto [result, has_more] = read_one();
      {
        const std::lock_guard lock(mutex_);
        results_.push_back(std::move(result));
      }
      changed_.notify_all();
      if (!has_more) return;
    }
  }

  /// Returns the future of one batch, and whether more may follow. The future alone holds the result, so that the
  /// caller's thread is the one to destroy an exception.
  std::pair<Result, bool> read_one() {
    bool has_more = false;  // it stays so if the source throws
    std::packaged_task<std::optional<Batch>()> task([&] {
      std::optional<Batch> batch = source_.next();
      has_more = batch.has_value();
      return batch;
    });
    task();
    return {task.get_future(), has_more};
  }

  AnyBatchSource source_;
  std::size_t depth_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Result> results_;
  bool is_over_ = false;
  std::jthread reader_;  // the last member, so that it is stopped and joined before the others go
};

ReadAhead::ReadAhead(AnyBatchSource source, std::int64_t depth) : d_(source.d()) {
  require(depth >= 1, "read_ahead", ">= 1", depth);
  state_ = std::make_unique<State>(std::move(source), depth);
}
ReadAhead::ReadAhead(ReadAhead&&) noexcept = default;
ReadAhead& ReadAhead::operator=(ReadAhead&&) noexcept = default;
ReadAhead::~ReadAhead() = default;

std::optional<Batch> ReadAhead::next() { return state_->next(); }
void ReadAhead::skip(std::int64_t rows) { state_->skip(rows); }

}  // namespace varimix
