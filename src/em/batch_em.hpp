#pragma once

#include <optional>
#include <span>
#include <string>

#include "anderson.hpp"
#include "fit_coordinates.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix {

/// One fit of BatchEMFitter: the loop and what it carries. It works in the gauge E[Y] = 1 of the emitted statistics, or, where
/// a prior or fixed parameters depend on the gauge, in that of the initial model throughout.
template <Subordinator S>
class BatchEM {
 public:
  BatchEM(const MeanVarianceMixture<S>& init, const RowView& x, std::span<const double> weights,
          const BatchEMOptions& options);
  [[nodiscard]] EMResult<S> run(const StepCallback& callback);

 private:
  /// Where the fit stands: an iterate with its likelihood, and the EM step from it.
  struct Accepted {
    Iterate<S> at;
    double objective;
    EStepResult e_step;
    MStepResult<S> m_step;  // in the gauge of the E-step
    Eta emitted;
    Iterate<S> next;
  };

  [[nodiscard]] Iterate<S> start() const;
  [[nodiscard]] double objective(const MeanVarianceMixture<S>& model, double log_likelihood) const;
  [[nodiscard]] std::optional<Accepted> em_step(const Iterate<S>& at, const EStepResult& e_step,
                                                std::string& out_fault) const;
  [[nodiscard]] std::optional<Iterate<S>> proposal(const Accepted& accepted);
  void finish(const std::optional<Accepted>& accepted, EMResult<S>& result) const;
  [[nodiscard]] double effective_rows() const;
  [[nodiscard]] BatchReport report(double value, double change, const EMResult<S>& result) const;

  const MeanVarianceMixture<S>& init_;
  const RowView& x_;
  std::span<const double> weights_;
  const BatchEMOptions& options_;
  std::optional<Shrinkage> prior_;
  FixedParameters<S> fixed_;  // in the gauge of init_
  MStepOptions<S> m_step_options_;
  bool gauge_is_free_;
  double gauge_;  // the gauge worked in is that of init_ with gauge_ Y in place of Y
  FitCoordinates<S> coordinates_;
  Anderson anderson_;
};

}  // namespace varimix
