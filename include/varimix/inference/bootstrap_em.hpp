#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "varimix/em/online_em.hpp"
#include "varimix/inference/stream_errors.hpp"
#include "varimix/random/key.hpp"

namespace varimix {

/// What a weights bootstrap draws its weights by.
struct BootstrapOptions {
  int replicas = 20;        ///< B, >= 2
  Key key = Key{0};         ///< keys the weights
  std::int64_t stream = 0;  ///< the number of this stream, >= 0: one for every place whose states are to be merged
};

/// The rows that a weights bootstrap has counted.
struct BootstrapRows {
  std::int64_t next = 0;                    ///< the number of the next row of its own stream
  std::int64_t total = 0;                   ///< rows learned, each once, with those of states merged into it
  std::int64_t first = 0;                   ///< the number of the first row of the source in hand (fit_stream)
  std::vector<std::int64_t> streams = {0};  ///< the streams that these are of, ascending
  bool operator==(const BootstrapRows&) const = default;
};

/// A fit to a stream with B replicas of it that learn the same batches with random weights: row number i of a stream has in
/// replica b the weight Poisson(1) times its own, keyed by (key, stream, b, i). The spread of the replicas is that of the
/// estimates, whatever the update rule and whether or not the law of the rows is of the family
/// (bootstrap_standard_errors). It is a value of size O(B d^2) that never holds a row.
/// A row has one weight in a replica. `update` takes all rows as new ones: given a second time they would count as other
/// rows, and the errors would be too small. fit_stream knows the rows of a source by their numbers, in every pass.
/// Replicas learn at the same time on different threads; results do not depend on the number of threads. They do not
/// score rows, nor test them against a Gaussian. A row that is drawn 0 times, as e^{-1} of them are, costs a replica nothing.
template <Fittable M>
class BootstrapEM {
 public:
  /// Starts from a state that has learned nothing; every replica is a copy of it.
  /// Throws std::invalid_argument for one that has, replicas < 2, and stream < 0.
  explicit BootstrapEM(OnlineEM<M> start, const BootstrapOptions& options = {});
  /// Continues from parts that were saved. Throws std::invalid_argument if they contradict each other.
  BootstrapEM(OnlineEM<M> fit, std::vector<OnlineEM<M>> replicas, const BootstrapOptions& options, BootstrapRows rows);

  /// Learns from a batch, as OnlineEM::update does, and has every replica learn it with its weights. Rows of weight 0 are
  /// not counted, so that they change nothing. Throws as it does, before anything changes.
  /// Cost: about 1 + 0.63 B updates without scores.   Memory: O(rows) for each thread.
  BatchReport update(const RowView& batch, const BatchOptions& options = {});
  /// Does the same for rows whose numbers are known, for whoever reads a source: one a row, from 0, ascending or not. With
  /// options.repeats they are of a later pass, and not counted again. Throws for another count of numbers too, and for
  /// numbers outside 0 to 2^53 - 1.
  BatchReport update(const RowView& batch, const BatchOptions& options, std::span<const std::int64_t> numbers);
  /// Begins with a source: its first row has the next number.
  void begin_source() noexcept { rows_.first = rows_.next; }
  /// Takes in what another bootstrap learned, replica by replica, as OnlineEM::merge does. Throws std::invalid_argument,
  /// before anything changes, as that does, and for one of another key or number of replicas, or of a stream whose rows
  /// this one holds.
  void merge(const BootstrapEM& other);
  /// Gives all models other names of their columns, as OnlineEM::name_columns does.
  void name_columns(const ColumnNames& columns) requires NamesColumns<M>;

  /// Returns the fit with the rows' own weights: what an OnlineEM without replicas would be, bit by bit.
  [[nodiscard]] const OnlineEM<M>& fit() const noexcept { return fit_; }
  [[nodiscard]] const std::vector<OnlineEM<M>>& replicas() const noexcept { return replicas_; }
  [[nodiscard]] const Key& key() const noexcept { return key_; }
  /// Returns the number of this stream.
  [[nodiscard]] std::int64_t stream() const noexcept { return stream_; }
  [[nodiscard]] const BootstrapRows& rows() const noexcept { return rows_; }
  /// Returns the place in the source, for the reader of the source to set.
  [[nodiscard]] SourcePosition& position() noexcept { return fit_.position(); }
  /// True if both are the same in every bit; names of columns do not count.
  bool operator==(const BootstrapEM& other) const;

 private:
  OnlineEM<M> fit_;
  std::vector<OnlineEM<M>> replicas_;
  Key key_;
  std::int64_t stream_;
  BootstrapRows rows_;
};

/// Returns the weight Poisson(1) of row `row` of a stream in a replica: the least k with P(Poisson(1) <= k) >= u, u
/// uniform on (0, 1]. @pre stream, replica and row are >= 0.
[[nodiscard]] double bootstrap_weight(const Key& key, std::int64_t stream, std::int64_t replica, std::int64_t row);

/// Returns the standard errors of numbers of a law by the spread of the replicas: with f_b the number of replica b and f
/// that of the fit, the covariance is sum (f_b - f)(f_b - f)' / B. The errors have themselves an error, by the replicas'
/// number, of 1 / sqrt(2 (B - 1)): 16% for 20 replicas. Intervals are by Student's t of B - 1, on the scale of each
/// number, or percentile_intervals of `replicas`. A number that is not finite in a replica is left out.
/// Notes say what there is to know, as of standard_errors; `averaged` for a rule that averages statistics
/// (PolyakRuppertUpdate, PolyakAverage), whose replicas all lag behind the maximum in the same way.
/// Throws std::invalid_argument for a bootstrap, or a replica, that has learned nothing; and for functionals without names
/// of their own.
/// Cost: B values of each functional.
template <Inferable M>
[[nodiscard]] StreamErrors bootstrap_standard_errors(const BootstrapEM<M>& state,
                                                     const std::vector<Functional>& functionals);

/// Returns the percentile intervals (k, 2) of numbers from those of B replicas (B, k), StreamErrors::replicas (Efron and
/// Tibshirani 1993, An Introduction to the Bootstrap, chapter 13): from the j-th smallest to the j-th largest, j the
/// largest whole number <= (B + 1) alpha / 2. They need no scale and no normal law: they are those of any rising function
/// of the number. An end of an interval is itself a draw: B = 1000 replicas are good for alpha = 0.05.
/// Throws std::invalid_argument unless 0 < alpha < 1, all numbers are finite, and (B + 1) alpha / 2 >= 1: with fewer
/// replicas the interval would end beyond the outermost of them, where they tell nothing; alpha = 0.05 takes 39.
[[nodiscard]] Matrix percentile_intervals(const Matrix& replicas, double alpha = 0.05);

/// Returns the error of a standard error that comes from the spread of B replicas, relative to it: 1 / sqrt(2 (B - 1)).
/// @pre replicas >= 2.
[[nodiscard]] double relative_error_of_bse(int replicas);

}  // namespace varimix
