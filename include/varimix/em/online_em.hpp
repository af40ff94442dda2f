#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/em/batch_report.hpp"
#include "varimix/em/fittable.hpp"
#include "varimix/em/online_em_state.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/mixture/mixture_fit.hpp"

namespace varimix {

/// Returns the rule of a fit to which none is given: NaturalGradientUpdate, or PolyakRuppertUpdate for a model that
/// natural-gradient steps cannot move.
template <Fittable M>
[[nodiscard]] UpdateRule default_rule() {
  if constexpr (NaturalFittable<M>) {
    return NaturalGradientUpdate{};
  } else {
    return PolyakRuppertUpdate{};
  }
}

/// The arguments of an update beside its rows.
struct BatchOptions {
  /// One weight for each row, finite and >= 0; empty for ones. A row of weight 0 counts as absent; a batch without
  /// weight is no step.
  std::span<const double> weights = {};
  /// The time of each row, in any unit, never falling from row to row and batch to batch. Rules with a half-life in
  /// time need times; no other rule takes them.
  std::span<const double> times = {};
  const char* name = "batch";  ///< the name of the rows in messages
  /// The state has learned these rows before: they are neither tested again (gaussian_test) nor days of a backtest.
  bool repeats = false;
};

/// The whole state of a fit: model, running eta, rule with its state, step, weight, scores. It is a value of size
/// O(d^2) that never holds a row; a copy goes its own way.
/// eta is kept about the initial location and in the gauge E[Y] = 1: after every blend the running eta, the state of
/// the rule and the driving model are rescaled together.
template <Fittable M>
class OnlineEM {
 public:
  /// Starts from `model` and its own eta or, if that is not finite (a gamma law with alpha <= 1, an inverse gamma law),
  /// from the statistics of the first rows. `key` keys the random draws of a fit. Throws std::invalid_argument for a
  /// rule of another dimension or wrong options.
  explicit OnlineEM(M model, UpdateRule eta_update = default_rule<M>(), const Key& key = Key{0},
                    OnlineEMOptions options = {});
  /// Continues from a state that was saved. Throws as the other constructor does, and for a state that contradicts
  /// itself.
  explicit OnlineEM(OnlineEMState<M> state);

  /// Learns from a batch: score, E-step, rule, M-step, gauge. Throws std::invalid_argument, before anything changes,
  /// for no rows, another number of columns, or values, weights or times outside their domains; with
  /// options.gaussian_test that of weights is 0 and 1. An infeasible step goes half-way back until it is feasible; one
  /// that is not finite is not taken; both are in the status.
  /// Cost: O(rows d^2 + d^3).
  BatchReport update(const RowView& batch, const BatchOptions& options = {});

  /// Gives the model other names of its columns, or none; nothing that was learned changes. Throws
  /// std::invalid_argument for another number of names than d.
  void name_columns(const ColumnNames& columns) requires NamesColumns<M>;
  /// Returns a copy. Both remember where they parted, so that a merge counts once what both held then. Fork a trained
  /// state for every place where it is to learn on its own. The state itself may learn on, and it merges with its forks
  /// as they merge with each other.
  [[nodiscard]] OnlineEM fork();
  /// Takes in what another state learned: afterwards this holds the rows of both, those before their last common fork
  /// once. If one of the two has learned nothing since the last common fork, the result is the other. Two states that
  /// are the same since a fork, as a state and its copy are, are refused, because they may have learned equal rows.
  /// Statistics and the averages of the rule are merged by weight, about one origin and in one gauge. Steps, weights
  /// and total scores add; recent scores are pooled; the drift detector starts anew; outcomes are counted together. A
  /// column is seen if either state has seen it, and constant if it has one value in all that both have seen. In
  /// backtests the days that the other state saw since the fork follow those of this one. Key,
  /// source position and gauge of display stay this state's; the last time is the later one; columns without names take
  /// those of the other state. For states that were
  /// frozen the merge is, to rounding, the state that learned both parts. The merge is associative and commutative to
  /// rounding; but where three states or more each know a column that others do not, the law of these columns beside each
  /// other depends on the order.
  /// Throws std::invalid_argument, before anything changes, if rules, settings, dimensions, names or priors differ, if the
  /// rule does not average, or if the merged statistics are feasible for no law or are not finite. Unless `force`,
  /// which counts everything as different rows, it also throws if the initial models differ or if both hold rows that
  /// they do not share by a fork.
  void merge(const OnlineEM& other, bool force = false);

  /// Returns the model that users see: that of the rule's reported eta, in the gauge of `regularization`; before the
  /// first update the initial model as it was given.
  [[nodiscard]] M model() const;
  /// Returns the model that drives the next E-step, in the working gauge.
  [[nodiscard]] const M& driving_model() const noexcept { return state_.driving; }
  /// Returns the running eta, the statistics that the fit remembers.
  [[nodiscard]] const Eta& eta() const noexcept { return state_.running; }
  /// Returns the number of updates so far.
  [[nodiscard]] std::int64_t step() const noexcept { return state_.step; }
  [[nodiscard]] double total_weight() const noexcept { return state_.total_weight; }
  /// Returns the prequential score so far.
  [[nodiscard]] const LogScore& log_score() const noexcept { return state_.score; }
  /// Returns all outcomes so far, and the limits in which the model is now.
  /// @param distinct_rows  the number of different rows, if some were learned from more than once.
  [[nodiscard]] Status status(double distinct_rows = std::numeric_limits<double>::infinity()) const;
  /// Returns the parameters of the driving model with the covariance of their estimates, (N F)^{-1}: F is the Fisher
  /// information of the model in a row, N the number of rows of equal weight that determine it as well as those that
  /// the rule remembers; a column that is missing in a share of the rows has less. It is right where the rows come from
  /// a law of the family, are independent, and determine the model to within its quadratic neighbourhood.
  /// Throws std::invalid_argument for a rule other than NaturalGradientUpdate, and before the first update.
  /// Cost: O(p^2 d^2), p the number of parameters.
  /// @param distinct_rows  the number of different rows, if some were learned from more than once.
  [[nodiscard]] ParameterCovariance cov_params(double distinct_rows = std::numeric_limits<double>::infinity()) const;
  /// Returns the backtests of options.portfolios, in their order, by all rows that were learned for the first time.
  [[nodiscard]] std::vector<PortfolioBacktest> backtests() const;
  /// Returns the functions that fit the models, in the working gauge.
  [[nodiscard]] const typename M::Fit& fit() const noexcept { return fit_; }
  [[nodiscard]] Index d() const noexcept { return state_.initial.d(); }
  [[nodiscard]] const Key& key() const noexcept { return state_.key; }
  [[nodiscard]] const SourcePosition& position() const noexcept { return state_.position; }
  /// Returns the position for the reader of the source to set.
  [[nodiscard]] SourcePosition& position() noexcept { return state_.position; }
  /// Returns the whole state as plain data.
  [[nodiscard]] const OnlineEMState<M>& state() const noexcept { return state_; }
  /// True if both are the same in every bit, their rules' states included; names of columns do not count.
  bool operator==(const OnlineEM& other) const { return state_ == other.state_; }

 private:
  void check_options() const;
  void check_forecasts() const;

  OnlineEMState<M> state_;
  typename M::Fit fit_;  // in the working gauge
};

}  // namespace varimix
