#pragma once

#include <vector>

#include "rules/least_share.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix {

/// Returns the places, among the parameters of a law of dimension d, of those of some columns, in order, and of `shapes`
/// numbers of the shape: ParameterCovariance has mu, gamma, the rows of the lower triangle of Sigma, and the shape.
inline std::vector<Index> places_of(const std::vector<Index>& columns, Index d, Index shapes) {
  std::vector<Index> places = columns;
  for (const Index j : columns) places.push_back(d + j);
  for (auto row = columns.begin(); row != columns.end(); ++row) {
    for (auto column = columns.begin(); column <= row; ++column) {
      places.push_back(2 * d + *row * (*row + 1) / 2 + *column);
    }
  }
  const Index first_shape = 2 * d + d * (d + 1) / 2;
  for (Index k = 0; k < shapes; ++k) places.push_back(first_shape + k);
  return places;
}

/// Returns the covariance of a model from so many rows. What is known of the columns that a share of kLeastShare of them
/// shows, and of the shape, is known from those columns alone, as steps leave the others out.
template <NaturalFittable M>
ParameterCovariance known_covariance(const typename M::Fit& fit, const M& model, const KnownRows& known) {
  ParameterCovariance all = fit.covariance(model, known.rows, known.shown);
  std::vector<Index> columns;
  for (Index j = 0; j < known.shown.size(); ++j) {
    if (known.shown(j) >= kLeastShare) columns.push_back(j);
  }
  if (columns.empty() || static_cast<Index>(columns.size()) == model.d()) return all;
  const ParameterCovariance own =
      fit.marginal(columns).covariance(marginal(model, columns), known.rows, known.shown(columns));
  const Index d = model.d();
  const std::vector<Index> places = places_of(columns, d, all.cov.rows() - 2 * d - d * (d + 1) / 2);
  all.cov(places, places) = own.cov;
  return all;
}

}  // namespace varimix
