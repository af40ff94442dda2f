#include "posterior.hpp"

#include <array>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

#include "posterior_lanes.hpp"
#include "special/bessel_limits.hpp"
#include "special/boost_policy.hpp"
#include "special/logarithm.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix::kernels {
namespace {

/// The results of `posterior` for a row.
struct RowPosterior {
  double log_density, inv_y, y, log_y;
};

void store(const RowPosterior& row, std::size_t i, const Posteriors& out) noexcept {
  out.log_density[i] = row.log_density;
  if (out.inv_y != nullptr) out.inv_y[i] = row.inv_y;
  if (out.y != nullptr) out.y[i] = row.y;
  if (out.log_y != nullptr) out.log_y[i] = row.log_y;
}

/// Rows with z = 0 for order < 0, where Y | x is InverseGamma(-order, b_i/2), and 2 K_order(z) (b_i/a)^{order/2} takes
/// its limit Gamma(-order) (b_i/2)^order. At b_i = 0, where the density is unbounded at mu, Y = 0 and log f = inf.
struct InverseGammaRows {
  explicit InverseGammaRows(const PosteriorLaw& law) noexcept
      : constant(law.log_constant + boost::math::lgamma(-law.order, InfinityOnOverflow())),
        digamma(boost::math::digamma(-law.order, InfinityOnOverflow())) {}
  [[nodiscard]] RowPosterior row(const PosteriorLaw& law, double b, double log_b, double exponent) const noexcept {
    const double alpha = -law.order;
    const double log_half_b = log_b - kLogTwo;
    return {constant + exponent + law.order * log_half_b, 2.0 * alpha / b,
            alpha > 1.0 ? 0.5 * b / (alpha - 1.0) : kInfinity, log_half_b - digamma};
  }
  double constant, digamma;
};

/// Computes a row with b_i = 0 for order > 0, where Y | x is Gamma(order, rate a/2).
RowPosterior gamma_row(const PosteriorLaw& law, double exponent) noexcept {
  const double log_half_a = std::log(0.5 * law.a);
  return {law.log_constant + exponent + boost::math::lgamma(law.order, InfinityOnOverflow()) - law.order * log_half_a,
          law.order > 1.0 ? 0.5 * law.a / (law.order - 1.0) : kInfinity, 2.0 * law.order / law.a,
          boost::math::digamma(law.order, InfinityOnOverflow()) - log_half_a};
}

/// Computes a row whose product a b_i is extreme (is_extreme_product), or whose q is infinite or NaN.
RowPosterior extreme_row(const PosteriorLaw& law, double q, double exponent) noexcept {
  if (q == kInfinity) return {-kInfinity, 0.0, kInfinity, kInfinity};
  if (std::isnan(q)) return {kNan, kNan, kNan, kNan};
  const double b = law.b + q;
  const double root_a = std::sqrt(law.a);
  const double root_b = std::sqrt(b);
  if (root_a * root_b < std::numeric_limits<double>::min()) {
    if (law.order > 0.0) return gamma_row(law, exponent);
    if (b == 0.0 || law.order == 0.0) return {kInfinity, kInfinity, 0.0, -kInfinity};
    return InverseGammaRows(law).row(law, b, std::log(b), exponent);
  }
  const double scale = root_b / root_a;
  const double log_scale = std::log(scale);
  const BesselK k = bessel_k(law.order, root_a * root_b);
  // The exponent of a large product has -z in it, as log_scaled wants it; the z of a small product is below rounding.
  const double log_density = law.log_constant + exponent + (kLogTwo + k.log_scaled + law.order * log_scale);
  return {log_density, k.ratio_minus / scale, k.ratio_plus * scale, log_scale + k.dlog_dnu};
}

/// Computes `posterior` for a = 0, which needs no K_order.
void inverse_gamma_posterior(const PosteriorLaw& law, Index rows, const double* q, const double* exponent,
                             const Posteriors& out) noexcept {
  std::array<double, kBlockRows> log_b;
  const auto count = static_cast<std::size_t>(rows);
  for (std::size_t i = 0; i < count; ++i) log_b[i] = law.b + q[i];
  simd::logarithms(log_b.data(), count);
  const InverseGammaRows posterior(law);
  for (std::size_t i = 0; i < count; ++i) {
    const double b = law.b + q[i];
    const bool is_normal = std::isfinite(b) && b >= std::numeric_limits<double>::min();
    store(is_normal ? posterior.row(law, b, log_b[i], exponent[i]) : extreme_row(law, q[i], exponent[i]), i, out);
  }
}

}  // namespace

bool is_extreme_product(double product) noexcept {
  return !(product >= kSmallestProduct && product <= kLargestProduct);
}

bool table_pays(double order, Index rows) noexcept {
  const double size = std::abs(order);
  return size <= kBesselTableLargestOrder && rows >= (size < kLargeOrder ? kTableRows : kTableRowsLargeOrder);
}

void evaluate_moments(double order, BesselTable* table, std::span<const double> u, const Posteriors& out) {
  const GigMomentArrays moments{out.log_density, out.inv_y, out.y, out.log_y};
  if (table != nullptr) {
    table->evaluate(u, moments);
  } else {
    gig_moments(order, u, moments);
  }
}

void posterior(const PosteriorLaw& law, BesselTable* table, Index rows, const double* q, const double* exponent,
               const Posteriors& out) {
  if (law.a == 0.0) {
    inverse_gamma_posterior(law, rows, q, exponent, out);
    return;
  }
  // GIG(order, a, b_i) = GIG(order, 1, u_i) / a, b_i = b + q_i, u_i = a b_i
  const auto count = static_cast<std::size_t>(rows);
  std::array<double, kBlockRows> u;
  const bool any_extreme = products(law, rows, q, u.data());
  evaluate_moments(law.order, table, {u.data(), count}, out);
  scale_posteriors(law, rows, exponent, out);
  for (std::size_t i = 0; any_extreme && i < count; ++i) {
    if (is_extreme_product(u[i])) store(extreme_row(law, q[i], exponent[i]), i, out);
  }
}

}  // namespace varimix::kernels
