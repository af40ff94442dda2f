#pragma once

#include <optional>
#include <string>

#include "anderson.hpp"
#include "batch_fit_rows.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/fittable.hpp"

namespace varimix {

/// One fit of BatchEMFitter: the loop with its state. It works in the gauge E[Y] = 1 of the emitted statistics or, if a
/// prior or fixed parameters depend on the gauge, throughout in the gauge in which the initial model has E[Y] = 1.
template <BatchFittable M>
class BatchEM {
 public:
  BatchEM(const M& init, FitRows<M>& rows, const BatchEMOptions& options);
  [[nodiscard]] EMResult<M> run(const StepCallback& callback);

 private:
  using Coordinates = typename M::Fit::Coordinates;
  using Iterate = typename Coordinates::Iterate;
  /// An iterate that was accepted, with its likelihood and the EM step from it.
  struct Accepted {
    Iterate at;
    double objective;
    EStepResult e_step;
    MStep<M> m_step;  // in the gauge of the E-step
    Eta emitted;
    Iterate next;
  };

  [[nodiscard]] Iterate start() const;
  [[nodiscard]] double objective(const M& model, double log_likelihood) const;
  [[nodiscard]] std::optional<Accepted> em_step(const Iterate& at, const EStepResult& e_step,
                                                std::string& out_fault) const;
  [[nodiscard]] std::optional<Iterate> proposal(const Accepted& accepted);
  [[nodiscard]] StatusEntry iterate(const StepCallback& callback, std::optional<Accepted>& out_last,
                                    EMResult<M>& out_result);
  void show(const Accepted& last, EMResult<M>& result) const;
  void judge(EMResult<M>& result) const;
  [[nodiscard]] BatchReport report(double value, double change, const EMResult<M>& result) const;

  const M& init_;
  FitRows<M>& rows_;
  const BatchEMOptions& options_;
  std::optional<UpdateRule> prior_;  // a Shrinkage
  typename M::Fit fit_;              // in the working gauge
  bool gauge_is_free_;
  double gauge_;  // the working gauge at the start is that of init_ with gauge_ Y in place of Y
  Coordinates coordinates_;
  Anderson anderson_;
};

}  // namespace varimix
