#include "varimix/mixture/marginal.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "column_order.hpp"
#include "families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stats/mixture_statistics.hpp"

namespace varimix {
namespace {

/// Returns where in `columns` each of `given` stands.
std::vector<Index> places_of(const std::vector<Index>& given, const std::vector<Index>& columns) {
  std::vector<Index> places;
  for (const Index column : given) {
    const auto found = std::find(columns.begin(), columns.end(), column);
    require(found != columns.end(), "given", "among the columns", column);
    places.push_back(found - columns.begin());
    require(std::count(given.begin(), given.end(), column) == 1, "given", "different", column);
  }
  return places;
}

std::vector<Index> joined(std::vector<Index> first, const std::vector<Index>& last) {
  first.insert(first.end(), last.begin(), last.end());
  return first;
}

Vector numbers_of(const Vector& all, const std::vector<Index>& columns) {
  require_columns(columns, all.size());
  return all(columns);
}

Matrix factor_of(const Matrix& factor, const std::vector<Index>& columns) {
  require_columns(columns, factor.rows());
  return reordered_factor(factor, columns).leftCols(static_cast<Index>(columns.size()));
}

}  // namespace

template <Subordinator S>
MeanVarianceMixture<S> marginal(const MeanVarianceMixture<S>& model, const std::vector<Index>& columns) {
  return MeanVarianceMixture<S>(numbers_of(model.mu(), columns), numbers_of(model.gamma(), columns),
                                factor_of(model.L_Sigma(), columns), model.subordinator())
      .with_columns(names_of(model.columns(), columns));
}

Eta marginal(const Eta& eta, const std::vector<Index>& columns) {
  require_columns(columns, eta.d());
  const MixtureStatistics all = mixture_statistics(eta);
  const Matrix xx_inv_y = all.xx_inv_y.selfadjointView<Eigen::Lower>();
  const MixtureStatistics own{.inv_y = all.inv_y,
                              .y = all.y,
                              .log_y = all.log_y,
                              .x = all.x(columns),
                              .x_inv_y = all.x_inv_y(columns),
                              .xx_inv_y = xx_inv_y(columns, columns)};
  return to_eta(own, eta.origin(columns), eta.weight);
}

template <Subordinator S>
FixedParameters<S> marginal(const FixedParameters<S>& fixed, const std::vector<Index>& columns) {
  FixedParameters<S> own{.shape = fixed.shape};
  if (fixed.mu) own.mu = numbers_of(*fixed.mu, columns);
  if (fixed.gamma) own.gamma = numbers_of(*fixed.gamma, columns);
  if (fixed.L_Sigma) own.L_Sigma = factor_of(*fixed.L_Sigma, columns);
  return own;
}

template <Subordinator S>
MeanVarianceMixture<S> with_marginal(const MeanVarianceMixture<S>& whole, const MeanVarianceMixture<S>& part,
                                     const std::vector<Index>& columns, double unit) {
  return with_marginal(whole, part, columns, columns, unit);
}

template <Subordinator S>
MeanVarianceMixture<S> with_marginal(const MeanVarianceMixture<S>& whole, const MeanVarianceMixture<S>& part,
                                     const std::vector<Index>& columns, const std::vector<Index>& given, double unit) {
  require_columns(columns, whole.d());
  const auto d_part = static_cast<Index>(columns.size());
  require_dimension(part.d(), d_part, "part");
  const std::vector<Index> first = places_of(given, columns);
  require(std::isfinite(unit) && unit > 0.0, "unit", "finite and > 0", unit);
  const std::vector<Index> of_part = joined(first, other_columns(first, d_part));  // given, the rest
  const std::vector<Index> others = other_columns(columns, whole.d());
  std::vector<Index> order;
  order.reserve(static_cast<std::size_t>(whole.d()));
  for (const Index place : of_part) order.push_back(columns[static_cast<std::size_t>(place)]);
  order = joined(std::move(order), others);

  const auto k = static_cast<Index>(given.size());
  const auto n = static_cast<Index>(others.size());
  Matrix factor = reordered_factor(whole.L_Sigma(), order);
  const Matrix slope =
      factor.topLeftCorner(k, k).template triangularView<Eigen::Lower>().template solve<Eigen::OnTheRight>(
          factor.bottomLeftCorner(n, k));  // B
  const Matrix factor_of_part = reordered_factor(part.L_Sigma(), of_part);
  factor.topLeftCorner(d_part, d_part) = factor_of_part;
  factor.bottomLeftCorner(n, k) = slope * factor_of_part.topLeftCorner(k, k);
  factor.bottomRightCorner(n, whole.d() - k) /= std::sqrt(unit);
  Vector mu(whole.d());
  mu(columns) = part.mu();
  mu(others) = whole.mu()(others) + slope * (part.mu()(first) - whole.mu()(given));
  Vector gamma(whole.d());
  gamma(columns) = part.gamma();
  gamma(others) = slope * part.gamma()(first) + (whole.gamma()(others) - slope * whole.gamma()(given)) / unit;
  std::vector<Index> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[static_cast<std::size_t>(order[i])] = static_cast<Index>(i);
  return MeanVarianceMixture<S>(std::move(mu), std::move(gamma), reordered_factor(factor, place), part.subordinator())
      .with_columns(whole.columns());
}

#define VARIMIX_INSTANTIATE(S)                                                                                \
  template MeanVarianceMixture<S> marginal(const MeanVarianceMixture<S>&, const std::vector<Index>&);         \
  template FixedParameters<S> marginal(const FixedParameters<S>&, const std::vector<Index>&);                 \
  template MeanVarianceMixture<S> with_marginal(const MeanVarianceMixture<S>&, const MeanVarianceMixture<S>&, \
                                                const std::vector<Index>&, double);                           \
  template MeanVarianceMixture<S> with_marginal(const MeanVarianceMixture<S>&, const MeanVarianceMixture<S>&, \
                                                const std::vector<Index>&, const std::vector<Index>&, double);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
