#include "trial_lanes.hpp"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "subordinator/trial_lanes.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "core/groups-inl.hpp"
#include "random/uniform-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::for_each_vector;

constexpr double kRefused = std::numeric_limits<double>::quiet_NaN();

// Highway's exponential is good from -708, where subnormal numbers begin, to 706.
constexpr double kLargestLog = 700.0;
constexpr double kLargestY = 1e300;

/// e^x, or NaN where x is not well within the range of the exponential.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE V exp_of(D d, V x) {
  return hn::IfThenElse(hn::Le(hn::Abs(x), hn::Set(d, kLargestLog)), hn::Exp(d, x), hn::Set(d, kRefused));
}

template <class D>
VARIMIX_INLINE hn::Vec<D> load_uniform(D d, const std::uint64_t* words) {
  return varimix::HWY_NAMESPACE::uniform_of(d, hn::LoadU(hn::RebindToUnsigned<D>(), words));
}

void inverse_gaussian(double mu_ig, double half_spread, const double* normal, const std::uint64_t* uniform, Index rows,
                      double* out_y) {
  for_each_vector<1>(rows, [=](auto d, auto /*vectors*/, Index i) {
    const auto one = hn::Set(d, 1.0);
    const auto z = hn::LoadU(d, normal + i);
    const auto r = hn::Mul(hn::Mul(hn::Set(d, half_spread), z), z);
    const auto root = hn::Sqrt(hn::Mul(r, hn::Add(r, hn::Set(d, 2.0))));
    // The roots of the quadratic are mu_ig t and mu_ig / t.
    const auto is_far = hn::Gt(r, hn::Set(d, kRootIsLinear));
    const auto t = hn::Add(hn::Add(one, r), hn::IfThenElse(is_far, r, root));
    const auto inverse = hn::Div(one, t);
    const auto take_small = hn::Le(hn::Mul(load_uniform(d, uniform + i), hn::Add(one, inverse)), one);
    hn::StoreU(hn::Mul(hn::Set(d, mu_ig), hn::IfThenElse(take_small, inverse, t)), d, out_y + i);
  });
}

void gamma(const GammaTrial& trial, const double* normal, const std::uint64_t* uniform, Index rows, double* out) {
  for_each_vector<1>(rows, [=](auto d, auto /*vectors*/, Index i) {
    const auto one = hn::Set(d, 1.0);
    const auto z = hn::LoadU(d, normal + i);
    const auto square = hn::Mul(z, z);
    const auto squeeze = hn::NegMulAdd(hn::Mul(hn::Set(d, GammaTrial::kSqueeze), square), square, one);
    const auto root = hn::MulAdd(hn::Set(d, trial.c), z, one);
    const auto is_in = hn::Lt(load_uniform(d, uniform + i), squeeze);
    const auto cube = hn::Mul(hn::Mul(hn::Mul(hn::Set(d, trial.d), root), root), root);
    hn::StoreU(hn::IfThenElse(is_in, cube, hn::Set(d, kRefused)), d, out + i);
  });
}

void scale(const GammaScale& law, const std::uint64_t* uniform, Index rows, double* inout) {
  const bool is_power = law.power > 0.0;
  const double sign = law.is_inverse ? -1.0 : 1.0;
  for_each_vector<1>(rows, [=, &law](auto d, auto /*vectors*/, Index i) {
    const auto value = hn::LoadU(d, inout + i);
    const auto rate = hn::Set(d, law.rate);
    auto y = law.is_inverse ? hn::Div(rate, value) : hn::Div(value, rate);
    if (is_power) {
      const auto log_u = hn::Log(d, load_uniform(d, uniform + i));
      const auto log_y = hn::Sub(hn::MulAdd(log_u, hn::Set(d, law.power), hn::Log(d, value)), hn::Set(d, law.log_rate));
      y = exp_of(d, hn::Mul(hn::Set(d, sign), log_y));
    }
    const auto is_far_within = hn::And(hn::Ge(y, hn::Set(d, 1.0 / kLargestY)), hn::Le(y, hn::Set(d, kLargestY)));
    const auto is_taken = hn::AndNot(hn::IsNaN(value), is_far_within);  // Highway's logarithm of NaN may be a number
    hn::StoreU(hn::IfThenElse(is_taken, y, hn::Set(d, kRefused)), d, inout + i);
  });
}

