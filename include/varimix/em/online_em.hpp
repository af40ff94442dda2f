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

/// What an update may be given beside its rows.
struct BatchOptions {
  /// One a row, finite and >= 0; empty for ones. A row of weight 0 counts as absent; a batch without weight is no step.
  std::span<const double> weights = {};
  /// When each row was made, in any unit, never falling from row to row and batch to batch; needed by rules with a half-life in
  /// time, and by no other.
  std::span<const double> times = {};
  const char* name = "batch";  ///< what messages call the rows
};

/// The one state of a fit: model, running eta, rule with its state, step, weight, scores. A value of size O(d^2) that never
/// holds a row; a copy goes its own way.
/// eta is kept about the initial location and in the gauge E[Y] = 1: after every blend the running eta, what the rule
/// carries and the driving model are rescaled together.
template <Fittable M>
class OnlineEM {
 public:
  /// Starts from `model` and its own eta; where that is not finite (a gamma law with alpha <= 1, an inverse gamma) from the
  /// statistics of the first rows. `key` keys what a fit draws at random. Throws std::invalid_argument for a rule of another
  /// dimension or wrong options.
  explicit OnlineEM(M model, UpdateRule eta_update = PolyakRuppertUpdate{}, const Key& key = Key{0},
                    OnlineEMOptions options = {});
  /// Continues from a state that was saved. Throws as the other, and for a state that contradicts itself.
  explicit OnlineEM(OnlineEMState<M> state);

  /// Learns from a batch: score, E-step, rule, M-step, gauge. Throws std::invalid_argument, before anything changes, for no
  /// rows, another number of columns, or values, weights or times outside their domains. An infeasible step goes half-way back
  /// until it is feasible; one that is not finite is not taken; both are in the status. Cost: O(rows d^2 + d^3).
  BatchReport update(const RowView& batch, const BatchOptions& options = {});

  /// A copy; both remember where they parted, so that a merge counts what both hold once. Fork a trained state for every place
  /// where it is to learn on its own; it may learn on itself, and takes in its forks as they take in each other.
  [[nodiscard]] OnlineEM fork();
  /// Takes in what another state learned: afterwards this holds the rows of both, those before their last common fork once.
  /// Where one is the state that the other was forked from nothing needs to be combined: the result is the one that learned
  /// more. Two states that are the same since a fork, as a copy is, are refused: they may be two that learned equal rows.
  /// Statistics and what the rule averages are merged by weight, about one origin and in one gauge; steps, weights and total
  /// scores add; recent scores are pooled; the drift detector starts anew; outcomes are counted together; a column is seen if
  /// either has seen it, and constant if it was in both, at one value; key, source position
  /// and gauge of display stay this state's; the last time is the later. For states that were frozen the merge is that of one
  /// state over both parts to rounding; associative and commutative to rounding.
  /// Throws std::invalid_argument, before anything changes, where rules, settings, dimensions or priors differ, for a rule that
  /// does not average, where even so the statistics of both are no law's or no doubles, and - unless `force`, which then counts
  /// everything as different rows - where the initial models differ or both hold rows from before no common fork.
  void merge(const OnlineEM& other, bool force = false);

  /// The model that users see: of the rule's reported eta, in the gauge of `regularization`; before the first update
  /// the initial model as it was given.
  [[nodiscard]] M model() const;
  /// The model that drives the next E-step, in the working gauge.
  [[nodiscard]] const M& driving_model() const noexcept { return state_.driving; }
  /// The running eta: what is remembered.
  [[nodiscard]] const Eta& eta() const noexcept { return state_.running; }
  /// Updates so far.
  [[nodiscard]] std::int64_t step() const noexcept { return state_.step; }
  [[nodiscard]] double total_weight() const noexcept { return state_.total_weight; }
  /// The prequential score so far.
  [[nodiscard]] const LogScore& log_score() const noexcept { return state_.score; }
  /// All that happened so far, and the limits in which the model is now.
  /// @param distinct_rows  how many different rows there are, where some were learned from more than once.
  [[nodiscard]] Status status(double distinct_rows = std::numeric_limits<double>::infinity()) const;
  /// How its models are fitted, in the working gauge.
  [[nodiscard]] const typename M::Fit& fit() const noexcept { return fit_; }
  [[nodiscard]] Index d() const noexcept { return state_.initial.d(); }
  [[nodiscard]] const Key& key() const noexcept { return state_.key; }
  [[nodiscard]] const SourcePosition& position() const noexcept { return state_.position; }
  /// The same, for whoever reads the source to say how far.
  [[nodiscard]] SourcePosition& position() noexcept { return state_.position; }
  /// Everything, as plain data.
  [[nodiscard]] const OnlineEMState<M>& state() const noexcept { return state_; }
  /// True if both are the same in every bit, their rules' states included.
  bool operator==(const OnlineEM& other) const { return state_ == other.state_; }

 private:
  void check_options() const;

  OnlineEMState<M> state_;
  typename M::Fit fit_;  // in the working gauge
};

}  // namespace varimix
