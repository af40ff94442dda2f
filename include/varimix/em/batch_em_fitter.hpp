#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "varimix/core/missing.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/em/batch_partial.hpp"
#include "varimix/em/batch_report.hpp"
#include "varimix/em/em_result.hpp"
#include "varimix/em/fit_options.hpp"
#include "varimix/em/fittable.hpp"
#include "varimix/em/rules/update_rules.hpp"

namespace varimix {

struct BatchEMOptions {
  int max_iter = 500;  ///< passes over the rows, >= 0; 0 returns the initial model
  /// >= 0, nats per row: a fit has converged when a pass raised the mean log-likelihood by at most tol, and its M-step
  /// moves the law (law_difference) by at most sqrt(tol). About tol is then still to gain; a few times that where plain
  /// EM is used and slow.
  double tol = 1e-9;
  Acceleration acceleration = Acceleration::kAnderson;    ///< kNone: plain EM
  Regularization regularization = Regularization::kNone;  ///< the gauge of the model returned, as in OnlineEMOptions
  /// Shrinkage(IdentityUpdate(), eta0, tau) with a number tau: penalised EM.
  std::optional<Shrinkage> eta_update = std::nullopt;
  bool symmetric = false;                ///< hold gamma = 0
  std::vector<std::string> fixed = {};   ///< parameters held at the initial model's values (fix_parameters)
  AlphaMin alpha_min = AlphaMin::kNone;  ///< least alpha of a VarianceGamma, as in OnlineEMOptions
  Missing missing = Missing::kError;     ///< the meaning of NaN
};

/// Fits by accelerated EM on all rows: maximum likelihood for data that fit in memory.
/// Every iteration is one E-step and one M-step. Anderson's method (memory 5) proposes the next model from the last
/// ones. A proposal whose likelihood turns out lower is dropped for the EM step that it replaced, so the history never
/// falls. With a prior (eta_update) the fit raises the penalised likelihood,
/// mean log f + tau * complete_log_likelihood(eta0).
class BatchEMFitter {
 public:
  /// Throws std::invalid_argument for an option outside its domain, and for an eta_update whose base is not
  /// IdentityUpdate, whose tau is not a number (strengths by field raise no likelihood), or which has feedback.
  explicit BatchEMFitter(BatchEMOptions options = {});

  /// Fits from `init`. The result's model is the M-step of the last E-step, log_likelihoods.back() the (penalised) mean
  /// log-likelihood of the model before it; n_iter counts E-steps, those of dropped proposals included.
  /// @param weights  one a row, finite and >= 0, not all 0; empty for ones. A row of weight 0 counts as absent.
  /// @param callback  is called after every pass, with its rows, weight, likelihood and change of parameters; the fit
  ///   stops there if it returns false.
  /// Rows that all show nothing give `init` with StatusCode::kNoRows.
  /// Throws std::invalid_argument for no rows, another number of columns than init.d(), NaN or infinity, or wrong
  /// weights.
  /// Cost: n_iter E-steps; memory O(d^2).
  template <BatchFittable M>
  [[nodiscard]] EMResult<M> fit(const M& init, const RowView& x, std::span<const double> weights = {},
                                const StepCallback& callback = {}) const;

  /// Does the same for rows that others hold: `ask` returns what all of them answer to a request, as e_step_partial and
  /// merge make it. The first E-step asks for the facts of the rows, the last for their peak. Missing is the
  /// options' meaning of NaN. Throws what `ask` throws, and std::invalid_argument for no rows, for weights that are all
  /// 0, and for an answer to another request.
  template <BatchFittable M>
  [[nodiscard]] EMResult<M> fit(const M& init, const AskRows<M>& ask, const StepCallback& callback = {}) const;

  [[nodiscard]] const BatchEMOptions& options() const noexcept { return options_; }

 private:
  BatchEMOptions options_;
};

/// Fits by BatchEMFitter(options) from `init` or, if that is empty, from the data's default_init, whose outcomes are
/// then in the result's status too. Throws as both do.
template <Subordinator S>
[[nodiscard]] EMResult<MeanVarianceMixture<S>> fit(const std::optional<MeanVarianceMixture<S>>& init, const RowView& x,
                                                   const BatchEMOptions& options = {},
                                                   std::span<const double> weights = {},
                                                   const StepCallback& callback = {});

}  // namespace varimix
