#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "support/close.hpp"
#include "varimix/stats/mixture_statistics.hpp"

namespace varimix::tests {

/// Returns eta after `change` has changed some of its statistics by name.
template <class Change>
Eta changed(const Eta& eta, Change&& change) {
  MixtureStatistics statistics = mixture_statistics(eta);
  std::forward<Change>(change)(statistics);
  return to_eta(statistics, eta.origin, eta.weight);
}

/// Returns eta without E[log Y], as a family has it that does not use E[log Y].
inline Eta without_log_y(const Eta& eta) {
  return changed(eta, [](MixtureStatistics& s) { s.log_y.reset(); });
}

/// Succeeds if two etas are about the same origin and agree. Means that may cancel are compared in the scale of what
/// was averaged, by Cauchy and Schwarz: E[X_j/Y] in sqrt(E[1/Y] E[X_j^2/Y]), E[X_j] in sqrt(E[Y] E[X_j^2/Y]), E[log Y]
/// in 1.
inline ::testing::AssertionResult same_eta(const Eta& left, const Eta& right, double tolerance) {
  if (left.origin != right.origin) return ::testing::AssertionFailure() << "another origin";
  const MixtureStatistics actual = mixture_statistics(left);
  const MixtureStatistics expected = mixture_statistics(right);
  if (actual.log_y.has_value() != expected.log_y.has_value()) return ::testing::AssertionFailure() << "E[log Y] absent";
  const auto field = [&](const char* name, const AnyMatrix& a, const AnyMatrix& e, const AnyMatrix& scale) {
    const Matrix unit_a = a.cwiseQuotient(scale);
    const auto result = close_in_scale(unit_a, e.cwiseQuotient(scale), tolerance, 1.0);
    return result ? result : ::testing::AssertionFailure() << name << ", in its scale: " << result.message();
  };
  const auto number = [&](const char* name, double a, double e, double scale) {
    return field(name, Matrix::Constant(1, 1, a), Matrix::Constant(1, 1, e), Matrix::Constant(1, 1, scale));
  };
  const Vector root = expected.xx_inv_y.diagonal().cwiseSqrt();
  if (auto r = is_close(left.weight, right.weight, tolerance); !r) return r << " (weight)";
  if (auto r = number("E[1/Y]", actual.inv_y, expected.inv_y, expected.inv_y); !r) return r;
  if (auto r = number("E[Y]", actual.y, expected.y, expected.y); !r) return r;
  if (auto r = number("E[log Y]", actual.log_y.value_or(0.0), expected.log_y.value_or(0.0), 1.0); !r) return r;
  if (auto r = field("E[X]", actual.x, expected.x, std::sqrt(expected.y) * root); !r) return r;
  if (auto r = field("E[X/Y]", actual.x_inv_y, expected.x_inv_y, std::sqrt(expected.inv_y) * root); !r) return r;
  return field("E[XX'/Y]", actual.xx_inv_y, expected.xx_inv_y, root * root.transpose());
}

}  // namespace varimix::tests
