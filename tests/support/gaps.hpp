#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <vector>

#include "varimix/mixture/e_step.hpp"
#include "varimix/random/counter_stream.hpp"
#include "varimix/stats/mixture_statistics.hpp"

namespace varimix::tests {

inline constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

/// Returns x with each value missing with probability `share`; the same seed gives the same gaps.
inline RowMatrix with_gaps(RowMatrix x, double share, std::int64_t seed) {
  CounterStream stream(Key{seed}, StreamPurpose::kModelRows, 7);
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j) {
      if (stream.uniform() < share) x(i, j) = kGap;
    }
  }
  return x;
}

/// The columns that a row shows, and those that are missing.
struct Split {
  std::vector<Index> shown, missing;
};

template <class Row>
Split split(const Row& row) {
  Split columns;
  for (Index j = 0; j < row.size(); ++j) (std::isnan(row(j)) ? columns.missing : columns.shown).push_back(j);
  return columns;
}

inline const EStepOptions kExact{.log_y = LogY::kCompute, .missing = Missing::kExact};

/// Returns the law of some columns.
template <Subordinator S>
MeanVarianceMixture<S> law_of_columns(const MeanVarianceMixture<S>& model, const std::vector<Index>& columns) {
  const Matrix sigma = model.sigma()(columns, columns);
  return {model.mu()(columns), model.gamma()(columns), Matrix(sigma.llt().matrixL()), model.subordinator()};
}

/// Returns the statistics of one row about the origin 0, by the formulas of docs/math/notation.md as they are written,
/// with inverses.
template <Subordinator S>
EStepResult statistics_of_row(const MeanVarianceMixture<S>& model, const Vector& row) {
  const auto [o, m] = split(row);
  const MeanVarianceMixture<S> part = law_of_columns(model, o);
  EStepResult result = part.e_step(RowMatrix(row(o).transpose()));
  const Matrix sigma = model.sigma();
  const Matrix B = sigma(m, o) * Matrix(sigma(o, o)).inverse();
  Vector c = row;
  Vector g = Vector::Zero(row.size());
  Matrix C = Matrix::Zero(row.size(), row.size());
  c(m) = model.mu()(m) + B * (row(o) - part.mu());
  g(m) = model.gamma()(m) - B * part.gamma();
  C(m, m) = sigma(m, m) - B * sigma(o, m);
  MixtureStatistics eta = mixture_statistics(result.eta);
  eta.x = c + g * eta.y;
  eta.x_inv_y = c * eta.inv_y + g;
  eta.xx_inv_y = C + eta.inv_y * c * c.transpose() + c * g.transpose() + g * c.transpose() + eta.y * g * g.transpose();
  result.eta = to_eta(eta, Vector::Zero(row.size()), result.eta.weight);
  return result;
}

}  // namespace varimix::tests
