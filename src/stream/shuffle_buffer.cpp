#include "varimix/stream/shuffle_buffer.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/random/counter_stream.hpp"
#include "weighted_runs.hpp"

namespace varimix {
namespace {

/// Holds rows by value, one after another, so that they can be replaced one by one.
class StoredRows {
 public:
  explicit StoredRows(Index d) : d_(d), zeros_(static_cast<std::size_t>(d), 0.0) {}

  void append(const Batch& run) {
    const Index rows = run.x.rows();
    columns_.resize(static_cast<std::size_t>(rows * d_));
    run.x.copy_columns(0, rows, zeros_, columns_.data(), rows);
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < d_; ++j) x_.push_back(columns_[static_cast<std::size_t>(j * rows + i)]);
    }
    weights_.insert(weights_.end(), run.weights.begin(), run.weights.end());
    times_.insert(times_.end(), run.times.begin(), run.times.end());
    for (Index i = 0; i < rows; ++i) numbers_.push_back(run.number(i));
    rows_ += rows;
  }

  void append(const StoredRows& from, Index i) {
    x_.insert(x_.end(), from.row(i), from.row(i) + d_);
    if (!from.weights_.empty()) weights_.push_back(from.weights_[static_cast<std::size_t>(i)]);
    if (!from.times_.empty()) times_.push_back(from.times_[static_cast<std::size_t>(i)]);
    numbers_.push_back(from.numbers_[static_cast<std::size_t>(i)]);
    ++rows_;
  }

  void replace(Index i, const StoredRows& from, Index k) {
    std::copy_n(from.row(k), d_, x_.begin() + i * d_);
    if (!weights_.empty()) weights_[static_cast<std::size_t>(i)] = from.weights_[static_cast<std::size_t>(k)];
    if (!times_.empty()) times_[static_cast<std::size_t>(i)] = from.times_[static_cast<std::size_t>(k)];
    numbers_[static_cast<std::size_t>(i)] = from.numbers_[static_cast<std::size_t>(k)];
  }

  void remove_last() {
    x_.resize(x_.size() - static_cast<std::size_t>(d_));
    if (!weights_.empty()) weights_.pop_back();
    if (!times_.empty()) times_.pop_back();
    numbers_.pop_back();
    --rows_;
  }

  void clear() {
    x_.clear();
    weights_.clear();
    times_.clear();
    numbers_.clear();
    rows_ = 0;
  }

  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] std::int64_t number(Index i) const { return numbers_[static_cast<std::size_t>(i)]; }
  /// Returns a view of all rows, whose count starts at `first_row`.
  [[nodiscard]] Batch view(std::int64_t first_row) const {
    return {.x = RowView::strided(x_.data(), rows_, d_, d_, 1),
            .weights = weights_,
            .times = times_,
            .first_row = first_row,
            .source_rows = rows_,
            .numbers = numbers_};
  }

 private:
  [[nodiscard]] const double* row(Index i) const { return x_.data() + i * d_; }

  Index d_;
  std::vector<double> zeros_;
  std::vector<double> columns_;
  std::vector<double> x_;
  std::vector<double> weights_;
  std::vector<double> times_;
  std::vector<std::int64_t> numbers_;
  Index rows_ = 0;
};

}  // namespace

class ShuffleBuffer::State {
 public:
  State(AnyBatchSource source, Index capacity, const Key& key, std::int64_t pass)
      : runs_(std::move(source)),
        capacity_(capacity),
        draws_(key, StreamPurpose::kShuffle, static_cast<std::uint64_t>(pass)),
        buffer_(runs_.d()),
        incoming_(runs_.d()) {}

  [[nodiscard]] std::optional<Batch> next() {
    const auto out = std::make_shared<StoredRows>(runs_.d());
    while (out->rows() < kBlockRows) {
      if (read()) {
        take_in(*out);
      } else if (buffer_.rows() > 0) {
        hand_on_last(*out);
      } else {
        break;
      }
    }
    if (out->rows() == 0) return std::nullopt;
    Batch batch = out->view(handed_on_);
    batch.owner = out;
    batch.shuffled = {.read = read_, .to_end = has_ended_};
    handed_on_ += out->rows();
    return batch;
  }
  [[nodiscard]] Index d() const { return runs_.d(); }

 private:
  /// Returns true if incoming_ has a row next_, after reading more rows if it needs to.
  bool read() {
    if (next_ < incoming_.rows()) return true;
    incoming_.clear();
    next_ = 0;
    const std::optional<Batch> run = runs_.next(kBlockRows);
    if (run) incoming_.append(*run);
    if (run) return true;
    has_ended_ = true;
    read_ = runs_.position();
    return false;
  }

  [[nodiscard]] Index draw() { return static_cast<Index>(draws_.below(static_cast<std::uint64_t>(buffer_.rows()))); }

  void take_in(StoredRows& out) {
    if (buffer_.rows() < capacity_) {
      buffer_.append(incoming_, next_);
    } else {
      const Index place = draw();
      out.append(buffer_, place);
      buffer_.replace(place, incoming_, next_);
    }
    read_ = incoming_.number(next_) + 1;
    ++next_;
  }

  void hand_on_last(StoredRows& out) {
    const Index place = draw();
    out.append(buffer_, place);
    const Index last = buffer_.rows() - 1;
    if (place != last) buffer_.replace(place, buffer_, last);
    buffer_.remove_last();
  }

  WeightedRuns runs_;
  Index capacity_;
  CounterStream draws_;
  StoredRows buffer_;
  StoredRows incoming_;
  Index next_ = 0;
  std::int64_t handed_on_ = 0;
  std::int64_t read_ = 0;  // number of rows of the source up to the last that was taken in
  bool has_ended_ = false;
};

ShuffleBuffer::ShuffleBuffer(AnyBatchSource source, std::int64_t rows, const Key& key, std::int64_t pass) {
  require(rows >= 1, "shuffle_buffer", ">= 1", rows);
  require(pass >= 0, "pass", ">= 0", pass);
  state_ = std::make_unique<State>(std::move(source), rows, key, pass);
}
ShuffleBuffer::ShuffleBuffer(ShuffleBuffer&&) noexcept = default;
ShuffleBuffer& ShuffleBuffer::operator=(ShuffleBuffer&&) noexcept = default;
ShuffleBuffer::~ShuffleBuffer() = default;

std::optional<Batch> ShuffleBuffer::next() { return state_->next(); }
Index ShuffleBuffer::d() const { return state_->d(); }

}  // namespace varimix
