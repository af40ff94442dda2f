// Rows that miss few columns each, from the precision. This file is compiled once per target.
#if defined(VARIMIX_KERNELS_PRECISION_ROWS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_KERNELS_PRECISION_ROWS_INL_HPP_
#undef VARIMIX_KERNELS_PRECISION_ROWS_INL_HPP_
#else
#define VARIMIX_KERNELS_PRECISION_ROWS_INL_HPP_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "core/groups-inl.hpp"
#include "kernels/completion-inl.hpp"
#include "kernels/precision_distances-inl.hpp"
#include "kernels/precision_rows.hpp"
#include "kernels/triangle-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::for_each_group;
using varimix::HWY_NAMESPACE::for_each_vector;
using varimix::HWY_NAMESPACE::visit_rest;

constexpr int kLogLine = std::bit_width(static_cast<std::size_t>(kLine)) - 1;
static_assert(kLine == Index{1} << kLogLine);

// Rows of Lambda that are multiplied together, with as many vectors of rows.
#if HWY_TARGET <= HWY_AVX3
constexpr Index kProducts = 8;
#else
constexpr Index kProducts = 4;
#endif
constexpr Index kProductVectors = 2;

// Rows that miss no more columns than this are completed in registers.
constexpr Index kInRegisters = 8;

/// The rows of one call, as lines of scratch; what follows the d columns are the places of rows that miss fewer.
template <class D>
class PrecisionRows {
 public:
  using V = hn::Vec<D>;
  using DI = hn::RebindToSigned<D>;

  VARIMIX_INLINE PrecisionRows(D d, const PrecisionLaw& law, Index missing, const std::int64_t* columns, Index leading,
                               double* scratch)
      : d_(d),
        law_(law),
        missing_(missing),
        stride_(places_of(law.d)),
        leading_(leading),
        columns_(columns),
        pairs_(scratch),
        products_(pairs_ + (law.d + missing) * kPair) {}

  /// Takes x - mu, and 0 for what is missing or no row.
  VARIMIX_INLINE void load(const double* x, Index rows) {
    const Index d = law_.d;  // copies, since the compiler cannot know that nothing stored changes them
    const Index leading = leading_;
    const double* const mu = law_.mu;
    const double* const inverse_unit = law_.inverse_unit;
    for (Index i = 0; i < kLine; i += lanes()) {
      const auto present = present_of(rows, i);
      double* pairs = pairs_ + i;
      for (Index j = 0; j < d; ++j, pairs += kPair) {
        const V values = hn::IfThenElseZero(present, load_line(x + j * leading + i));
        const V shift = hn::Mul(hn::Sub(values, set(mu[j])), set(inverse_unit[j]));
        store(hn::IfThenElseZero(hn::And(present, hn::Eq(values, values)), shift), pairs);
        store(hn::Zero(d_), pairs + kLine);
      }
      for (Index j = d; j < d + missing_; ++j) store(hn::Zero(d_), products_ + j * kLine + i);
    }
  }

  /// Multiplies Lambda with x - mu.
  VARIMIX_INLINE void multiply() {
    for (Index i = 0; i < kLine; i += kProductVectors * lanes()) {
      for_each_group<kProducts>(law_.d,
                                [&](auto group, Index first) { multiply_rows<decltype(group)::value>(first, i); });
    }
  }

  /// Completes the first `rows` rows, of which the missing columns are described unless `rest` is null.
  VARIMIX_INLINE void complete(Index rows, double* out_log_det_root, const MissingColumns* rest) {
    if (missing_ == 0 || missing_ > kInRegisters) {
      complete_vectors(missing_, rows, out_log_det_root, rest);
      return;
    }
    visit_rest<kInRegisters>(
        missing_, 0, [&](auto missing, Index /*first*/) { complete_vectors(missing, rows, out_log_det_root, rest); });
  }

  /// Turns the completed x - mu into v, and what is taken from gamma into what is taken from L^{-1} gamma.
  VARIMIX_INLINE void whiten() {
    for_each_vector<kVectors>(kPair, [&](auto tag, auto vectors, Index i) {
      constexpr Index kTogether = decltype(vectors)::value;
      const auto over_pivot = [&](Index j, auto value) { return hn::Mul(value, hn::Set(tag, law_.inverse_pivot[j])); };
      double* v = pairs_ + i;
      for_each_group<kColumns>(law_.d, [&](auto group, Index first) {
        constexpr Index kGroup = decltype(group)::value;
        hn::Vec<decltype(tag)> at[kGroup][kTogether];
        for_each_entry<kGroup, kTogether>([&](Index c, Index u) {
          at[c][u] = hn::LoadU(tag, v + (first + c) * kPair + u * static_cast<Index>(hn::Lanes(tag)));
        });
        solve_columns(tag, law_.cholesky, law_.cholesky_stride, first, v, kPair, over_pivot, at);
        for_each_entry<kGroup, kTogether>([&](Index c, Index u) {
          hn::StoreU(at[c][u], tag, v + (first + c) * kPair + u * static_cast<Index>(hn::Lanes(tag)));
        });
      });
    });
  }