/// psi(s), from e^{|s|/2} - 1 alone. @pre |s| <= 2 kLargestLog, or any result will do.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE V gig_log_density(D d, const GigLogDensity& psi, V s) {
  const auto one = hn::Set(d, 1.0);
  const auto half = hn::Set(d, 0.5);
  const auto h = hn::Expm1(d, hn::Mul(half, hn::Abs(s)));
  const auto inverse = hn::Div(one, hn::Add(h, one));
  const auto sinh_half = hn::Mul(half, hn::MulAdd(h, inverse, h));
  const auto sum = hn::Add(h, hn::Set(d, 2.0));
  // e^{|s|} - 1 = h (h + 2), and e^{-|s|} - 1 = -h (h + 2) / (h + 1)^2.
  const auto fall = hn::Neg(hn::Mul(hn::Mul(h, inverse), hn::Mul(sum, inverse)));
  const auto expm1 = hn::IfThenElse(hn::Lt(s, hn::Zero(d)), fall, hn::Mul(h, sum));
  const auto curved = hn::Mul(hn::Mul(hn::Set(d, -2.0 * psi.alpha), sinh_half), sinh_half);
  return hn::NegMulAdd(hn::Set(d, psi.lambda), hn::Sub(expm1, s), curved);
}

void gig(const GigSampler& law, const std::uint64_t* words, Index rows, Index leading, double* out_y) {
  const GigEnvelope& e = law.envelope;
  const double centre = e.left + e.right;
  for_each_vector<1>(rows, [&](auto d, auto /*vectors*/, Index i) {
    const auto place = hn::Mul(load_uniform(d, words + i), hn::Set(d, centre + e.right_tail + e.left_tail));
    const auto v = load_uniform(d, words + leading + i);
    const auto log_v = hn::Log(d, v);
    const auto is_centre = hn::Lt(place, hn::Set(d, centre));
    const auto is_left = hn::Ge(place, hn::Set(d, centre + e.right_tail));
    const auto left = hn::Set(d, -e.left);
    const auto tail = hn::IfThenElse(is_left, hn::MulAdd(hn::Set(d, e.left_tail), log_v, left),
                                     hn::NegMulAdd(hn::Set(d, e.right_tail), log_v, hn::Set(d, e.right)));
    const auto s = hn::IfThenElse(is_centre, hn::MulAdd(hn::Set(d, centre), v, left), tail);
    const auto log_hat = hn::IfThenZeroElse(is_centre, log_v);
    const auto log_height = hn::Add(hn::Log(d, load_uniform(d, words + 2 * leading + i)), log_hat);
    const auto log_y = hn::MulAdd(hn::Set(d, law.sign), s, hn::Set(d, law.log_mode));
    const auto is_taken =
        hn::And(hn::Le(log_height, gig_log_density(d, law.psi, s)), hn::Le(hn::Abs(s), hn::Set(d, 2.0 * kLargestLog)));
    hn::StoreU(hn::IfThenElse(is_taken, exp_of(d, log_y), hn::Set(d, kRefused)), d, out_y + i);
  });
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::simd {
namespace {

HWY_EXPORT(inverse_gaussian);
HWY_EXPORT(gamma);
HWY_EXPORT(scale);
HWY_EXPORT(gig);

}  // namespace

void inverse_gaussian_trials(double mu_ig, double half_spread, const double* normal, const std::uint64_t* uniform,
                             Index rows, double* out_y) noexcept {
  HWY_DYNAMIC_DISPATCH(inverse_gaussian)(mu_ig, half_spread, normal, uniform, rows, out_y);
}

void gamma_trials(const GammaTrial& trial, const double* normal, const std::uint64_t* uniform, Index rows,
                  double* out) noexcept {
  HWY_DYNAMIC_DISPATCH(gamma)(trial, normal, uniform, rows, out);
}

void scale_gammas(const GammaScale& law, const std::uint64_t* uniform, Index rows, double* inout) noexcept {
  HWY_DYNAMIC_DISPATCH(scale)(law, uniform, rows, inout);
}

void gig_trials(const GigSampler& law, const std::uint64_t* words, Index rows, Index leading, double* out_y) noexcept {
  HWY_DYNAMIC_DISPATCH(gig)(law, words, rows, leading, out_y);
}

}  // namespace varimix::simd
#endif
