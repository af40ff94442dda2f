// The missing columns of a vector of rows, from the precision. This file is compiled once per target.
#if defined(VARIMIX_KERNELS_COMPLETION_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_KERNELS_COMPLETION_INL_HPP_
#undef VARIMIX_KERNELS_COMPLETION_INL_HPP_
#else
#define VARIMIX_KERNELS_COMPLETION_INL_HPP_
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "core/groups-inl.hpp"
#include "kernels/precision_rows.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::after;
using varimix::HWY_NAMESPACE::Count;
using varimix::HWY_NAMESPACE::for_each_between;
using varimix::HWY_NAMESPACE::for_each_down_from;

/// Lambda_mm = R D R' of a vector of rows that miss `Size` columns each, and its solutions. With a size that the compiler
/// knows, a Count, all of it is in registers as far as there are so many.
template <class D, class Size>
class Completion {
 public:
  using V = hn::Vec<D>;
  using DI = hn::RebindToSigned<D>;
  using Columns = hn::Vec<DI>;

  /// @param columns  the missing columns of the rows, the k-th from k * leading on.
  VARIMIX_INLINE Completion(D d, const PrecisionLaw& law, Size missing, const std::int64_t* columns, Index leading)
      : d_(d), law_(law), missing_(missing), columns_(columns), leading_(leading) {}

  [[nodiscard]] VARIMIX_INLINE Columns column(Index k) const { return hn::LoadU(DI(), columns_ + k * leading_); }

  /// Factors Lambda_mm and takes R^{-1} Lambda (x - mu) and R^{-1} Lambda gamma. Returns det D.
  /// @param products  element `at(column)` is that of Lambda (x - mu).
  template <class At>
  VARIMIX_INLINE V factor(const double* products, const At& at) {
    V pivots = hn::Set(d_, 1.0);
    const Columns stride = hn::Set(DI(), static_cast<std::int64_t>(places_of(law_.d)));
    for_each_between(Count<0>(), missing_, [&](auto k) {
      const Columns own = column(k);
      const Columns row = hn::Mul(own, stride);
      V pivot = gather(law_.precision, hn::Add(row, own));
      V shift = gather(products, at(own));
      V gamma = gather(law_.precision_gamma, own);
      V scaled[kMost];  // R_kl D_ll
      for_each_between(Count<0>(), k, [&](auto l) {
        V entry = gather(law_.precision, hn::Add(row, column(l)));
        for_each_between(Count<0>(), l, [&](auto p) { entry = hn::NegMulAdd(scaled[p], ratio(l, p), entry); });
        scaled[l] = entry;
        const V of_pivot = hn::Mul(entry, inverse_pivot_[l]);
        ratio(k, l) = of_pivot;
        pivot = hn::NegMulAdd(entry, of_pivot, pivot);
        shift = hn::NegMulAdd(of_pivot, shift_[l], shift);
        gamma = hn::NegMulAdd(of_pivot, gamma_[l], gamma);
      });
      inverse_pivot_[k] = hn::Div(hn::Set(d_, 1.0), pivot);
      shift_[k] = shift;
      gamma_[k] = gamma;
      pivots = hn::Mul(pivots, pivot);
    });
    return pivots;
  }

  /// Calls visit(k, shift, gamma) for entries k of Lambda_mm^{-1} Lambda (x - mu) and Lambda_mm^{-1} Lambda gamma.
  template <class Visit>
  VARIMIX_INLINE void solve(const Visit& visit) {
    for_each_down_from(missing_, [&](auto k) {
      V shift = hn::Mul(shift_[k], inverse_pivot_[k]);
      V gamma = hn::Mul(gamma_[k], inverse_pivot_[k]);
      for_each_between(after(k), missing_, [&](auto l) {
        shift = hn::NegMulAdd(ratio(l, k), shift_[l], shift);
        gamma = hn::NegMulAdd(ratio(l, k), gamma_[l], gamma);
      });
      shift_[k] = shift;
      gamma_[k] = gamma;
      visit(static_cast<Index>(k), shift, gamma);
    });
  }

  /// Calls visit(entry) for the lower triangle of Lambda_mm^{-1} = X' D^{-1} X, row by row, with X = R^{-1}, which
  /// takes the place of R.
  template <class Visit>
  VARIMIX_INLINE void invert(const Visit& visit) {
    for_each_between(Count<0>(), missing_, [&](auto k) {
      for_each_between(Count<0>(), k, [&](auto l) {
        V entry = hn::Neg(ratio(k, l));
        for_each_between(after(l), k, [&](auto p) { entry = hn::NegMulAdd(ratio(k, p), ratio(p, l), entry); });
        ratio(k, l) = entry;
      });
    });
    for_each_between(Count<0>(), missing_, [&](auto k) {
      for_each_between(Count<0>(), after(k), [&](auto l) {
        V sum = inverse_pivot_[k];
        if (static_cast<Index>(l) < static_cast<Index>(k)) sum = hn::Mul(sum, ratio(k, l));
        for_each_between(after(k), missing_,
                         [&](auto p) { sum = hn::MulAdd(hn::Mul(ratio(p, k), inverse_pivot_[p]), ratio(p, l), sum); });
        visit(sum);
      });
    });
  }

 private:
  static constexpr Index most_of(Index /*missing*/) { return kMostMissing; }
  template <Index M>
  static constexpr Index most_of(Count<M> /*missing*/) {
    return M;
  }
  static constexpr Index kMost = most_of(Size());

  [[nodiscard]] VARIMIX_INLINE V gather(const double* from, Columns at) const { return hn::GatherIndex(d_, from, at); }
  [[nodiscard]] VARIMIX_INLINE V& ratio(Index k, Index l) { return ratios_[k * (k - 1) / 2 + l]; }

  const D d_;
  const PrecisionLaw& law_;
  const Size missing_;
  const std::int64_t* columns_;
  const Index leading_;
  V inverse_pivot_[kMost];                 // 1 / D_kk
  V shift_[kMost], gamma_[kMost];          // what is solved for
  V ratios_[kMost * (kMost - 1) / 2 + 1];  // R below its diagonal of ones, then its inverse
};

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
