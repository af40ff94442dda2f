#include "varimix/mixture/mixture_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <concepts>
#include <memory>
#include <utility>

#include "core/all_finite.hpp"
#include "degenerate_limits.hpp"
#include "display_gauge.hpp"
#include "mixture/families.hpp"
#include "mixture/matrix_kernels.hpp"
#include "mixture/natural_gradient/mean_of_models.hpp"
#include "mixture/natural_gradient/natural_move.hpp"
#include "mixture/natural_gradient/parameter_covariance.hpp"
#include "mixture/natural_gradient/shape_coordinates.hpp"
#include "mode_spike.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/mixture/law_difference.hpp"
#include "varimix/stats/gauge.hpp"
#include "varimix/stats/mixture_statistics.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix {
namespace {

double distance_floor_of(Index d) { return kModeDistanceFloor * static_cast<double>(d); }

// A fit has tables for rows with gaps up to this many columns. A table takes some 100 KB.
constexpr Index kMostColumnsWithTables = 64;

/// Returns the tables for rows that show 1 to d columns: the same ones while the fits of a thread have that order and d.
std::shared_ptr<BesselTables> tables_of(double order, Index d, Missing missing) {
  thread_local std::shared_ptr<BesselTables> latest;
  const Index steps = missing == Missing::kExact && d <= kMostColumnsWithTables ? d - 1 : 0;
  if (!latest || latest->nu() != order || latest->steps() != steps) {
    latest = std::make_shared<BesselTables>(order, steps);
  }
  return latest;
}

bool is_zero_or_normal(double value) { return value == 0.0 || std::isnormal(value); }

}  // namespace

template <Subordinator S>
MixtureFit<S>::MixtureFit(const Model& initial, const FitConstraints& constraints)
    : start_(std::make_shared<const Start>(
          Start{initial.mu(), fix_parameters(initial, constraints.fixed, constraints.symmetric), constraints.missing,
                constraints.regularization, initial.log_det_sigma()})),
      columns_(initial.columns()) {
  check_display_gauge<S>(start_->regularization);
  m_step_ = std::make_shared<const MStepOptions<S>>(
      MStepOptions<S>{.floor = kDispersionFloorRatio * scale_of_y(initial) * initial.sigma().diagonal(),
                      .fixed = start_->fixed,
                      .alpha_min = least_alpha<S>(constraints.alpha_min, d())});
  const bool keeps_order = std::same_as<S, InverseGaussian> || start_->fixed.shape.values.front().has_value();
  const double order = initial.subordinator().gig().p - 0.5 * static_cast<double>(d());
  if (keeps_order && std::abs(order) <= kBesselTableLargestOrder) {
    tables_ = tables_of(order, d(), constraints.missing);
  }
}

template <Subordinator S>
Eta MixtureFit<S>::statistics(const Model& model) const {
  Eta own = model.compute_eta_from_model();
  if constexpr (!S::kUsesLogY) {
    MixtureStatistics statistics = mixture_statistics(own);
    statistics.log_y.reset();
    own = to_eta(statistics, own.origin);
  }
  return own;
}

template <Subordinator S>
double MixtureFit<S>::scale_of_y(const Model& model) {
  const double mean = model.subordinator().E_Y();
  return std::isfinite(mean) ? mean : y_at_mode_of_log_y(model.subordinator().gig());
}

template <Subordinator S>
void MixtureFit<S>::enter_gauge(double gauge) {
  gauge_ = gauge;
  if (!start_->fixed.depend_on_gauge()) return;
  MStepOptions<S> options = *m_step_;
  options.fixed = start_->fixed.rescale_y(gauge);
  m_step_ = std::make_shared<const MStepOptions<S>>(std::move(options));
}

template <Subordinator S>
EStepResult MixtureFit<S>::e_step(const Model& model, const RowView& x, std::span<const double> weights,
                                  std::span<double> out_log_density) const {
  return varimix::e_step(model, x, start_->origin,
                         {.log_y = S::kUsesLogY ? LogY::kCompute : LogY::kLeaveOut,
                          .distance_floor = distance_floor_of(d()),
                          .weights = weights,
                          .missing = start_->missing,
                          .tables = tables_.get(),
                          .log_density = out_log_density});
}

template <Subordinator S>
auto MixtureFit<S>::m_step(const Eta& eta, BelowFloor below) const -> MStep {
  MStep result = varimix::m_step<S>(eta, *m_step_, below);
  if (result.model) result.model = (*std::move(result.model)).with_columns(columns_);
  return result;
}

template <Subordinator S>
NaturalMove<S> MixtureFit<S>::natural_move(const Model& anchor, const Model& before, const Model& at, const Eta& eta,
                                           const NaturalStep& step) {
  InformationGrid<S> grid = grid_ ? *grid_ : InformationGrid<S>();
  NaturalMove<S> move = varimix::natural_move(anchor, before, at, eta, step, *m_step_, grid);
  if (!grid_ || !grid.has_nodes_of(*grid_)) grid_ = std::make_shared<const InformationGrid<S>>(std::move(grid));
  move.model = std::move(move.model).with_columns(columns_);
  return move;
}

template <Subordinator S>
MixtureFit<S> MixtureFit<S>::marginal(const std::vector<Index>& columns) const {
  MixtureFit part = *this;
  Start start = *start_;
  start.origin = start_->origin(columns);
  start.fixed = varimix::marginal(start_->fixed, columns);
  part.start_ = std::make_shared<const Start>(std::move(start));
  MStepOptions<S> options = *m_step_;
  options.floor = m_step_->floor(columns);
  options.fixed = varimix::marginal(m_step_->fixed, columns);
  part.m_step_ = std::make_shared<const MStepOptions<S>>(std::move(options));
  part.columns_ = {};
  part.grid_ = nullptr;
  return part;
}

