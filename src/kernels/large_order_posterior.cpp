#include "large_order_posterior.hpp"

#include <cmath>
#include <limits>

#include "varimix/core/constants.hpp"

#ifndef VARIMIX_KERNELS_LARGE_ORDER_ARRAYS
#define VARIMIX_KERNELS_LARGE_ORDER_ARRAYS
namespace varimix::kernels {

/// The arrays that large_order_posterior reads and writes.
struct LargeOrderArrays {
  const double *q, *projection, *misalignment;
  Posteriors out;
};

}  // namespace varimix::kernels
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/large_order_posterior.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "core/groups-inl.hpp"
#include "special/bessel_saddle-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using simd::HWY_NAMESPACE::debye_series;
using simd::HWY_NAMESPACE::DebyeSeries;

/// The mode y (1 + E) of Y given x, on the scale of log Y, and the width W = hypot(order, z) of its law; w is the
/// prior's.
template <class V>
struct LargeOrderRow {
  V e, ratio, log_ratio;  // E, 1 + E, log(1 + E)
  V width_ratio;          // W / w
};

/// Solves (alpha + s) E^2 + (w + 2 s + d/2) E + (s + d/2 - q/(2y)) = 0, s = g'g y/2, by the root formula without a
/// difference.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE LargeOrderRow<V> centre_of_row(D d, const LargeOrderPosterior& law, V q) {
  const V one = hn::Set(d, 1.0);
  const V inverse_w = hn::Set(d, 1.0 / law.w);
  const V nu = hn::Set(d, law.order_ratio);
  const V alpha = hn::Set(d, law.alpha_ratio);
  const V half_q = hn::Mul(q, hn::Set(d, 0.5 / law.y));
  const V beta = hn::MulAdd(half_q, inverse_w, hn::Set(d, law.beta_ratio));
  LargeOrderRow<V> row;
  const V four_product = hn::Mul(hn::Mul(hn::Set(d, 4.0), alpha), beta);
  row.width_ratio = hn::Sqrt(hn::MulAdd(nu, nu, four_product));
  const V excess = hn::Sub(hn::Sub(half_q, hn::Set(d, law.skewness)), hn::Set(d, law.half_dimension));
  const V near = hn::Div(hn::Mul(hn::Add(excess, excess), inverse_w), hn::Add(hn::Set(d, law.width), row.width_ratio));
  // `far` is 1 + E far from the prior's mode, where the sum 1 + E would lose digits.
  const V sum = hn::Add(row.width_ratio, hn::Abs(nu));
  const V far = law.order_ratio > 0.0 ? hn::Div(sum, hn::Add(alpha, alpha)) : hn::Div(hn::Add(beta, beta), sum);
  const auto is_near = hn::Lt(hn::Abs(near), hn::Set(d, 0.5));
  row.e = hn::IfThenElse(is_near, near, hn::Sub(far, one));
  row.ratio = hn::IfThenElse(is_near, hn::Add(one, near), far);
  row.log_ratio = hn::IfThenElse(is_near, hn::Log1p(d, hn::IfThenElseZero(is_near, near)), hn::Log(d, far));
  return row;
}

/// Computes |v - g Y|^2 as the sum of the squares of its parts across and along g.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE V squared_distance(D d, const LargeOrderPosterior& law, V y, V q, V projection, V misalignment) {
  if (law.inverse_length == 0.0) {
    const V length = hn::Set(d, law.length);
    const V shift = hn::Mul(hn::Mul(length, length), y);
    return hn::MulAdd(y, hn::Sub(hn::Sub(shift, projection), projection), q);
  }
  const V inverse = hn::Set(d, law.inverse_length);
  const V across = hn::Mul(hn::Mul(misalignment, inverse), inverse);
  const V along = hn::NegMulAdd(hn::Set(d, law.length), y, hn::Mul(projection, inverse));
  return hn::MulAdd(along, along, across);
}

