#pragma once

#include <optional>

#include "varimix/core/types.hpp"
#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"
#include "varimix/subordinator/inverse_gaussian.hpp"

namespace varimix {

/// A family's parameters in its usual form: location mu (d), skewness gamma (d), dispersion sigma (d, d; symmetric
/// positive definite), and the parameters of the law of Y.
template <class S>
struct ClassicalParameters;

template <>
struct ClassicalParameters<InverseGaussian> {
  Vector mu;
  Vector gamma;
  Matrix sigma;
  double mu_ig = 1.0;  ///< mean of Y, > 0
  double lam = 1.0;    ///< shape of Y, > 0
  [[nodiscard]] InverseGaussian subordinator() const { return {mu_ig, lam}; }
};

template <>
struct ClassicalParameters<Gamma> {
  Vector mu;
  Vector gamma;
  Matrix sigma;
  double alpha = 1.0;  ///< shape of Y, > 0
  double beta = 1.0;   ///< rate of Y, > 0
  [[nodiscard]] Gamma subordinator() const { return {alpha, beta}; }
};

template <>
struct ClassicalParameters<InverseGamma> {
  Vector mu;
  Vector gamma;
  Matrix sigma;
  double alpha = 2.0;  ///< shape of Y, > 0; half the degrees of freedom of the skewed t
  double beta = 1.0;   ///< scale of Y, > 0
  [[nodiscard]] InverseGamma subordinator() const { return {alpha, beta}; }
};

template <>
struct ClassicalParameters<GeneralizedInverseGaussian> {
  Vector mu;
  Vector gamma;
  Matrix sigma;
  double p = -0.5;  ///< order of Y
  double a = 1.0;   ///< >= 0, > 0 for p >= 0
  double b = 1.0;   ///< >= 0, > 0 for p <= 0
  [[nodiscard]] GeneralizedInverseGaussian subordinator() const { return {p, a, b}; }
};

/// The parameters to replace; the others stay.
template <class S>
struct ClassicalChanges;

template <>
struct ClassicalChanges<InverseGaussian> {
  std::optional<Vector> mu = std::nullopt;
  std::optional<Vector> gamma = std::nullopt;
  std::optional<Matrix> sigma = std::nullopt;
  std::optional<double> mu_ig = std::nullopt;
  std::optional<double> lam = std::nullopt;
  [[nodiscard]] InverseGaussian subordinator(const InverseGaussian& y) const {
    return {mu_ig.value_or(y.mu_ig()), lam.value_or(y.lam())};
  }
};

template <>
struct ClassicalChanges<Gamma> {
  std::optional<Vector> mu = std::nullopt;
  std::optional<Vector> gamma = std::nullopt;
  std::optional<Matrix> sigma = std::nullopt;
  std::optional<double> alpha = std::nullopt;
  std::optional<double> beta = std::nullopt;
  [[nodiscard]] Gamma subordinator(const Gamma& y) const {
    return {alpha.value_or(y.alpha()), beta.value_or(y.beta())};
  }
};

template <>
struct ClassicalChanges<InverseGamma> {
  std::optional<Vector> mu = std::nullopt;
  std::optional<Vector> gamma = std::nullopt;
  std::optional<Matrix> sigma = std::nullopt;
  std::optional<double> alpha = std::nullopt;
  std::optional<double> beta = std::nullopt;
  [[nodiscard]] InverseGamma subordinator(const InverseGamma& y) const {
    return {alpha.value_or(y.alpha()), beta.value_or(y.beta())};
  }
};

template <>
struct ClassicalChanges<GeneralizedInverseGaussian> {
  std::optional<Vector> mu = std::nullopt;
  std::optional<Vector> gamma = std::nullopt;
  std::optional<Matrix> sigma = std::nullopt;
  std::optional<double> p = std::nullopt;
  std::optional<double> a = std::nullopt;
  std::optional<double> b = std::nullopt;
  [[nodiscard]] GeneralizedInverseGaussian subordinator(const GeneralizedInverseGaussian& y) const {
    return {p.value_or(y.p()), a.value_or(y.a()), b.value_or(y.b())};
  }
};

}  // namespace varimix
