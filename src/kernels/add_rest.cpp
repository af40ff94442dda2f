#include "add_rest.hpp"

#include <algorithm>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/add_rest.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<double>;
using Numbers = hn::Vec<Tag>;
using Places = hn::Vec<hn::RebindToSigned<Tag>>;

/// Terms that the rows of a vector add to elements of their own. They are kept until there are some, and then added row by
/// row: those of a row go to different elements, so that none waits for the one before.
class LaneTerms {
 public:
  VARIMIX_INLINE LaneTerms(double* sums, Index lanes) : sums_(sums), lanes_(lanes) {}

  VARIMIX_INLINE void add(Numbers term, Places at) {
    hn::Store(term, Tag(), term_ + count_ * kLanes);
    hn::Store(at, hn::RebindToSigned<Tag>(), at_ + count_ * kLanes);
    if (++count_ == kMost) flush();
  }

  VARIMIX_INLINE void flush() {
    for (Index lane = 0; lane < lanes_; ++lane) {
      for (Index k = 0; k < count_; ++k) sums_[at_[k * kLanes + lane]] += term_[k * kLanes + lane];
    }
    count_ = 0;
  }

 private:
  static constexpr Index kLanes = static_cast<Index>(hn::MaxLanes(Tag()));
  static constexpr Index kMost = 32;
  double* sums_;
  Index lanes_;
  Index count_ = 0;
  HWY_ALIGN double term_[kMost * kLanes];
  HWY_ALIGN std::int64_t at_[kMost * kLanes];
};

/// Sets out[at of a lane] to its value, for so many lanes.
VARIMIX_INLINE void scatter(Numbers values, Places at, Index lanes, double* out) {
  HWY_ALIGN double value[hn::MaxLanes(Tag())];
  HWY_ALIGN std::int64_t place[hn::MaxLanes(Tag())];
  hn::Store(values, Tag(), value);
  hn::Store(at, hn::RebindToSigned<Tag>(), place);
  for (Index lane = 0; lane < lanes; ++lane) out[place[lane]] = value[lane];
}

/// Rows i, ... of a vector, of which there are so many.
VARIMIX_INLINE void add_vector(const CompletedRows& from, Index i, Index rows, const double* mu, const double* unit,
                               double* out_x, Index leading, Index columns, double* inout) {
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
  LaneTerms terms(inout, rows);
  for (Index k = 0; k < from.missing; ++k) {
    const Places column = column_of(k);
    const Numbers g = hn::LoadU(d, rest.gamma + k * rest.stride + i);
    const auto is_skewed = hn::Ne(g, hn::Zero(d));
    const Numbers part = hn::IfThenElseZero(is_skewed, hn::Mul(excess, g));
    const Numbers mean = hn::LoadU(d, rest.mean + k * rest.stride + i);
    const Numbers h = hn::Add(mean, hn::IfThenElseZero(is_skewed, hn::Mul(g, inverse_w)));
    const Numbers value = hn::MulAdd(hn::GatherIndex(d, unit, column), h, hn::GatherIndex(d, mu, column));
    scatter(value, hn::Add(hn::Mul(column, hn::Set(whole, leading)), row), rows, out_x);
    terms.add(part, hn::Add(hn::Set(whole, columns * columns), column));
    for (Index l = 0; l <= k; ++l, covariance += rest.stride) {
      const Numbers other = hn::LoadU(d, rest.gamma + l * rest.stride + i);
      const Numbers term = hn::MulAdd(part, other, hn::Mul(weight, hn::LoadU(d, covariance)));
      terms.add(term, hn::Add(hn::Mul(column_of(l), hn::Set(whole, columns)), column));
    }
  }
  terms.flush();
}

void compute_rest(const CompletedRows& from, const double* mu, const double* unit, double* out_x, Index leading,
                  Index columns, double* inout) {
  const auto lanes = static_cast<Index>(hn::Lanes(Tag()));
  for (Index i = 0; i < from.rows; i += lanes) {
    add_vector(from, i, std::min(lanes, from.rows - i), mu, unit, out_x, leading, columns, inout);
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
