#include "posterior_lanes.hpp"

#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/posterior_lanes.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "core/groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::for_each_padded_vector;
using varimix::HWY_NAMESPACE::for_each_vector;

/// Returns false if some product is extreme.
template <class D>
VARIMIX_INLINE bool are_usual(D d, hn::Vec<D> u) {
  return hn::AllTrue(d, hn::And(hn::Ge(u, hn::Set(d, kSmallestProduct)), hn::Le(u, hn::Set(d, kLargestProduct))));
}

bool compute_products(const PosteriorLaw& law, Index rows, const double* q, double* out_u) {
  const double a = law.a;
  const double smallest_b = law.b;
  bool any_extreme = false;
  for_each_vector<1>(rows, [&](auto d, auto /*vectors*/, Index i) {
    const auto b = hn::Add(hn::Set(d, smallest_b), hn::LoadU(d, q + i));
    const auto u = hn::Mul(hn::Set(d, a), b);
    hn::StoreU(u, d, out_u + i);
    any_extreme |= !are_usual(d, u);
  });
  return any_extreme;
}

/// Computes log f = constant + exponent + log_normalizer - order log a, and scales the moments of aY.
void scale(const PosteriorLaw& law, Index rows, const double* exponent, const Posteriors& inout) {
  double* const log_density = inout.log_density;
  double* const inv_y = inout.inv_y;
  double* const y = inout.y;
  double* const log_y = inout.log_y;
  const double a = law.a;
  const double inverse_a = 1.0 / a;
  const double log_a = std::log(a);
  const double log_constant = law.log_constant - law.order * log_a;
  for_each_vector<1>(rows, [&](auto d, auto /*vectors*/, Index i) {
    const auto start = hn::Add(hn::Set(d, log_constant), hn::LoadU(d, exponent + i));
    hn::StoreU(hn::Add(start, hn::LoadU(d, log_density + i)), d, log_density + i);
    if (inv_y == nullptr) return;
    hn::StoreU(hn::Mul(hn::Set(d, a), hn::LoadU(d, inv_y + i)), d, inv_y + i);
    hn::StoreU(hn::Mul(hn::Set(d, inverse_a), hn::LoadU(d, y + i)), d, y + i);
    if (log_y == nullptr) return;
    hn::StoreU(hn::Sub(hn::LoadU(d, log_y + i), hn::Set(d, log_a)), d, log_y + i);
  });
}

bool compute_mixed_products(const PosteriorLaw& law, Index rows, const double* a, const double* q, double* out_u) {
  const double smallest_b = law.b;
  bool any_extreme = false;
  for_each_vector<1>(rows, [&](auto d, auto /*vectors*/, Index i) {
    const auto factor = hn::LoadU(d, a + i);
    const auto u = hn::Mul(factor, hn::Add(hn::Set(d, smallest_b), hn::LoadU(d, q + i)));
    hn::StoreU(u, d, out_u + i);
    const auto is_normal = hn::Ge(factor, hn::Set(d, std::numeric_limits<double>::min()));
    any_extreme |= !are_usual(d, u) || !hn::AllTrue(d, is_normal);
  });
  return any_extreme;
}

void scale_mixed(const PosteriorLaw& law, Index rows, const double* a, const double* exponent,
                 const Posteriors& inout) {
  const hn::ScalableTag<double> d;
  double* const log_density = inout.log_density;
  double* const inv_y = inout.inv_y;
  double* const y = inout.y;
  double* const log_y = inout.log_y;
  const double order = law.order;
  for_each_padded_vector(rows, [&](Index i, auto load, auto store) {
    const auto factor = load(a + i);
    const auto log_factor = hn::Log(d, factor);
    const auto start = hn::Add(load(exponent + i), load(log_density + i));
    store(hn::Sub(start, hn::Mul(hn::Set(d, order), log_factor)), log_density + i);
    if (inv_y == nullptr) return;
    store(hn::Mul(load(inv_y + i), factor), inv_y + i);
    store(hn::Div(load(y + i), factor), y + i);
    if (log_y == nullptr) return;
    store(hn::Sub(load(log_y + i), log_factor), log_y + i);
  });
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {

HWY_EXPORT(compute_products);
HWY_EXPORT(scale);
HWY_EXPORT(compute_mixed_products);
HWY_EXPORT(scale_mixed);

bool products(const PosteriorLaw& law, Index rows, const double* q, double* out_u) noexcept {
  return HWY_DYNAMIC_DISPATCH(compute_products)(law, rows, q, out_u);
}

void scale_posteriors(const PosteriorLaw& law, Index rows, const double* exponent, const Posteriors& inout) noexcept {
  HWY_DYNAMIC_DISPATCH(scale)(law, rows, exponent, inout);
}

bool mixed_products(const PosteriorLaw& law, Index rows, const double* a, const double* q, double* out_u) noexcept {
  return HWY_DYNAMIC_DISPATCH(compute_mixed_products)(law, rows, a, q, out_u);
}

void scale_mixed_posteriors(const PosteriorLaw& law, Index rows, const double* a, const double* exponent,
                            const Posteriors& inout) noexcept {
  HWY_DYNAMIC_DISPATCH(scale_mixed)(law, rows, a, exponent, inout);
}

}  // namespace varimix::kernels
#endif
