#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "varimix/core/row_view.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/random/key.hpp"

namespace varimix {

/// What a fit gives back.
template <Subordinator S>
struct EMResult {
  NormalMixture<S> model;
  /// Mean log-likelihood of all rows, nats per row: recorded if verbose, after every max(1, max_steps / 10) steps and
  /// once at the end.
  std::vector<double> log_likelihoods = {};
  /// Of every step: law_difference of the driving model before and after it.
  std::vector<double> param_changes = {};
  std::int64_t n_iter = 0;  ///< steps taken
  bool converged =
      false;  ///< the incremental fitter has no convergence test: always false, the status says why it ended
  double elapsed_time = 0.0;  ///< seconds
  bool diverged = false;      ///< a step was not finite and was not taken; the model is that of the steps before it
  Status status = {};
};

/// Asked after every step, with the steps taken; false stops the fit there.
using StepCallback = std::function<bool(std::int64_t steps_taken)>;

struct IncrementalEMOptions {
  std::int64_t batch_size = 256;  ///< rows drawn a step, >= 1; at most all of them are used
  std::int64_t max_steps = 200;   ///< >= 0; 0 returns the initial model
  UpdateRule eta_update = PolyakRuppertUpdate{};
  int inner_iter = 1;  ///< E/M rounds on a batch
  int verbose = 0;     ///< > 0: record the log-likelihood of all rows, which then are all checked
  std::string regularization = "none";
  std::string e_step_backend = "cpu";  ///< "cpu" is the one there is
  std::string m_step_backend = "cpu";
};

/// Incremental (mini-batch) EM: a loop over OnlineEM::update on batches drawn from an array.
class IncrementalEMFitter {
 public:
  /// Throws std::invalid_argument for an option outside its domain.
  explicit IncrementalEMFitter(IncrementalEMOptions options = {});

  /// Fits from `init`. Each batch is drawn without replacement, keyed by (key, step); only the rows drawn are read and
  /// checked, so a step costs O(batch_size) whatever the number of rows.
  /// Throws std::invalid_argument for no rows, another number of columns than init.d(), or a row drawn that is not finite.
  template <Subordinator S>
  [[nodiscard]] EMResult<S> fit(const NormalMixture<S>& init, const RowView& x, const Key& key,
                                const StepCallback& callback = {}) const;

  /// The same on a state that the caller owns, which holds all completed steps also if this throws or is stopped.
  template <Subordinator S>
  [[nodiscard]] EMResult<S> fit(OnlineEM<S>& state, const RowView& x, const Key& key,
                                const StepCallback& callback = {}) const;

  /// The state from which `fit` starts.
  template <Subordinator S>
  [[nodiscard]] OnlineEM<S> start(const NormalMixture<S>& init) const;

  [[nodiscard]] const IncrementalEMOptions& options() const noexcept { return options_; }

 private:
  IncrementalEMOptions options_;
};

extern template EMResult<InverseGaussian> IncrementalEMFitter::fit(const NormalInverseGaussian&, const RowView&,
                                                                   const Key&, const StepCallback&) const;
extern template EMResult<InverseGaussian> IncrementalEMFitter::fit(OnlineEM<InverseGaussian>&, const RowView&,
                                                                   const Key&, const StepCallback&) const;
extern template OnlineEM<InverseGaussian> IncrementalEMFitter::start(const NormalInverseGaussian&) const;

}  // namespace varimix
