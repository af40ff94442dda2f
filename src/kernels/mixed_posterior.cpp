#include "mixed_posterior.hpp"

#include <array>
#include <limits>

#include "posterior_lanes.hpp"
#include "varimix/core/constants.hpp"

namespace varimix::kernels {
namespace {

/// Returns true for a row that is left to `posterior`: its product a (b + q) is extreme, or its a is not a normal
/// double.
bool is_extreme(double product, double a) noexcept {
  return is_extreme_product(product) || a < std::numeric_limits<double>::min();
}

PosteriorLaw with_a(PosteriorLaw law, double a) {
  law.a = a;
  law.log_constant = 0.0;
  return law;
}

/// Computes rows with a > 0.
void scaled_rows(const PosteriorLaw& law, BesselTable* table, Index rows, const double* a, const double* q,
                 const double* exponent, const Posteriors& out) {
  std::array<double, kBlockRows> u;
  const auto count = static_cast<std::size_t>(rows);
  const bool any_extreme = mixed_products(law, rows, a, q, u.data());
  evaluate_moments(law.order, table, {u.data(), count}, out);
  scale_mixed_posteriors(law, rows, a, exponent, out);
  for (std::size_t i = 0; any_extreme && i < count; ++i) {
    if (!is_extreme(u[i], a[i])) continue;
    posterior(with_a(law, a[i]), table, 1, q + i, exponent + i, out.from(static_cast<Index>(i)));
  }
}

}  // namespace

void mixed_posterior(const PosteriorLaw& law, BesselTable* table, Index rows, const double* a, const double* q,
                     const double* exponent, const Posteriors& out) {
  for (Index first = 0; first < rows;) {
    const bool is_zero = a[first] == 0.0;
    Index end = first + 1;
    while (end < rows && (a[end] == 0.0) == is_zero) ++end;
    if (is_zero) {
      posterior(with_a(law, 0.0), nullptr, end - first, q + first, exponent + first, out.from(first));
    } else {
      scaled_rows(law, table, end - first, a + first, q + first, exponent + first, out.from(first));
    }
    first = end;
  }
}

}  // namespace varimix::kernels