  /// Stores what v and h of the first `rows` rows come to.
  VARIMIX_INLINE void store_distances(Index rows, const PartialRows& out) const {
    PrecisionDistances(d_, law_, pairs_).store(rows, out);
  }

 private:
  [[nodiscard]] static VARIMIX_INLINE Index lanes() { return static_cast<Index>(hn::Lanes(D())); }
  [[nodiscard]] VARIMIX_INLINE V set(double value) const { return hn::Set(d_, value); }
  [[nodiscard]] static VARIMIX_INLINE V load_line(const double* from) { return hn::LoadU(D(), from); }
  static VARIMIX_INLINE void store(V values, double* to) { hn::StoreU(values, D(), to); }
  [[nodiscard]] VARIMIX_INLINE hn::Mask<D> present_of(Index rows, Index i) const {
    return hn::FirstN(d_, static_cast<std::size_t>(std::clamp(rows - i, Index{0}, lanes())));
  }
  template <Index C, Index U, class Visit>
  static VARIMIX_INLINE void for_each_entry(const Visit& visit) {
    for (Index c = 0; c < C; ++c) {
      for (Index u = 0; u < U; ++u) visit(c, u);
    }
  }

  /// Multiplies rows first, ..., first + C - 1 of Lambda, which are its columns, with x - mu of rows i, ....
  template <Index C>
  VARIMIX_INLINE void multiply_rows(Index first, Index i) {
    V sum[C][kProductVectors];
    for_each_entry<C, kProductVectors>([&](Index c, Index u) { sum[c][u] = hn::Zero(d_); });
    for (Index k = 0; k < law_.d; ++k) {
      V shift[kProductVectors];
      for (Index u = 0; u < kProductVectors; ++u) shift[u] = load_line(pairs_ + k * kPair + i + u * lanes());
      const double* column = law_.precision + k * stride_ + first;
      for_each_entry<C, kProductVectors>(
          [&](Index c, Index u) { sum[c][u] = hn::MulAdd(set(column[c]), shift[u], sum[c][u]); });
    }
    for_each_entry<C, kProductVectors>(
        [&](Index c, Index u) { store(sum[c][u], products_ + (first + c) * kLine + i + u * lanes()); });
  }

  template <class Size>
  HWY_NOINLINE void complete_vectors(Size missing, Index rows, double* out_log_det_root, const MissingColumns* rest) {
    for (Index i = 0; i < rows; i += lanes()) {
      const auto present = present_of(rows, i);
      hn::BlendedStore(complete_vector(missing, i, present, rest), present, d_, out_log_det_root + i);
    }
  }

  /// Completes rows i, ... of a vector, of which those `present` are described, and returns log det of their L_o.
  template <class Size>
  VARIMIX_INLINE V complete_vector(Size missing, Index i, hn::Mask<D> present, const MissingColumns* rest) {
    Completion<D, Size> completion(d_, law_, missing, columns_ + i, leading_);
    const auto row = hn::Iota(DI(), static_cast<std::int64_t>(i));
    const V pivots =
        completion.factor(products_, [&](auto column) { return hn::Add(hn::ShiftLeft<kLogLine>(column), row); });
    V log_units = hn::Zero(d_);
    completion.solve([&](Index k, V shift, V gamma) {
      const auto column = completion.column(k);
      log_units = hn::Add(log_units, hn::GatherIndex(d_, law_.log_unit, column));
      const auto at = hn::Add(hn::ShiftLeft<kLogLine + 1>(column), row);
      hn::ScatterIndex(hn::Neg(shift), d_, pairs_, at);
      hn::ScatterIndex(hn::Neg(gamma), d_, pairs_ + kLine, at);
      if (rest == nullptr) return;
      hn::BlendedStore(hn::Neg(shift), present, d_, rest->mean + k * rest->stride + i);
      hn::BlendedStore(gamma, present, d_, rest->gamma + k * rest->stride + i);
    });
    if (rest != nullptr) {
      double* to = rest->covariance + i;
      completion.invert([&](V entry) {
        hn::BlendedStore(entry, present, d_, to);
        to += rest->stride;
      });
    }
    return hn::Sub(hn::MulAdd(set(0.5), hn::Log(d_, pivots), set(law_.log_det_root)), log_units);
  }

  const D d_;
  const PrecisionLaw& law_;
  const Index missing_, stride_, leading_;
  const std::int64_t* columns_;
  double *pairs_, *products_;
};

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
