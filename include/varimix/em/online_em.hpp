#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/em/update_rule.hpp"
#include "varimix/em/update_rules.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/mixture/m_step.hpp"
#include "varimix/mixture/normal_mixture.hpp"

namespace varimix {

/// In which gauge a fit shows its model; the law is the same in all of them.
///   "none": the working gauge, in which the running E[Y] is 1;  "mean_y_one": E[Y] = 1;
///   "det_sigma_one": |Sigma| = 1;  "det_sigma_x": |Sigma| as in the initial model;
///   "a_eq_b": a = b where Y is a GIG with both > 0.
/// With "none" and fixed parameters that depend on the gauge it is the initial model's. Where the gauge does not exist
/// (E[Y] infinite, a or b = 0) the working gauge is shown, and the status says so.
/// Throws std::invalid_argument for another word.
void check_regularization(const std::string& regularization);

struct OnlineEMOptions {
  int inner_iter = 1;  ///< E/M rounds on a batch, >= 1; the last E-step is blended
  std::string regularization = "none";
  bool symmetric = false;               ///< hold gamma = 0
  std::vector<std::string> fixed = {};  ///< parameters held at the initial model's values (fix_parameters)
  /// Least alpha of a VarianceGamma: "none", "density" (d/2 + 0.1: a bounded density) or "inverse_moment" (d/2 + 1.1).
  std::string alpha_min = "none";
};

/// What one update did.
struct BatchReport {
  std::int64_t rows = 0;
  std::int64_t parts = 0;         ///< M-steps taken: the default rule takes the first batches in parts
  double log_likelihood = 0.0;    ///< mean log f of the rows under the models that drove their E-steps, nats per row
  double parameter_change = 0.0;  ///< law_difference of the driving model over the update
  Status status = {};             ///< what happened in this update
};

/// The one state of a fit: model, running eta, rule with its state, step, weight. A value of size O(d^2) that never
/// holds a row; a copy goes its own way.
/// eta is kept about the initial location and in the gauge E[Y] = 1: after every blend the running eta, what the rule
/// carries and the driving model are rescaled together.
template <Subordinator S>
class OnlineEM {
 public:
  /// Starts from `model` and its own eta; where that is not finite (a gamma law with alpha <= 1, an inverse gamma) from the
  /// statistics of the first rows. Throws std::invalid_argument for a rule of another dimension or wrong options.
  explicit OnlineEM(NormalMixture<S> model, UpdateRule eta_update = PolyakRuppertUpdate{},
                    OnlineEMOptions options = {});

  /// Learns from a batch: E-step, rule, M-step, gauge. Throws std::invalid_argument, before anything changes, for no
  /// rows, another number of columns, or values not finite. An infeasible step goes half-way back until it is feasible;
  /// one that is not finite is not taken; both are in the status. Cost: O(rows d^2 + d^3).
  /// @param name  what messages call the rows.
  BatchReport update(const RowView& batch, const char* name = "batch");

  /// The model that users see: of the rule's reported eta, in the gauge of `regularization`; before the first update
  /// the initial model as it was given.
  [[nodiscard]] NormalMixture<S> model() const;
  /// The model that drives the next E-step, in the working gauge.
  [[nodiscard]] const NormalMixture<S>& driving_model() const noexcept { return driving_; }
  /// The running eta: what is remembered.
  [[nodiscard]] const Expectations& eta() const noexcept { return running_; }
  /// Updates so far.
  [[nodiscard]] std::int64_t step() const noexcept { return step_; }
  [[nodiscard]] double total_weight() const noexcept { return total_weight_; }
  /// All that happened so far, and the limits in which the model is now.
  /// @param distinct_rows  how many different rows there are, where some were learned from more than once.
  [[nodiscard]] Status status(double distinct_rows = std::numeric_limits<double>::infinity()) const;
  [[nodiscard]] Index d() const noexcept { return initial_.d(); }

 private:
  [[nodiscard]] StepInfo step_info(Index rows) const;
  [[nodiscard]] EStepOptions e_step_options() const;
  [[nodiscard]] MStepResult<S> m_step_of_rule(const Expectations& eta, BelowFloor below) const;
  [[nodiscard]] NormalMixture<S> shown(Status& out_status) const;
  void enter_gauge(double s);
  double learn(const RowView& part, Status& status);
  [[nodiscard]] NormalMixture<S> inner_rounds(const RowView& part, Status& status) const;
  bool take_step(const Expectations& wanted, UpdateRule rule, Status& status);
  void watch_columns(const RowView& batch);

  NormalMixture<S> initial_;
  NormalMixture<S> driving_;
  Expectations running_;
  UpdateRule rule_;
  OnlineEMOptions options_;
  FixedParameters<S> fixed_;  // in the gauge of initial_
  MStepOptions<S> m_step_options_ = {};
  double gauge_ = 1.0;  // the working gauge is that of initial_ with gauge_ Y in place of Y
  bool has_running_ = true;
  std::int64_t step_ = 0;
  double total_weight_ = 0.0;
  Status status_;
  Vector first_row_;  // to tell columns that never varied
  std::vector<Index> constant_columns_;
};

}  // namespace varimix
