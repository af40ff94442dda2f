#include "natural_move.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/all_finite.hpp"
#include "drawn_statistics.hpp"
#include "free_directions.hpp"
#include "mixture/families.hpp"
#include "shape_gauge.hpp"
#include "shown_columns.hpp"
#include "varimix/stats/mixture_statistics.hpp"

namespace varimix {
namespace {

constexpr double kLongestStep =
    1.0;  // in the largest of |m|, |g| / max(1, g1), the eigenvalues of A, psi, and log E[Y]
// The anchor holds with this share of the prior's information.
constexpr double kPull = 0.1;
// In units of the root of Sigma; beyond, a law is one-sided to rounding.
constexpr double kLargestSkewness = 1e6;

/// Returns the gradient of the mean complete log-likelihood in a frame, from the statistics of an E-step in the gauge of
/// the shape, about mu.
Direction score(MixtureStatistics eta, const ShapePoint& shape, const ModelFrame& frame) {
  const double g = frame.skewness();
  Direction u{
      frame.into(std::move(eta.x_inv_y)), frame.into(std::move(eta.x)), frame.into(std::move(eta.xx_inv_y)), {}};
  u.m(0) -= g;
  u.a.col(0) -= g * u.g;
  u.a.row(0) -= g * u.g.transpose();
  u.a(0, 0) += g * g * eta.y;
  u.a.diagonal().array() -= 1.0;
  u.a *= 0.5;
  u.g(0) -= g * eta.y;
  const Eigen::Vector3d t(eta.inv_y, eta.y, eta.log_y.value_or(0.0));
  u.shape.resize(shape.slope.cols());
  for (Index j = 0; j < u.shape.size(); ++j) u.shape(j) = shape.score(t, j);
  return u;
}

/// Returns the factor by which a direction is shortened to what the score can be trusted for. It does not depend on the
/// axes of the frame.
double cut(const Direction& d, double g, double log_e) {
  double longest =
      std::max({d.m.norm(), d.g.norm() / std::max(1.0, g), d.shape.cwiseAbs().maxCoeff(), std::abs(log_e)});
  if (d.a.norm() > kLongestStep) {
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(d.a, Eigen::EigenvaluesOnly);
    longest = std::max(longest, solver.eigenvalues().cwiseAbs().maxCoeff());
  }
  return longest > kLongestStep ? kLongestStep / longest : 1.0;
}

/// Takes the numbers of the shape that lie at a bound, and would move beyond it, out of the free directions. Returns
/// true if there are some.
template <Subordinator S>
bool hold_at_bounds(const ShapeVector<S>& psi, const BlockCoordinates& direction, double least_alpha,
                    FreeDirections& inout_free) {
  if (inout_free.has_scale) return false;
  bool any = false;
  const ShapeVector<S> moved = psi + direction.scalars.tail(kShapeCount<S>);
  const ShapeVector<S> within = ShapeCoordinates<S>::within_bounds(moved, least_alpha);
  for (Index k = 0; k < kShapeCount<S>; ++k) {
    if (moved(k) == within(k) || within(k) != psi(k)) continue;
    inout_free.hold_shape(k, kShapeCount<S>);
    any = true;
  }
  return any;
}

/// Returns the information of a batch: that of the model, unless E[Y] is so large that rows as those of the batch know less
/// of gamma than its farthest would, of which the batch has none. Then it is what complete rows would know whose mean of
/// Y is that of the batch.
InformationBlocks information_of_batch(const InformationBlocks& fisher, const ShapePoint& shape, double mean_y) {
  constexpr Index kGamma = 1;  // its place among the scalars and the vectors
  InformationBlocks own = fisher;
  if (!(shape.mean(1) > kLargestMoment)) return own;
  const auto scale = [&](auto& block) {
    if (!(mean_y < block(kGamma, kGamma))) return;
    const double factor = std::sqrt(mean_y / block(kGamma, kGamma));
    block.row(kGamma) *= factor;
    block.col(kGamma) *= factor;
  };
  scale(own.scalars);
  scale(own.vectors);
  return own;
}

/// Raises conditional variances to the floor. Returns the columns that were raised.
std::vector<Index> raise_to(const Vector& floor, Matrix& inout_factor) {
  std::vector<Index> raised;
  for (Index j = 0; j < floor.size(); ++j) {
    double& pivot = inout_factor(j, j);
    if (pivot * pivot >= floor(j)) continue;
    pivot = std::sqrt(floor(j));
    raised.push_back(j);
  }
  return raised;
}

/// What holds a model to the one before the batch: the information of the past in the frame of the model, and a share of
/// the prior's in the frame of the start.
template <Subordinator S>
struct Hold {
  const InShapeGauge<S>& start;
  const ModelFrame& frame;
  const ModelFrame& start_frame;
  InformationBlocks past, prior;
  const ShownColumns& shown;

