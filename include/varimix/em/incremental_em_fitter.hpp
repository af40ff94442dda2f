#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "varimix/core/row_view.hpp"
#include "varimix/em/batch_report.hpp"
#include "varimix/em/em_result.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/random/key.hpp"

namespace varimix {

struct IncrementalEMOptions {
  std::int64_t batch_size = 256;  ///< rows drawn in each step, >= 1; at most all rows are drawn
  std::int64_t max_steps = 200;   ///< >= 0; 0 returns the initial model
  UpdateRule eta_update = NaturalGradientUpdate{};
  int inner_iter = 1;  ///< E/M rounds on a batch, >= 1
  int verbose = 0;     ///< > 0: record the log-likelihood of all rows, which then are all checked
  Regularization regularization = Regularization::kNone;
  std::string e_step_backend = "cpu";  ///< "cpu" is the only one
  std::string m_step_backend = "cpu";
  bool symmetric = false;                ///< hold gamma = 0
  std::vector<std::string> fixed = {};   ///< parameters held at the initial model's values (fix_parameters)
  AlphaMin alpha_min = AlphaMin::kNone;  ///< least alpha of a VarianceGamma
  Missing missing = Missing::kError;     ///< the meaning of NaN
  bool score = false;                    ///< score every batch before learning from it, as OnlineEMOptions::score
  std::optional<EarlyStopping> stop_when = std::nullopt;  ///< early stopping on the score; it turns `score` on
};

/// Fits by incremental (mini-batch) EM: a loop over OnlineEM::update on batches drawn from an array.
class IncrementalEMFitter {
 public:
  /// Throws std::invalid_argument for an option outside its domain.
  explicit IncrementalEMFitter(IncrementalEMOptions options = {});

  /// Fits from `init`. Each batch is drawn without replacement, keyed by (key, step); only the rows drawn are read and
  /// checked, so a step costs O(batch_size) whatever the number of rows.
  /// Throws std::invalid_argument for no rows, another number of columns than init.d(), or a row drawn that is not
  /// finite.
  template <Fittable M>
  [[nodiscard]] EMResult<M> fit(const M& init, const RowView& x, const Key& key,
                                const StepCallback& callback = {}) const;

  /// Fits a state that the caller owns. The state holds all completed steps even if this throws or is stopped.
  template <Fittable M>
  [[nodiscard]] EMResult<M> fit(OnlineEM<M>& state, const RowView& x, const Key& key,
                                const StepCallback& callback = {}) const;

  /// Returns the state from which `fit` starts.
  template <Fittable M>
  [[nodiscard]] OnlineEM<M> start(const M& init) const;

  [[nodiscard]] const IncrementalEMOptions& options() const noexcept { return options_; }

 private:
  IncrementalEMOptions options_;
};

}  // namespace varimix
