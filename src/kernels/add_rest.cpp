#include "add_rest.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/add_rest.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

#include "core/groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::after;
using varimix::HWY_NAMESPACE::Count;
using varimix::HWY_NAMESPACE::for_each_between;
using varimix::HWY_NAMESPACE::visit_rest;

using Tag = hn::ScalableTag<double>;
using Numbers = hn::Vec<Tag>;
using Places = hn::Vec<hn::RebindToSigned<Tag>>;

// The loops over as many missing columns are unrolled.
constexpr Index kUnrolled = 6;

/// A number of each row of a vector, and its place in an array.
struct Scattered {
  static constexpr Index kLanes = static_cast<Index>(hn::MaxLanes(Tag()));
  VARIMIX_INLINE void set(Numbers values, Places places) {
    hn::Store(values, Tag(), value);
    hn::Store(places, hn::RebindToSigned<Tag>(), place);
  }
  HWY_ALIGN double value[kLanes];
  HWY_ALIGN std::int64_t place[kLanes];
};

/// Rows i, ... of a vector, of which there are so many. What they add is kept for one missing column at a time, and then
/// added row by row: the terms of a row go to different places, so that none waits for the one before.
template <class Size>
VARIMIX_INLINE void add_vector(const CompletedRows& from, Size missing, Index i, Index rows, const double* mu,
                               const double* unit, double* out_x, Index leading, Index columns, double* inout) {
  const Tag d;
  const hn::RebindToSigned<Tag> whole;
  const MissingColumns& rest = from.rest;
  const auto present = hn::RebindMask(whole, hn::FirstN(d, static_cast<std::size_t>(rows)));
  const auto column_of = [&](Index k) {
    return hn::IfThenElseZero(present, hn::LoadU(whole, from.columns + k * rest.stride + i));
  };
  const Numbers weight = hn::LoadU(d, from.weight + i);
  const Numbers inverse_w = hn::Div(hn::Set(d, 1.0), hn::LoadU(d, from.inv_y + i));
  const Numbers excess = hn::Mul(weight, hn::Sub(hn::LoadU(d, from.y + i), inverse_w));  // >= 0 but for rounding
  const Places row = hn::Iota(whole, static_cast<std::int64_t>(i));
  const double* covariance = rest.covariance + i;
  Scattered completed, of_x, of_xx[kMostMissing];
  for_each_between(Count<0>(), missing, [&](auto k) {
    const Places column = column_of(k);
    const Numbers g = hn::LoadU(d, rest.gamma + k * rest.stride + i);
    const auto is_skewed = hn::Ne(g, hn::Zero(d));
    const Numbers part = hn::IfThenElseZero(is_skewed, hn::Mul(excess, g));
    const Numbers mean = hn::LoadU(d, rest.mean + k * rest.stride + i);
    const Numbers h = hn::Add(mean, hn::IfThenElseZero(is_skewed, hn::Mul(g, inverse_w)));
    completed.set(hn::MulAdd(hn::GatherIndex(d, unit, column), h, hn::GatherIndex(d, mu, column)),
                  hn::Add(hn::Mul(column, hn::Set(whole, leading)), row));
    of_x.set(part, hn::Add(hn::Set(whole, columns * columns), column));
    for_each_between(Count<0>(), after(k), [&](auto l) {
      const Numbers other = hn::LoadU(d, rest.gamma + l * rest.stride + i);
      of_xx[l].set(hn::MulAdd(part, other, hn::Mul(weight, hn::LoadU(d, covariance))),
                   hn::Add(hn::Mul(column_of(l), hn::Set(whole, columns)), column));
      covariance += rest.stride;
    });
    for (Index lane = 0; lane < rows; ++lane) {
      out_x[completed.place[lane]] = completed.value[lane];
      inout[of_x.place[lane]] += of_x.value[lane];
      for_each_between(Count<0>(), after(k), [&](auto l) { inout[of_xx[l].place[lane]] += of_xx[l].value[lane]; });
    }
  });
}

template <class Size>
HWY_NOINLINE void add_vectors(const CompletedRows& from, Size missing, const double* mu, const double* unit,
                              double* out_x, Index leading, Index columns, double* inout) {
  const auto lanes = static_cast<Index>(hn::Lanes(Tag()));
  for (Index i = 0; i < from.rows; i += lanes) {
    add_vector(from, missing, i, std::min(lanes, from.rows - i), mu, unit, out_x, leading, columns, inout);
  }
}

void compute_rest(const CompletedRows& from, const double* mu, const double* unit, double* out_x, Index leading,
                  Index columns, double* inout) {
  const auto add = [&](auto missing, Index /*first*/) {
    add_vectors(from, missing, mu, unit, out_x, leading, columns, inout);
  };
  if (from.missing > kUnrolled) {
    add(from.missing, 0);
  } else {
    visit_rest<kUnrolled>(from.missing, 0, add);
  }
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {
namespace {

HWY_EXPORT(compute_rest);

}  // namespace

void add_rest(const CompletedRows& from, const double* mu, const double* unit, double* out_x, Index leading,
              Index columns, double* inout) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_rest)(from, mu, unit, out_x, leading, columns, inout);
}

}  // namespace varimix::kernels
#endif