  /// Returns the gradient, in `frame`, of half the squared distance of a model from the start, and sets the latter.
  [[nodiscard]] Direction force(const InShapeGauge<S>& model, double& out_penalty) const {
    Direction by_past = difference(start, model, frame);
    shown.multiply(by_past);
    const BlockCoordinates moved = of_direction(by_past);
    const BlockCoordinates held = apply(past, moved);
    const BlockCoordinates from_start = of_direction(difference(start, model, start_frame));
    const BlockCoordinates drawn = apply(prior, from_start);
    out_penalty = 0.5 * (product(held, moved) + product(drawn, from_start));
    Direction force = frame.gradient_from(start_frame, to_gradient(drawn));
    shown.divide(force);
    const Direction other = to_gradient(held);
    force.m += other.m;
    force.g += other.g;
    force.a += other.a;
    force.shape += other.shape;
    return force;
  }
};

}  // namespace

template <Subordinator S>
NaturalMove<S> natural_move(const MeanVarianceMixture<S>& anchor, const MeanVarianceMixture<S>& before,
                            const MeanVarianceMixture<S>& at, const Eta& eta, const NaturalStep& step,
                            const MStepOptions<S>& options, InformationGrid<S>& grid) {
  const Index d = at.d();
  const double m = eta.weight;
  const InShapeGauge<S> here(at, options.alpha_min);
  const ModelFrame frame(here.sigma_factor, here.gamma, step.shown);
  const double g = frame.skewness();
  NaturalMove<S> move{.model = at};
  if (!(g < kLargestSkewness) || !eta.is_finite()) {
    move.infeasible = "gamma within a million of the root of Sigma";
    return move;
  }
  const RowInformation row = grid.at(here.psi, g, d);
  FreeDirections free = free_directions(options.fixed, at.subordinator(), g, d);

  // the unit of Y, which a target tells, but rows do not
  const bool tells_unit = step.target && !options.fixed.depend_on_gauge();
  const double unit = tells_unit ? best_scale(*step.target, eta, here, frame) : here.scale;
  MixtureStatistics statistics =
      about(step.target ? drawn_to(*step.target, eta, here.scale, unit) : eta, here.mu, unit);
  const ShapePoint shape = ShapeCoordinates<S>::point(here.psi);
  const double gradient_of_unit = free.has_scale && step.target ? m * score_of_unit(statistics, shape.law, frame) : 0.0;
  InformationBlocks fisher = row.fisher;
  if (step.target) {
    InformationBlocks complete = row.complete;
    if (tells_unit) complete.scalars = without_unit(complete.scalars, shape, g, d);
    fisher = drawn_information(row.fisher, complete, step.target->share);
  }
  const ShownColumns shown(step.shown, !free.has_scale, frame);

  const double mean_y = statistics.y;
  Direction gradient = score(std::move(statistics), shape, frame);
  shown.divide(gradient);
  BlockCoordinates pull = of_gradient(gradient);
  pull.scalars *= m;
  pull.vectors *= m;
  pull.traceless *= m;
  if (!(anchor == at)) {
    const InShapeGauge<S> start(anchor, options.alpha_min);
    const ModelFrame start_frame(start.sigma_factor, start.gamma, step.shown);
    const Hold<S> hold{.start = start,
                       .frame = frame,
                       .start_frame = start_frame,
                       .past = combine(step.past, fisher, 0.0, fisher),
                       .prior = combine(kPull * step.prior, prior_at<S>(start.psi, d), 0.0, row.prior),
                       .shown = shown};
    Direction force = hold.force(here, move.penalty);
    pull = minus(pull, of_gradient(force));
    force = hold.force(InShapeGauge<S>(before, options.alpha_min), move.penalty_before);
  }
  const InformationBlocks known = combine(step.past, fisher, step.prior, row.prior);
  const InformationBlocks matrix = combine(1.0, known, m, information_of_batch(fisher, shape, mean_y));
  double log_e = 0.0;
  auto solved = free.solve(matrix, pull, gradient_of_unit, log_e);
  if (solved && hold_at_bounds<S>(here.psi, *solved, options.alpha_min, free))
    solved = free.solve(matrix, pull, gradient_of_unit, log_e);
  if (!solved) {
    move.infeasible = "positive definite information";
    return move;
  }
  Direction by = to_direction(*solved);
  shown.divide(by);
  move.size_squared = product(pull, *solved);
  const double factor = cut(by, g, log_e);
  move.is_cut = factor < 1.0;
  by.m *= factor;
  by.g *= factor;
  by.a *= factor;
  by.shape *= factor;
  log_e *= factor;

  if (!by.shape.allFinite() || !all_finite(by.a) || !std::isfinite(log_e)) {
    move.infeasible = "a finite score";
    return move;
  }
  const ShapeVector<S> psi = ShapeCoordinates<S>::within_bounds(ShapeVector<S>(here.psi + by.shape), options.alpha_min);
  const S law = ShapeCoordinates<S>::law(psi);
  // of the law of Y in the gauge of the models: where only shapes are fixed, that in which they have their values
  double scale = unit * std::exp(log_e);
  if (!free.has_scale) scale *= scale_to_fixed<S>(law.rescale_y(scale), options.fixed);
  Vector mu = frame.out_of(std::move(by.m));
  mu += here.mu;
  Vector gamma = frame.out_of(std::move(by.g));
  gamma += here.gamma;
  Matrix sigma_factor = frame.moved_factor(std::move(by.a));
  move.raised_columns = raise_to(options.floor, sigma_factor);
  gamma /= scale;
  sigma_factor /= std::sqrt(scale);
  if (!all_finite(mu) || !all_finite(gamma) || !all_finite(sigma_factor)) {
    move.infeasible = "mu, gamma and Sigma within the range of doubles";
    return move;
  }
  const MeanVarianceMixture<S> moved(std::move(mu), std::move(gamma), std::move(sigma_factor), law.rescale_y(scale));
  move.model = with_fixed(moved, options.fixed);
  return move;
}

#define VARIMIX_INSTANTIATE(S)                                                                        \
  template NaturalMove<S> natural_move(const MeanVarianceMixture<S>&, const MeanVarianceMixture<S>&,  \
                                       const MeanVarianceMixture<S>&, const Eta&, const NaturalStep&, \
                                       const MStepOptions<S>&, InformationGrid<S>&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
