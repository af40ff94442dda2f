#include "varimix/univariate/tail_risk.hpp"

#include <cmath>

#include "tail_integral.hpp"
#include "tail_quantile.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// Returns the shortfall of a tail of at most half; 1 - alpha is exact for the others.
double shortfall_of_tail(const UnivariateLaw& law, const PreparedLaw& prepared, double alpha) {
  if (alpha > 0.5) return expected_shortfall(law, 1.0 - alpha);
  const double q = quantile_of(prepared, alpha, Tail::kLower);
  return std::isinf(q) ? -q : prepared.mean_excess(q, Tail::kLower) - q;
}

}  // namespace

void tail_value_at_risk(const UnivariateLaw& law, std::span<const double> alpha, std::span<double> out) {
  for (const double value : alpha) require(value >= 0.0 && value <= 1.0, "alpha", "in [0, 1]", value);
  ppf(law, alpha, out);
  for (double& value : out) value = -value;
}

void tail_expected_shortfall(const UnivariateLaw& law, std::span<const double> alpha, std::span<double> out) {
  require(out.size() == alpha.size(), "the size of out", "that of the arguments", out.size());
  for (const double value : alpha) require(value >= 0.0 && value < 1.0, "alpha", "in [0, 1)", value);
  const PreparedLaw prepared(law);
  for (std::size_t i = 0; i < alpha.size(); ++i) out[i] = shortfall_of_tail(law, prepared, alpha[i]);
}

double tail_value_at_risk(const UnivariateLaw& law, double alpha) {
  double out = 0.0;
  tail_value_at_risk(law, {&alpha, 1}, {&out, 1});
  return out;
}

double tail_expected_shortfall(const UnivariateLaw& law, double alpha) {
  double out = 0.0;
  tail_expected_shortfall(law, {&alpha, 1}, {&out, 1});
  return out;
}

}  // namespace varimix