template <Subordinator S>
auto MixtureFit<S>::with_marginal(const Model& whole, const Model& part, const std::vector<Index>& columns,
                                  const std::vector<Index>& given) const -> Model {
  const double unit =
      ShapeCoordinates<S>::scale(part.subordinator()) / ShapeCoordinates<S>::scale(whole.subordinator());
  return with_fixed(varimix::with_marginal(whole, part, columns, given, unit), m_step_->fixed).with_columns(columns_);
}

template <Subordinator S>
Eta MixtureFit<S>::finite_statistics(const Model& model, const Eta& rows) const {
  const S& law = model.subordinator();
  const double excess = rows.E_inv_Y() * rows.E_Y();  // E[1/Y] E[Y] > 1 of the rows
  const double inv_y =
      std::isfinite(law.E_inv_Y()) ? law.E_inv_Y() : std::max(excess / law.E_Y(), 2.0 * std::exp(-law.E_log_Y()));
  const double y =
      std::isfinite(law.E_Y()) ? law.E_Y() : std::max(excess / law.E_inv_Y(), 2.0 * std::exp(law.E_log_Y()));
  const Vector x = y * model.gamma();  // about mu
  Matrix xx_inv_y = x * model.gamma().transpose();
  add_square(model.L_Sigma().transpose(), 1.0, xx_inv_y);
  const MixtureStatisticsRef own{.inv_y = inv_y,
                                 .y = y,
                                 .log_y = S::kUsesLogY ? std::optional(law.E_log_Y()) : std::nullopt,
                                 .x = x,
                                 .x_inv_y = model.gamma(),
                                 .xx_inv_y = xx_inv_y};
  return with_origin(to_eta(own, model.mu()), start_->origin);
}

template <Subordinator S>
auto MixtureFit<S>::as_m_step(const Model& model) const -> MStep {
  constexpr double kRounding = 1e-9;
  MStep result{.model = model, .infeasible = "", .shape_limit = varimix::shape_limit(model, *m_step_)};
  const double scale = scale_of_y(model);
  for (Index j = 0; j < m_step_->floor.size(); ++j) {
    const double pivot = model.L_Sigma()(j, j);
    if (scale * pivot * pivot <= (1.0 + kRounding) * m_step_->floor(j)) result.raised_columns.push_back(j);
  }
  return result;
}

template <Subordinator S>
ParameterCovariance MixtureFit<S>::covariance(const Model& model, double rows, const Vector& shown) const {
  return parameter_covariance(model, rows, shown, *m_step_);
}

template <Subordinator S>
auto MixtureFit<S>::mean_of(std::span<const Weighted> models) const -> std::optional<Model> {
  std::optional<Model> mean = varimix::mean_of(models, *m_step_);
  if (mean) mean = (*std::move(mean)).with_columns(columns_);
  return mean;
}

template <Subordinator S>
Vector MixtureFit<S>::log_density(const Model& model, const RowView& x) const {
  return varimix::log_density(model, x, start_->missing, distance_floor_of(d()), tables_.get());
}

template <Subordinator S>
double MixtureFit<S>::mean_log_density(const Model& model, const RowView& x) const {
  return varimix::mean_log_density(model, x, start_->missing, distance_floor_of(d()), tables_.get());
}

template <Subordinator S>
auto MixtureFit<S>::within_constraints(const Model& model) const -> Model {
  return varimix::within_constraints(model, *m_step_).with_columns(columns_);
}

template <Subordinator S>
bool MixtureFit<S>::can_be_rescaled(const Model& model, const Eta& eta, double s) const {
  const GigParameters gig = model.subordinator().gig();
  const Vector whitened_gamma = model.L_Sigma().template triangularView<Eigen::Lower>().solve(model.gamma());
  const auto variances_fit = [&] {  // of X given Y = 1
    const double sum = model.L_Sigma().squaredNorm();
    if (std::isfinite(sum) && std::isfinite(sum / s)) return true;
    const Vector variance = model.L_Sigma().rowwise().squaredNorm();
    return all_finite(variance) && all_finite(variance / s);
  };
  return std::isnormal(s) && std::isnormal(gauge_ * s) && std::isfinite(whitened_gamma.squaredNorm() / s) &&
         all_finite(model.gamma() / s) && variances_fit() && varimix::can_be_rescaled(eta, s) &&
         is_zero_or_normal(gig.a / s) && is_zero_or_normal(gig.b * s);
}

template <Subordinator S>
auto MixtureFit<S>::shown(const Model& model, double further, Status& out_status) const -> Model {
  return in_display_gauge(model.rescale_y(further),
                          {start_->fixed, start_->regularization, start_->log_det_sigma, gauge_ * further}, out_status)
      .with_columns(columns_);
}

template <Subordinator S>
void MixtureFit<S>::add_spikes(const EStepResult& e_step, const RowView& x, std::span<const double> weights,
                               std::int64_t step, Status& out_status) const {
  add_mode_trap(e_step, x, weights, step, out_status);
}

template <Subordinator S>
void MixtureFit<S>::add_limits(const MStep& fit, const Eta& eta, double rows, Status& out_status) const {
  add_degenerate_limits(fit, eta, rows, out_status);
}

#define VARIMIX_INSTANTIATE(S) template class MixtureFit<S>;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
