#include "varimix/stream/recut.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "varimix/core/require.hpp"
#include "weighted_runs.hpp"

namespace varimix {
namespace {

/// Rows copied together, column by column. The memory grows as they come, so that a batch size above the number of rows
/// of the source costs no more.
class GatheredRows {
 public:
  explicit GatheredRows(Index d) : d_(d), zeros_(static_cast<std::size_t>(d), 0.0) {}

  void append(const Batch& run, Index most) {
    const Index rows = run.x.rows();
    if (rows_ + rows > capacity_) grow(std::clamp(2 * capacity_, rows_ + rows, most));
    run.x.copy_columns(0, rows, zeros_, x_.data() + rows_, capacity_);
    weights_.insert(weights_.end(), run.weights.begin(), run.weights.end());
    times_.insert(times_.end(), run.times.begin(), run.times.end());
    for (Index i = 0; i < rows; ++i) numbers_.push_back(run.number(i));
    rows_ += rows;
  }
  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] RowView x() const { return RowView::strided(x_.data(), rows_, d_, 1, capacity_); }
  [[nodiscard]] std::span<const double> weights() const noexcept { return weights_; }
  [[nodiscard]] std::span<const double> times() const noexcept { return times_; }
  [[nodiscard]] std::span<const std::int64_t> numbers() const noexcept { return numbers_; }

 private:
  void grow(Index capacity) {
    std::vector<double> larger(static_cast<std::size_t>(capacity * d_));
    if (rows_ > 0) x().copy_columns(0, rows_, zeros_, larger.data(), capacity);
    x_ = std::move(larger);
    capacity_ = capacity;
  }

  Index d_;
  std::vector<double> zeros_;
  std::vector<double> x_;
  std::vector<double> weights_;
  std::vector<double> times_;
  std::vector<std::int64_t> numbers_;
  Index rows_ = 0;
  Index capacity_ = 0;
};

}  // namespace

class Recut::State {
 public:
  State(AnyBatchSource source, Index batch_size) : runs_(std::move(source)), batch_size_(batch_size) {}

  [[nodiscard]] std::optional<Batch> next() {
    std::optional<Batch> run = runs_.next(batch_size_);
    if (!run || run->x.rows() == batch_size_) return run;
    std::optional<Batch> following = runs_.next(batch_size_ - run->x.rows());
    if (!following) return run;

    const auto rows = std::make_shared<GatheredRows>(runs_.d());
    const std::int64_t first_row = run->first_row;
    rows->append(*run, batch_size_);
    while (following) {
      run = std::exchange(following, std::nullopt);  // this releases the chunk before
      rows->append(*run, batch_size_);
      if (rows->rows() < batch_size_) following = runs_.next(batch_size_ - rows->rows());
    }
    return Batch{.x = rows->x(),
                 .weights = rows->weights(),
                 .times = rows->times(),
                 .owner = rows,
                 .first_row = first_row,
                 .source_rows = run->source_end() - first_row,
                 .numbers = rows->numbers(),
                 .shuffled = run->shuffled};
  }

  WeightedRuns& runs() noexcept { return runs_; }

 private:
  WeightedRuns runs_;
  Index batch_size_;
};

Recut::Recut(AnyBatchSource source, std::int64_t batch_size) {
  require(batch_size >= 1, "batch_size", ">= 1", batch_size);
  state_ = std::make_unique<State>(std::move(source), batch_size);
}
Recut::Recut(Recut&&) noexcept = default;
Recut& Recut::operator=(Recut&&) noexcept = default;
Recut::~Recut() = default;

std::optional<Batch> Recut::next() { return state_->next(); }
Index Recut::d() const { return state_->runs().d(); }
void Recut::skip(std::int64_t rows) { state_->runs().skip(rows); }

}  // namespace varimix
