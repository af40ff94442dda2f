#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/mixture/fit_constraints.hpp"
#include "varimix/mixture/local_coordinates.hpp"
#include "varimix/mixture/m_step.hpp"
#include "varimix/mixture/marginal.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/mixture/natural_move.hpp"
#include "varimix/mixture/parameter_covariance.hpp"

namespace varimix {

template <Subordinator S>
class FitCoordinates;
template <Subordinator S>
class InformationGrid;

/// The part of online and batch EM that depends on the family (concept Fittable), with the constraints that both keep.
/// It works in a gauge, that of the initial model with `gauge` * Y in place of Y. Every model that it returns has the
/// names of the initial model's columns.
template <Subordinator S>
class MixtureFit {
 public:
  using Model = MeanVarianceMixture<S>;
  using MStep = MStepResult<S>;
  using Coordinates = FitCoordinates<S>;
  using Weighted = WeightedModel<S>;

  /// Starts in the gauge of `initial`. Throws std::invalid_argument for constraints that the family does not know.
  MixtureFit(const Model& initial, const FitConstraints& constraints);

  [[nodiscard]] Index d() const noexcept { return start_->origin.size(); }
  /// Returns the statistics of a model, in the layout of its E-step; they need not be finite.
  [[nodiscard]] Eta statistics(const Model& model) const;
  /// Return the scale of Y: E[Y], or y_at_mode_of_log_y for a model whose E[Y] is infinite.
  [[nodiscard]] static double scale_of_y(const Eta& eta) { return eta.E_Y(); }
  [[nodiscard]] static double scale_of_y(const Model& model);
  [[nodiscard]] Index free_parameters() const { return varimix::free_parameters(d(), start_->fixed); }

  /// Gives the models that it returns from now on these names of their columns.
  void name_columns(const ColumnNames& columns) { columns_ = columns; }
  /// Works in another gauge from now on.
  void enter_gauge(double gauge);
  /// True if what is fixed depends on the gauge.
  [[nodiscard]] bool depends_on_gauge() const { return start_->fixed.depend_on_gauge(); }

  /// Do the E-step at a model and the M-step of what results, as e_step.hpp and m_step.hpp have them, in the gauge
  /// worked in. `out_log_density`, unless empty, receives log f of every row.
  [[nodiscard]] EStepResult e_step(const Model& model, const RowView& x, std::span<const double> weights,
                                   std::span<double> out_log_density = {}) const;
  [[nodiscard]] MStep m_step(const Eta& eta, BelowFloor below) const;
  /// Returns the options of M-steps: what they hold and bound.
  [[nodiscard]] const MStepOptions<S>& m_step_options() const noexcept { return *m_step_; }
  /// Returns the model moved by a natural-gradient step from `at`, where the E-step of a batch gave `eta`; `anchor` is
  /// the model before the batch, and `before` the model of the step before.
  [[nodiscard]] NaturalMove<S> natural_move(const Model& anchor, const Model& before, const Model& at, const Eta& eta,
                                            const NaturalStep& step);
  /// Returns the fit of these columns alone, for a step or two: it holds and bounds of them what this one does.
  [[nodiscard]] MixtureFit marginal(const std::vector<Index>& columns) const;
  /// Returns `whole` with `part` as the law of these columns, a model of marginal(columns); that of the others given some of
  /// them stays, for Y in the unit of its shape, as far as what is fixed lets it (varimix::with_marginal).
  [[nodiscard]] Model with_marginal(const Model& whole, const Model& part, const std::vector<Index>& columns,
                                    const std::vector<Index>& given) const;
  /// Returns the statistics of a model; a moment that does not exist is that of `rows`, the statistics of an E-step.
  [[nodiscard]] Eta finite_statistics(const Model& model, const Eta& rows) const;
  /// Returns the model as an M-step has it, with the limits in which it lies.
  [[nodiscard]] MStep as_m_step(const Model& model) const;
  /// Returns the mean of models by weight where E[Y] = 1 (E[1/Y] = 1 for an inverse gamma law of Y): of mu + gamma,
  /// h gamma, Sigma + h gamma gamma' and the shape, with h = 1 - 1/(E[Y] E[1/Y]), by which rows tell gamma from mu: near
  /// the Gaussian limit gamma may be anything, h gamma not. Where mu, gamma or Sigma is fixed, the mean of mu, gamma and
  /// Sigma. The mean of the shape is that of its coordinates, or, for a GIG with nothing fixed, that of log E[1/Y] and
  /// E[log Y]. Nothing if a weight is negative and Sigma is not positive definite, or no law has the moments.
  [[nodiscard]] std::optional<Model> mean_of(std::span<const Weighted> models) const;
  /// Returns the covariance of the estimates of a model from as many rows, by its Fisher information.
  [[nodiscard]] ParameterCovariance covariance(const Model& model, double rows, const Vector& shown) const;
  /// Returns coordinates of the models near one, in which what is fixed does not move.
  [[nodiscard]] LocalCoordinates<S> local_coordinates(const Model& model) const {
    return LocalCoordinates<S>(model, m_step_->fixed);
  }
  /// Return log f of every row, and its mean, with the E-step's floor.
  [[nodiscard]] Vector log_density(const Model& model, const RowView& x) const;
  [[nodiscard]] double mean_log_density(const Model& model, const RowView& x) const;
  /// Returns the model moved within what is fixed and bounded.
  [[nodiscard]] Model within_constraints(const Model& model) const;
  /// True if a model and the statistics behind it stay within the range of doubles as Y becomes sY.
  [[nodiscard]] bool can_be_rescaled(const Model& model, const Eta& eta, double s) const;

  /// Returns `model`, which is in the gauge worked in, in the gauge of display. Where that is the working gauge, or
  /// does not exist, Y is shown times `further`; `out_status` says where it does not exist.
  [[nodiscard]] Model shown(const Model& model, double further, Status& out_status) const;
  /// Adds to `out_status` whether the E-step found a spike of the density at rows (add_mode_trap).
  void add_spikes(const EStepResult& e_step, const RowView& x, std::span<const double> weights, std::int64_t step,
                  Status& out_status) const;
  /// Adds to `out_status` the limits in which the M-step of `eta`, the statistics of `rows` rows, lies.
  void add_limits(const MStep& fit, const Eta& eta, double rows, Status& out_status) const;

 private:
  /// What the initial model and the constraints say.
  struct Start {
    Vector origin;
    FixedParameters<S> fixed;  // in the gauge of the initial model
    Missing missing;
    Regularization regularization;
    double log_det_sigma;  // of the initial model
  };
  // What is shared by the copies of a fit never changes.
  std::shared_ptr<const Start> start_;
  std::shared_ptr<const MStepOptions<S>> m_step_;  // in the gauge worked in
  ColumnNames columns_;
  double gauge_ = 1.0;
  std::shared_ptr<const InformationGrid<S>> grid_;  // a cache
  // Where the order p stays the same for the whole fit: of an inverse Gaussian, or where it is fixed. Not a part of a
  // state's value: its values depend on the order alone.
  std::shared_ptr<BesselTables> tables_;
};

}  // namespace varimix