template <int kTerms, class D, class V = hn::Vec<D>>
VARIMIX_INLINE void large_order_rows(D d, const LargeOrderPosterior& law, const LargeOrderArrays& at) {
  const V one = hn::Set(d, 1.0);
  const V half = hn::Set(d, 0.5);
  const V q = hn::LoadU(d, at.q);
  const LargeOrderRow<V> row = centre_of_row(d, law, q);
  const V y = hn::Mul(hn::Set(d, law.y), row.ratio);
  const V inverse_width = hn::Div(hn::Set(d, 1.0 / law.w), row.width_ratio);
  const V p = hn::Div(hn::Set(d, law.order_ratio), row.width_ratio);
  const V p_squared = hn::Mul(p, p);
  const DebyeSeries<V> series = debye_series<kTerms>(d, p_squared, inverse_width);
  if (at.out.inv_y != nullptr) {
    // The formulas are those of debye_expansion, relative to the mode.
    const V two_slope = hn::Add(series.q_slope, series.q_slope);
    const V half_slope = hn::Add(half, series.x_slope);
    const V slope = hn::Mul(inverse_width, hn::MulAdd(p_squared, two_slope, half_slope));
    hn::StoreU(hn::Div(hn::MulAdd(hn::Add(one, p), slope, one), y), d, at.out.inv_y);
    hn::StoreU(hn::Mul(hn::MulAdd(hn::Sub(one, p), slope, one), y), d, at.out.y);
    if (at.out.log_y != nullptr) {
      const V rest = hn::Sub(hn::NegMulAdd(p_squared, two_slope, two_slope), half_slope);
      const V log_y = hn::Add(hn::Set(d, law.log_y), row.log_ratio);
      hn::StoreU(hn::MulAdd(hn::Mul(p, inverse_width), rest, log_y), d, at.out.log_y);
    }
  }
  const V projection = hn::LoadU(d, at.projection);
  const V distance = squared_distance(d, law, y, q, projection, hn::LoadU(d, at.misalignment));
  V out = hn::NegMulAdd(hn::Set(d, law.half_dimension), row.log_ratio, hn::Set(d, law.log_constant));
  out = hn::Sub(out, hn::Div(hn::Mul(half, distance), y));
  out = hn::NegMulAdd(hn::Set(d, law.alpha), hn::Sub(row.e, row.log_ratio), out);
  out = hn::NegMulAdd(hn::Set(d, law.beta), hn::Sub(row.log_ratio, hn::Div(row.e, row.ratio)), out);
  out = hn::NegMulAdd(half, hn::Log(d, row.width_ratio), out);
  hn::StoreU(hn::Add(out, series.value), d, at.out.log_density);
}

template <int kTerms>
VARIMIX_INLINE void all_rows(const LargeOrderPosterior& law, Index rows, const LargeOrderArrays& at) {
  varimix::HWY_NAMESPACE::for_each_vector<1>(rows, [&](auto d, auto /*vectors*/, Index i) {
    large_order_rows<kTerms>(d, law, {at.q + i, at.projection + i, at.misalignment + i, at.out.from(i)});
  });
}

void centred(const LargeOrderPosterior& law, Index rows, const LargeOrderArrays& at) {
  if (law.is_far) {
    all_rows<kDebyeTermsFar>(law, rows, at);
  } else {
    all_rows<kDebyeTermsNear>(law, rows, at);
  }
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {
namespace {

HWY_EXPORT(centred);

// Below this skewness g'g y / 2 the parts along and across g are not separated: the plain difference loses nothing.
constexpr double kNoSkewness = 1e-20;

}  // namespace

LargeOrderPosterior::LargeOrderPosterior(const GigMode& prior, double order, double gamma_squared, double dimension,
                                         double constant) noexcept
    : y(prior.y),
      log_y(prior.log_y),
      alpha(prior.alpha),
      beta(prior.beta),
      w(prior.w),
      order_ratio(order / prior.w),
      half_dimension(0.5 * dimension),
      skewness(0.5 * gamma_squared * prior.y),
      length(std::sqrt(gamma_squared)),
      log_constant(constant - half_dimension * prior.log_y - prior.remainder) {
  alpha_ratio = (alpha + skewness) / w;
  beta_ratio = beta / w;
  width = 1.0 + (2.0 * skewness + half_dimension) / w;
  inverse_length = skewness > kNoSkewness ? 1.0 / length : 0.0;
  is_far = w >= kFarDebyeFrom && std::hypot(order, 2.0 * std::sqrt(alpha) * std::sqrt(beta)) >= kFarDebyeFrom;
}

bool has_large_order(const GigMode& prior, double p, double z, double order) noexcept {
  return std::abs(p) >= kDebyeFrom && std::hypot(order, z) >= kDebyeFrom && prior.is_sound();
}

void large_order_posterior(const LargeOrderPosterior& law, Index rows, const double* q, const double* projection,
                           const double* misalignment, const Posteriors& out) noexcept {
  HWY_DYNAMIC_DISPATCH(centred)(law, rows, LargeOrderArrays{q, projection, misalignment, out});
  for (Index i = 0; i < rows; ++i) {
    // The distance is NaN, or infinite in units of y.
    if (std::isfinite(out.log_density[i])) continue;
    const bool is_nan = std::isnan(q[i]);
    const double infinity = is_nan ? q[i] : std::numeric_limits<double>::infinity();
    out.log_density[i] = -infinity;
    if (out.inv_y != nullptr) out.inv_y[i] = is_nan ? q[i] : 0.0;
    if (out.y != nullptr) out.y[i] = infinity;
    if (out.log_y != nullptr) out.log_y[i] = infinity;
  }
}

}  // namespace varimix::kernels
#endif
