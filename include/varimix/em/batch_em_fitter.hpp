#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "varimix/core/missing.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/em/batch_report.hpp"
#include "varimix/em/em_result.hpp"
#include "varimix/em/fit_options.hpp"
#include "varimix/em/fittable.hpp"
#include "varimix/em/rules/update_rules.hpp"

namespace varimix {

struct BatchEMOptions {
  int max_iter = 500;  ///< passes over the rows, >= 0; 0 returns the initial model
  /// >= 0, nats per row: a fit has converged when a pass raised the mean log-likelihood by at most tol, and its M-step
  /// moves the law (law_difference) by at most sqrt(tol). What is then still to gain is about tol; with plain EM on
  /// data where it is slow a few times that.
  double tol = 1e-9;
  Acceleration acceleration = Acceleration::kAnderson;    ///< kNone: plain EM
  Regularization regularization = Regularization::kNone;  ///< the gauge of what is returned, as in OnlineEMOptions
  /// Shrinkage(IdentityUpdate(), eta0, tau) with a number tau: penalised EM.
  std::optional<Shrinkage> eta_update = std::nullopt;
  bool symmetric = false;                ///< hold gamma = 0
  std::vector<std::string> fixed = {};   ///< parameters held at the initial model's values (fix_parameters)
  AlphaMin alpha_min = AlphaMin::kNone;  ///< of a VarianceGamma, as in OnlineEMOptions
  Missing missing = Missing::kError;     ///< what NaN means
};

/// EM on all rows, accelerated: maximum likelihood of data that fit in memory.
/// Every iteration is one E-step and one M-step. Anderson's method (memory 5) proposes the next model from the last ones; a
/// proposal whose likelihood turns out lower is dropped for the EM step that it replaced, so the history never falls.
/// With a prior (eta_update) what rises is the penalised likelihood, mean log f + tau * complete_log_likelihood(eta0).
class BatchEMFitter {
 public:
  /// Throws std::invalid_argument for an option outside its domain; for an eta_update whose base is not IdentityUpdate,
  /// whose tau is not a number (there is no likelihood that strengths by field would raise), or with feedback.
  explicit BatchEMFitter(BatchEMOptions options = {});

  /// Fits from `init`. The result's model is the M-step of the last E-step, log_likelihoods.back() the (penalised) mean log-
  /// likelihood of the model before it; n_iter counts E-steps, also of proposals that were dropped.
  /// @param weights  one a row, finite and >= 0, not all 0; empty for ones. A row of weight 0 counts as absent.
  /// @param callback  asked after every pass, with its rows, weight, likelihood and change of parameters; false stops there.
  /// Throws std::invalid_argument for no rows, another number of columns than init.d(), NaN or infinity, or wrong weights.
  /// Cost: n_iter E-steps; memory O(d^2).
  template <Fittable M>
  [[nodiscard]] EMResult<M> fit(const M& init, const RowView& x, std::span<const double> weights = {},
                                const StepCallback& callback = {}) const;

  [[nodiscard]] const BatchEMOptions& options() const noexcept { return options_; }

 private:
  BatchEMOptions options_;
};

/// The short form: BatchEMFitter(options).fit from `init`, or, where there is none, from the data's default_init, whose outcomes
/// then are in the result's status too. Throws as both.
template <Subordinator S>
[[nodiscard]] EMResult<MeanVarianceMixture<S>> fit(const std::optional<MeanVarianceMixture<S>>& init, const RowView& x,
                                                   const BatchEMOptions& options = {},
                                                   std::span<const double> weights = {},
                                                   const StepCallback& callback = {});

}  // namespace varimix
