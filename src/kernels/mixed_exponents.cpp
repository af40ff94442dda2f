#include "mixed_exponents.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/mixed_exponents.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

#include "core/groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// The formulas are those of `distances_and_exponents`, with a and gamma_squared of each row.
void compute_mixed_exponents(const PosteriorLaw& law, Index rows, const double* gamma_squared,
                             const double* log_det_root, const double* q, const double* projection,
                             const double* misalignment, double* out_a, double* out_exponent) {
  const double prior_a = law.a;
  const double prior_b = law.b;
  const double z_prior = law.z_prior;
  const double constant = law.log_constant;
  const hn::ScalableTag<double> d;
  varimix::HWY_NAMESPACE::for_each_padded_vector(rows, [=](Index i, auto load, auto store) {
    const auto zero = hn::Zero(d);
    const auto square = load(gamma_squared + i);
    const auto distance = load(q + i);
    const auto along = load(projection + i);
    const auto b = hn::Set(d, prior_b);
    const auto a = hn::Add(hn::Set(d, prior_a), square);
    const auto all_b = hn::Add(b, distance);
    const auto z = hn::Mul(hn::Sqrt(a), hn::Sqrt(all_b));
    const auto sum = hn::Add(hn::Set(d, z_prior), z);
    const auto difference = hn::MulAdd(a, distance, hn::Mul(square, b));
    const auto is_along = hn::Gt(along, zero);
    const auto above = hn::IfThenElse(is_along, load(misalignment + i), difference);
    const auto below = hn::IfThenElse(is_along, hn::Add(along, sum), sum);
    const auto fraction = hn::IfThenElse(hn::Eq(below, zero), zero, hn::Div(above, below));
    const auto scaled = hn::Sub(hn::IfThenZeroElse(is_along, along), fraction);
    const auto is_near = hn::Lt(hn::Mul(a, all_b), hn::Set(d, kScaledNormalizerFrom));
    const auto exponent = hn::IfThenElse(is_near, hn::Add(along, hn::Set(d, z_prior)), scaled);
    store(a, out_a + i);
    store(hn::Add(exponent, hn::Sub(hn::Set(d, constant), load(log_det_root + i))), out_exponent + i);
  });
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {
namespace {

HWY_EXPORT(compute_mixed_exponents);

}  // namespace

void mixed_exponents(const PosteriorLaw& law, Index rows, const double* gamma_squared, const double* log_det_root,
                     const double* q, const double* projection, const double* misalignment, double* out_a,
                     double* out_exponent) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_mixed_exponents)
  (law, rows, gamma_squared, log_det_root, q, projection, misalignment, out_a, out_exponent);
}

}  // namespace varimix::kernels
#endif
