#pragma once

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>

#include "support/laws.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix::tests {

/// Returns the model of the tutorial.
inline NormalInverseGaussian tutorial_model() {
  return NormalInverseGaussian::from_classical({.mu = Vector{{0.0, 0.0}},
                                                .gamma = Vector{{0.4, -0.3}},
                                                .sigma = Matrix{{1.0, 0.3}, {0.3, 1.0}},
                                                .mu_ig = 1.0,
                                                .lam = 1.5});
}

inline NormalInverseGaussian univariate(double mu, double gamma, double sigma, double mu_ig, double lam) {
  return {Vector::Constant(1, mu), Vector::Constant(1, gamma), Matrix::Constant(1, 1, sigma),
          InverseGaussian(mu_ig, lam)};
}

/// Returns standard normal numbers, the same for the same seed.
inline RowMatrix gaussian_rows(Index n, Index d, std::int64_t seed) {
  CounterStream stream(Key{seed}, StreamPurpose::kModelRows, 0);
  RowMatrix rows(n, d);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) rows(i, j) = stream.normal();
  }
  return rows;
}

/// Returns a well-conditioned lower triangular matrix: row j is scaled by a number between 1/2 and 2, its diagonal is 1
/// and the rest between -1/2 and 1/2 before that.
inline Matrix some_factor(Index d, std::int64_t seed) {
  CounterStream stream(Key{seed}, StreamPurpose::kModelRows, 1);
  Matrix factor = Matrix::Zero(d, d);
  for (Index j = 0; j < d; ++j) {
    const double scale = std::exp2(2.0 * stream.uniform() - 1.0);
    for (Index k = 0; k < j; ++k) factor(j, k) = scale * (stream.uniform() - 0.5);
    factor(j, j) = scale;
  }
  return factor;
}

/// Returns a model of dimension d with this law of Y; mu and gamma are of the size of a standard deviation.
template <Subordinator S>
MeanVarianceMixture<S> model_with_law(Index d, std::int64_t seed, const S& law) {
  const Vector mu = gaussian_rows(1, d, seed + 1).transpose();
  const Vector gamma = 0.7 * gaussian_rows(1, d, seed + 2).transpose();
  return {mu, gamma, some_factor(d, seed), law};
}

/// Returns a model of dimension d with E[Y] = 1 and this tail weight; mu and gamma are of the size of a standard
/// deviation.
template <Subordinator S = InverseGaussian>
MeanVarianceMixture<S> some_model(Index d, std::int64_t seed, double tail_weight) {
  return model_with_law(d, seed, some_law<S>(tail_weight, seed));
}

/// Returns the law of A X + b.
template <Subordinator S>
MeanVarianceMixture<S> transformed(const MeanVarianceMixture<S>& model, const Matrix& A, const Vector& b) {
  const Matrix factor = A * model.L_Sigma();
  const Matrix sigma = factor * factor.transpose();
  return {A * model.mu() + b, A * model.gamma(), Matrix(sigma.llt().matrixL()), model.subordinator()};
}

inline RowMatrix transformed(const RowMatrix& x, const Matrix& A, const Vector& b) {
  return (x * A.transpose()).rowwise() + b.transpose();
}

/// Returns whether all parameters are finite, L_Sigma has a positive diagonal, and Y is not constant at 0.
template <Subordinator S>
bool is_sound(const MeanVarianceMixture<S>& model) {
  const auto parameters = model.subordinator().parameters();
  const bool finite = std::all_of(parameters.begin(), parameters.end(), [](double v) { return std::isfinite(v); });
  return model.mu().allFinite() && model.gamma().allFinite() && model.L_Sigma().allFinite() &&
         model.L_Sigma().diagonal().minCoeff() > 0.0 && finite && is_proper(model.subordinator().gig());
}

/// Returns the sample covariance, with divisor n.
inline Matrix sample_covariance(const RowMatrix& x) {
  const RowMatrix centred = x.rowwise() - x.colwise().mean();
  return centred.transpose() * centred / static_cast<double>(x.rows());
}

}  // namespace varimix::tests
