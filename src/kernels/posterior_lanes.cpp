#include "posterior_lanes.hpp"

#include <cmath>

#include "varimix/core/constants.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/posterior_lanes.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

#include "core/groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::for_each_vector;

/// The exponents of a vector of rows. Both cases are a fraction, and one of them has the projection beside it.
template <class D>
VARIMIX_INLINE void exponents_of(D d, const PosteriorLaw& law, double gamma_squared, const double* q,
                                 const double* projection, const double* misalignment, double* out) {
  const auto zero = hn::Zero(d);
  const auto distance = hn::LoadU(d, q);
  const auto r = hn::LoadU(d, projection);
  const auto z = hn::Mul(hn::Set(d, std::sqrt(law.a)), hn::Sqrt(hn::Add(hn::Set(d, law.b), distance)));
  const auto sum = hn::Add(hn::Set(d, law.z_prior), z);
  const auto difference = hn::MulAdd(hn::Set(d, law.a), distance, hn::Set(d, gamma_squared * law.b));
  const auto is_along = hn::Gt(r, zero);
  const auto above = hn::IfThenElse(is_along, hn::LoadU(d, misalignment), difference);
  const auto below = hn::IfThenElse(is_along, hn::Add(r, sum), sum);
  const auto fraction = hn::IfThenElse(hn::Eq(below, zero), zero, hn::Div(above, below));
  hn::StoreU(hn::Sub(hn::IfThenZeroElse(is_along, r), fraction), d, out);
}

void compute_exponents(const PosteriorLaw& law, double gamma_squared, Index rows, const double* q,
                       const double* projection, const double* misalignment, double* out) {
  for_each_vector<1>(rows, [&](auto d, auto /*vectors*/, Index i) {
    exponents_of(d, law, gamma_squared, q + i, projection + i, misalignment + i, out + i);
  });
}

bool compute_products(const PosteriorLaw& law, Index rows, const double* q, double* out_b, double* out_u) {
  bool any_extreme = false;
  for_each_vector<1>(rows, [&](auto d, auto /*vectors*/, Index i) {
    const auto b = hn::Add(hn::Set(d, law.b), hn::LoadU(d, q + i));
    const auto u = hn::Mul(hn::Set(d, law.a), b);
    hn::StoreU(b, d, out_b + i);
    hn::StoreU(u, d, out_u + i);
    const auto is_usual = hn::And(hn::Ge(u, hn::Set(d, kSmallestProduct)), hn::Le(u, hn::Set(d, kLargestProduct)));
    any_extreme |= !hn::AllTrue(d, is_usual);
  });
  return any_extreme;
}

/// Computes log f = constant + exponent + log(2 e^z K_order(z)) + order log sqrt(b_i/a), z = sqrt(a b_i), and scales
/// the moments of aY.
void scale(const PosteriorLaw& law, Index rows, const double* exponent, const double* log_scaled, const double* log_b,
           const Posteriors& inout) {
  const double log_a = std::log(law.a);
  for_each_vector<1>(rows, [&](auto d, auto /*vectors*/, Index i) {
    const auto log_scale = hn::Mul(hn::Set(d, 0.5), hn::Sub(hn::LoadU(d, log_b + i), hn::Set(d, log_a)));
    const auto log_bessel = hn::Add(hn::Set(d, kLogTwo), hn::LoadU(d, log_scaled + i));
    const auto rest = hn::MulAdd(hn::Set(d, law.order), log_scale, log_bessel);
    const auto start = hn::Add(hn::Set(d, law.log_constant), hn::LoadU(d, exponent + i));
    hn::StoreU(hn::Add(start, rest), d, inout.log_density + i);
    if (inout.inv_y == nullptr) return;
    hn::StoreU(hn::Mul(hn::Set(d, law.a), hn::LoadU(d, inout.inv_y + i)), d, inout.inv_y + i);
    hn::StoreU(hn::Mul(hn::Set(d, 1.0 / law.a), hn::LoadU(d, inout.y + i)), d, inout.y + i);
    if (inout.log_y == nullptr) return;
    hn::StoreU(hn::Sub(hn::LoadU(d, inout.log_y + i), hn::Set(d, log_a)), d, inout.log_y + i);
  });
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {

HWY_EXPORT(compute_exponents);
HWY_EXPORT(compute_products);
HWY_EXPORT(scale);

bool products(const PosteriorLaw& law, Index rows, const double* q, double* out_b, double* out_u) noexcept {
  return HWY_DYNAMIC_DISPATCH(compute_products)(law, rows, q, out_b, out_u);
}

void scale_posteriors(const PosteriorLaw& law, Index rows, const double* exponent, const double* log_scaled,
                      const double* log_b, const Posteriors& inout) noexcept {
  HWY_DYNAMIC_DISPATCH(scale)(law, rows, exponent, log_scaled, log_b, inout);
}

void exponents(const PosteriorLaw& law, double gamma_squared, Index rows, const double* q, const double* projection,
               const double* misalignment, double* out_exponent) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_exponents)(law, gamma_squared, rows, q, projection, misalignment, out_exponent);
}

}  // namespace varimix::kernels
#endif
