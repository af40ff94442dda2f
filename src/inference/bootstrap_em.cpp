#include "varimix/inference/bootstrap_em.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

#include "bootstrap_weights.hpp"
#include "mixture/families.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/require.hpp"
#include "varimix/core/weights.hpp"

namespace varimix {
namespace {

constexpr std::int64_t kLargestRow = std::int64_t{1} << 53;  // counts in a checkpoint end there

void check(const BootstrapOptions& options) {
  require(options.replicas >= 2, "replicas", ">= 2", options.replicas);
  require(options.stream >= 0 && options.stream <= kLargestRow, "stream", "from 0 to 2^53", options.stream);
}

void check(const BootstrapRows& rows, std::int64_t stream) {
  const auto& streams = rows.streams;
  require(rows.first >= 0 && rows.first <= rows.next && rows.next <= kLargestRow, "next",
          "from the first number of the source to 2^53", rows.next);
  require(rows.total >= 0 && rows.total <= kLargestRow, "total", "from 0 to 2^53", rows.total);
  require(std::adjacent_find(streams.begin(), streams.end(), std::greater_equal<>()) == streams.end() &&
              std::binary_search(streams.begin(), streams.end(), stream),
          "streams", "ascending, with its own, " + std::to_string(stream), streams.size());
}

/// Returns the options of the replicas: weights other than 0 and 1 are nothing for a test of rows, and a backtest is of
/// the fit's own forecasts.
OnlineEMOptions options_of_replica(OnlineEMOptions options) {
  options.score = false;
  options.gaussian_test = false;
  options.portfolios.clear();
  return options;
}

/// Returns a copy of a state that has learned nothing, which neither scores nor tests rows.
template <class M>
OnlineEM<M> replica_of(const OnlineEM<M>& start) {
  OnlineEMState<M> state = start.state();
  state.options = options_of_replica(state.options);
  state.gaussian_test.reset();
  state.backtests.clear();
  return OnlineEM<M>(std::move(state));
}

/// Returns the numbers of rows that are new: a row of weight 0 takes none.
std::vector<std::int64_t> new_numbers(std::int64_t next, std::span<const double> weights, Index rows) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(rows));
  for (Index i = 0; i < rows; ++i) {
    numbers[static_cast<std::size_t>(i)] = next;
    if (weight_of(weights, i) > 0.0) ++next;
  }
  return numbers;
}

}  // namespace

template <Fittable M>
BootstrapEM<M>::BootstrapEM(OnlineEM<M> start, const BootstrapOptions& options)
    : fit_(std::move(start)), key_(options.key), stream_(options.stream), rows_{.streams = {options.stream}} {
  check(options);
  require(fit_.step() == 0 && fit_.total_weight() == 0.0, "start", "a state that has learned nothing",
          std::to_string(fit_.step()) + " updates");
  replicas_.assign(static_cast<std::size_t>(options.replicas), replica_of(fit_));
}

template <Fittable M>
BootstrapEM<M>::BootstrapEM(OnlineEM<M> fit, std::vector<OnlineEM<M>> replicas, const BootstrapOptions& options,
                            BootstrapRows rows)
    : fit_(std::move(fit)),
      replicas_(std::move(replicas)),
      key_(options.key),
      stream_(options.stream),
      rows_(std::move(rows)) {
  check(options);
  check(rows_, stream_);
  require(replicas_.size() == static_cast<std::size_t>(options.replicas), "replicas",
          std::to_string(options.replicas) + " states", replicas_.size());
  const OnlineEMOptions held = options_of_replica(fit_.state().options);
  for (const OnlineEM<M>& replica : replicas_) {
    require(replica.state().initial == fit_.state().initial && replica.state().options == held &&
                replica.state().rule.same_type(fit_.state().rule),
            "replicas", "of the fit's initial model, options and rule", "others");
  }
}

template <Fittable M>
BatchReport BootstrapEM<M>::update(const RowView& batch, const BatchOptions& options) {
  const bool may_have_numbers = options.weights.empty() || std::ssize(options.weights) == batch.rows();
  return update(batch, options,
                new_numbers(rows_.next, may_have_numbers ? options.weights : std::span<const double>{}, batch.rows()));
}

template <Fittable M>
BatchReport BootstrapEM<M>::update(const RowView& batch, const BatchOptions& options,
                                   std::span<const std::int64_t> numbers) {
  require(std::ssize(numbers) == batch.rows(), "numbers", "one a row", numbers.size());
  OnlineEM<M> fit = fit_;
  BatchReport report = fit.update(batch, options);
  BootstrapRows rows = rows_;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!(weight_of(options.weights, static_cast<Index>(i)) > 0.0)) continue;
    require(numbers[i] >= 0 && numbers[i] < kLargestRow, "numbers of rows", "from 0 to 2^53 - 1", numbers[i]);
    rows.next = std::max(rows.next, numbers[i] + 1);
    if (!options.repeats) ++rows.total;
  }
  require(rows.total <= kLargestRow, "rows", "at most 2^53, with those learned before", rows.total);
  std::vector<OnlineEM<M>> replicas = replicas_;
  parallel_for(static_cast<Index>(replicas.size()), [&](Index b) {
    const std::vector<double> weights = BootstrapWeights(key_, stream_, b).times(options.weights, numbers);
    BatchOptions drawn = options;
    drawn.weights = weights;
    (void)replicas[static_cast<std::size_t>(b)].update(batch, drawn);
  });
  fit_ = std::move(fit);
  replicas_ = std::move(replicas);
  rows_ = std::move(rows);
  return report;
}

template <Fittable M>
void BootstrapEM<M>::merge(const BootstrapEM& other) {
  require(other.key_ == key_, "other", "a bootstrap of the same key", "one of another");
  require(other.replicas_.size() == replicas_.size(), "other",
          "a bootstrap of " + std::to_string(replicas_.size()) + " replicas", other.replicas_.size());
  std::vector<std::int64_t> common, streams;
  std::set_intersection(rows_.streams.begin(), rows_.streams.end(), other.rows_.streams.begin(),
                        other.rows_.streams.end(), std::back_inserter(common));
  require(common.empty(), "other", "a bootstrap of other streams: give each place a `stream` of its own",
          common.empty() ? std::string() : "stream " + std::to_string(common.front()) + " in both");
  require(rows_.total + other.rows_.total <= kLargestRow, "the sum of rows", "at most 2^53",
          rows_.total + other.rows_.total);
  OnlineEM<M> fit = fit_;
  fit.merge(other.fit_);
  std::vector<OnlineEM<M>> replicas = replicas_;
  for (std::size_t b = 0; b < replicas.size(); ++b) replicas[b].merge(other.replicas_[b]);
  std::set_union(rows_.streams.begin(), rows_.streams.end(), other.rows_.streams.begin(), other.rows_.streams.end(),
                 std::back_inserter(streams));
  fit_ = std::move(fit);
  replicas_ = std::move(replicas);
  rows_.total += other.rows_.total;
  rows_.streams = std::move(streams);
}

template <Fittable M>
void BootstrapEM<M>::name_columns(const ColumnNames& columns) requires NamesColumns<M> {
  fit_.name_columns(columns);
  for (OnlineEM<M>& replica : replicas_) replica.name_columns(columns);
}

template <Fittable M>
bool BootstrapEM<M>::operator==(const BootstrapEM& other) const {
  return fit_ == other.fit_ && replicas_ == other.replicas_ && key_ == other.key_ && stream_ == other.stream_ &&
         rows_ == other.rows_;
}

#define VARIMIX_INSTANTIATE(M) template class BootstrapEM<M>;
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
