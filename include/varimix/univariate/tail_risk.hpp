#pragma once

#include <span>

#include "varimix/univariate/univariate_law.hpp"

namespace varimix {

/// Computes the value at risk of a return X whose loss -X exceeds it with probability alpha[i], -ppf(alpha):
/// value_at_risk(1 - alpha) without the rounding of 1 - alpha, which at 1e-12 is up to 1e-4 of the tail. Throws unless
/// every alpha is in [0, 1], and where out has another size.
void tail_value_at_risk(const UnivariateLaw& law, std::span<const double> alpha, std::span<double> out);
/// Computes the expected shortfall of that tail, -E[X | X <= -VaR], expected_shortfall(1 - alpha) without that rounding.
/// It is inf where that one is, and at alpha 0. Throws unless every alpha is in [0, 1), and where out has another size.
/// Accuracy and cost: those of expected_shortfall.
void tail_expected_shortfall(const UnivariateLaw& law, std::span<const double> alpha, std::span<double> out);

[[nodiscard]] double tail_value_at_risk(const UnivariateLaw& law, double alpha);
[[nodiscard]] double tail_expected_shortfall(const UnivariateLaw& law, double alpha);

}  // namespace varimix
