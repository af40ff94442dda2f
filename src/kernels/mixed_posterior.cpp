#include "mixed_posterior.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "special/logarithm.hpp"
#include "varimix/core/constants.hpp"

namespace varimix::simd {
namespace {

/// The arrays of mixed_posterior from row `first` on.
struct MixedRows {
  const double *a, *q, *exponent;
  double *log_density, *inv_y, *y, *log_y;
  [[nodiscard]] MixedRows from(Index first) const {
    const auto advanced = [first](auto* array) { return array == nullptr ? array : array + first; };
    return {a + first, q + first, exponent + first, log_density + first, advanced(inv_y), advanced(y), advanced(log_y)};
  }
};

/// Computes rows of one a, which is law.a.
void same_a(const PosteriorLaw& law, BesselTable* table, Index rows, const MixedRows& at) {
  if (at.inv_y == nullptr) {
    log_density(law, table, rows, at.q, at.exponent, at.log_density);
  } else {
    posterior(law, table, rows, at.q, at.exponent, at.log_density, at.inv_y, at.y, at.log_y);
  }
}

/// Returns true for rows that are left to `posterior`: their product a (b + q) is extreme, or their a is not a normal
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
void scaled_rows(const PosteriorLaw& law, BesselTable* table, Index rows, const MixedRows& at) {
  std::array<double, kBlockRows> product, log_a;
  const auto count = static_cast<std::size_t>(rows);
  bool any_extreme = false;
  for (std::size_t i = 0; i < count; ++i) {
    product[i] = at.a[i] * (law.b + at.q[i]);
    any_extreme |= is_extreme(product[i], at.a[i]);
    log_a[i] = at.a[i];
  }
  logarithms(log_a.data(), count);
  PosteriorLaw unit = with_a(law, 1.0);
  unit.b = 0.0;
  MixedRows scaled = at;
  scaled.q = product.data();
  same_a(unit, table, rows, scaled);
  for (std::size_t i = 0; i < count; ++i) at.log_density[i] -= law.order * log_a[i];
  if (at.inv_y != nullptr) {
    for (std::size_t i = 0; i < count; ++i) {
      at.inv_y[i] *= at.a[i];
      at.y[i] /= at.a[i];
    }
  }
  if (at.log_y != nullptr) {
    for (std::size_t i = 0; i < count; ++i) at.log_y[i] -= log_a[i];
  }
  for (std::size_t i = 0; any_extreme && i < count; ++i) {
    if (!is_extreme(product[i], at.a[i])) continue;
    same_a(with_a(law, at.a[i]), table, 1, at.from(static_cast<Index>(i)));
  }
}

}  // namespace

void mixed_posterior(const PosteriorLaw& law, BesselTable* table, Index rows, const double* a, const double* q,
                     const double* exponent, double* out_log_density, double* out_inv_y, double* out_y,
                     double* out_log_y) {
  const MixedRows all{a, q, exponent, out_log_density, out_inv_y, out_y, out_log_y};
  for (Index first = 0; first < rows;) {
    const bool is_zero = a[first] == 0.0;
    Index end = first + 1;
    while (end < rows && (a[end] == 0.0) == is_zero) ++end;
    if (is_zero) {
      same_a(with_a(law, 0.0), nullptr, end - first, all.from(first));
    } else {
      scaled_rows(law, table, end - first, all.from(first));
    }
    first = end;
  }
}

}  // namespace varimix::simd
