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
#include "kernels/precision_rows.hpp"
#include "kernels/triangle-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::for_each_group;
using varimix::HWY_NAMESPACE::for_each_vector;

// A line of scratch has a number of each row; a pair of lines has first v or x - mu, then h or gamma.
constexpr Index kLine = kPrecisionRows;
constexpr Index kPair = 2 * kLine;
constexpr int kLogLine = std::bit_width(static_cast<std::size_t>(kLine)) - 1;
static_assert(kLine == Index{1} << kLogLine);

// Rows of Lambda that are multiplied together, with as many vectors of rows.
#if HWY_TARGET <= HWY_AVX3
constexpr Index kProducts = 8;
#else
constexpr Index kProducts = 4;
#endif
constexpr Index kProductVectors = 2;

[[nodiscard]] constexpr Index line_of_pair(Index k, Index l) { return (k * (k + 1) / 2 + l) * kLine; }

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
        stride_(law.d + kMostMissing),
        leading_(leading),
        columns_(columns),
        pairs_(scratch),
        products_(pairs_ + (law.d + missing) * kPair),
        solutions_(products_ + (law.d + missing) * kLine),
        factor_(solutions_ + missing * kPair),
        inverse_(factor_ + line_of_pair(missing, 0)) {
    for (Index k = 0; k < missing; ++k) {
      for (Index i = 0; i < kLine; ++i) precision_row_[k * kLine + i] = columns[k * leading + i] * stride_;
    }
  }

  /// Takes x - mu, and 0 for what is missing or no row.
  VARIMIX_INLINE void load(const double* x, Index rows) {
    for (Index i = 0; i < kLine; i += lanes()) {
      const auto present = hn::FirstN(d_, static_cast<std::size_t>(std::clamp(rows - i, Index{0}, lanes())));
      for (Index j = 0; j < law_.d; ++j) {
        const V values = hn::IfThenElseZero(present, load_line(x + j * leading_ + i));
        const V shift = hn::Mul(hn::Sub(values, set(law_.mu[j])), set(law_.inverse_unit[j]));
        store(hn::IfThenElseZero(hn::And(present, hn::Eq(values, values)), shift), pairs_ + j * kPair + i);
        store(set(law_.gamma[j]), pairs_ + j * kPair + kLine + i);
      }
      for (Index j = law_.d; j < law_.d + missing_; ++j) store(hn::Zero(d_), products_ + j * kLine + i);
    }
  }

  /// Multiplies Lambda with x - mu.
  VARIMIX_INLINE void multiply() {
    for (Index i = 0; i < kLine; i += kProductVectors * lanes()) {
      for_each_group<kProducts>(law_.d,
                                [&](auto group, Index first) { multiply_rows<decltype(group)::value>(first, i); });
    }
  }

  /// Completes rows i, ... of a vector, of which those `present` are described, and returns log det of their L_o.
  VARIMIX_INLINE V complete(Index i, hn::Mask<D> present, const MissingColumns* rest) {
    V pivots = set(1.0);
    for (Index k = 0; k < missing_; ++k) pivots = hn::Mul(pivots, factor_row(k, i));
    V log_units = hn::Zero(d_);
    for (Index k = missing_ - 1; k >= 0; --k) {
      const auto [shift, gamma] = solve_row(k, i);
      const auto column = hn::LoadU(DI(), columns_ + k * leading_ + i);
      log_units = hn::Add(log_units, gather(law_.log_unit, column));
      const V completed = hn::Sub(gather(law_.gamma, column), gamma);
      scatter(hn::Neg(shift), column, i);
      scatter(completed, column, i + kLine);
      if (rest == nullptr) continue;
      hn::BlendedStore(hn::Neg(shift), present, d_, rest->mean + k * rest->stride + i);
      hn::BlendedStore(gamma, present, d_, rest->gamma + k * rest->stride + i);
    }
    if (rest != nullptr) invert(i, present, *rest);
    return hn::Sub(hn::MulAdd(set(0.5), hn::Log(d_, pivots), set(law_.log_det_root)), log_units);
  }

  /// Turns the completed x - mu and gamma into v and h.
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

  /// What v and h of rows i, ... of a vector come to.
  struct Sums {
    V squared, projection, gamma_squared, misalignment;
  };
  [[nodiscard]] VARIMIX_INLINE Sums sums(Index i) const {
    const V zero = hn::Zero(d_);
    Sums out{zero, zero, zero, zero};
    for (Index j = 0; j < law_.d; ++j) {
      const V v = load_line(pairs_ + j * kPair + i);
      const V h = load_line(pairs_ + j * kPair + kLine + i);
      out.squared = hn::MulAdd(v, v, out.squared);
      out.projection = hn::MulAdd(h, v, out.projection);
      out.gamma_squared = hn::MulAdd(h, h, out.gamma_squared);
    }
    const V length = hn::Sqrt(out.gamma_squared);
    const V inverse_length = hn::IfThenElseZero(hn::Gt(length, zero), hn::Div(set(1.0), length));
    const V along_direction = hn::Mul(out.projection, inverse_length);
    for (Index j = 0; j < law_.d; ++j) {
      const V v = load_line(pairs_ + j * kPair + i);
      const V h = load_line(pairs_ + j * kPair + kLine + i);
      const V along = hn::NegMulAdd(set(law_.root_a), v, hn::Mul(set(law_.root_b), h));
      const V across = hn::MulSub(length, v, hn::Mul(along_direction, h));
      out.misalignment = hn::MulAdd(along, along, out.misalignment);
      out.misalignment = hn::MulAdd(across, across, out.misalignment);
    }
    return out;
  }

 private:
  [[nodiscard]] static VARIMIX_INLINE Index lanes() { return static_cast<Index>(hn::Lanes(D())); }
  [[nodiscard]] VARIMIX_INLINE V set(double value) const { return hn::Set(d_, value); }
  [[nodiscard]] static VARIMIX_INLINE V load_line(const double* from) { return hn::LoadU(D(), from); }
  static VARIMIX_INLINE void store(V values, double* to) { hn::StoreU(values, D(), to); }
  [[nodiscard]] static VARIMIX_INLINE V gather(const double* from, hn::Vec<DI> at) {
    return hn::GatherIndex(D(), from, at);
  }

  /// Sets the entries of pairs_ of rows i, ... in the columns of each row's own.
  VARIMIX_INLINE void scatter(V values, hn::Vec<DI> column, Index i) {
    const auto at = hn::Add(hn::ShiftLeft<kLogLine + 1>(column), hn::Iota(DI(), static_cast<std::int64_t>(i)));
    hn::ScatterIndex(values, d_, pairs_, at);
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

  /// Takes row k of Lambda_mm = R D R' into R, whose diagonal has 1 / D_kk, and R^{-1} Lambda (x - mu) and
  /// R^{-1} Lambda gamma on by an entry. Returns D_kk.
  VARIMIX_INLINE V factor_row(Index k, Index i) {
    const auto column = hn::LoadU(DI(), columns_ + k * leading_ + i);
    const auto precision_row = hn::LoadU(DI(), precision_row_ + k * kLine + i);
    double* r = factor_ + line_of_pair(k, 0) + i;
    V pivot = gather(law_.precision, hn::Add(precision_row, column));
    V shift = gather(products_, hn::Add(hn::ShiftLeft<kLogLine>(column), hn::Iota(DI(), static_cast<std::int64_t>(i))));
    V gamma = gather(law_.precision_gamma, column);
    double* scaled = inverse_ + i;  // R_kl D_ll
    for (Index l = 0; l < k; ++l) {
      const double* r_l = factor_ + line_of_pair(l, 0) + i;
      V entry = gather(law_.precision, hn::Add(precision_row, hn::LoadU(DI(), columns_ + l * leading_ + i)));
      for (Index p = 0; p < l; ++p) {
        entry = hn::NegMulAdd(load_line(scaled + p * kLine), load_line(r_l + p * kLine), entry);
      }
      store(entry, scaled + l * kLine);
      const V ratio = hn::Mul(entry, load_line(r_l + l * kLine));
      store(ratio, r + l * kLine);
      pivot = hn::NegMulAdd(entry, ratio, pivot);
      shift = hn::NegMulAdd(ratio, load_line(solutions_ + l * kPair + i), shift);
      gamma = hn::NegMulAdd(ratio, load_line(solutions_ + l * kPair + kLine + i), gamma);
    }
    store(hn::Div(set(1.0), pivot), r + k * kLine);
    store(shift, solutions_ + k * kPair + i);
    store(gamma, solutions_ + k * kPair + kLine + i);
    return pivot;
  }

  struct Solution {
    V shift, gamma;
  };

  /// Returns entry k of Lambda_mm^{-1} Lambda (x - mu) and Lambda_mm^{-1} Lambda gamma. @pre Later entries are solved.
  VARIMIX_INLINE Solution solve_row(Index k, Index i) {
    double* at = solutions_ + k * kPair + i;
    const V inverse = load_line(factor_ + line_of_pair(k, k) + i);
    Solution out{hn::Mul(load_line(at), inverse), hn::Mul(load_line(at + kLine), inverse)};
    for (Index l = k + 1; l < missing_; ++l) {
      const V ratio = load_line(factor_ + line_of_pair(l, k) + i);
      out.shift = hn::NegMulAdd(ratio, load_line(solutions_ + l * kPair + i), out.shift);
      out.gamma = hn::NegMulAdd(ratio, load_line(solutions_ + l * kPair + kLine + i), out.gamma);
    }
    store(out.shift, at);
    store(out.gamma, at + kLine);
    return out;
  }

  /// Computes Lambda_mm^{-1} = X' D^{-1} X with X = R^{-1}.
  VARIMIX_INLINE void invert(Index i, hn::Mask<D> present, const MissingColumns& rest) {
    for (Index k = 1; k < missing_; ++k) {
      const double* r = factor_ + line_of_pair(k, 0) + i;
      for (Index l = 0; l < k; ++l) {
        V entry = hn::Neg(load_line(r + l * kLine));
        for (Index p = l + 1; p < k; ++p) {
          entry = hn::NegMulAdd(load_line(r + p * kLine), load_line(inverse_ + line_of_pair(p, l) + i), entry);
        }
        store(entry, inverse_ + line_of_pair(k, l) + i);
      }
    }
    double* to = rest.covariance + i;
    for (Index k = 0; k < missing_; ++k) {
      for (Index l = 0; l <= k; ++l, to += rest.stride) {
        V sum = load_line(factor_ + line_of_pair(k, k) + i);
        if (l < k) sum = hn::Mul(sum, load_line(inverse_ + line_of_pair(k, l) + i));
        for (Index p = k + 1; p < missing_; ++p) {
          const double* row = inverse_ + line_of_pair(p, 0) + i;
          const V scaled = hn::Mul(load_line(row + k * kLine), load_line(factor_ + line_of_pair(p, p) + i));
          sum = hn::MulAdd(scaled, load_line(row + l * kLine), sum);
        }
        hn::BlendedStore(sum, present, d_, to);
      }
    }
  }

  const D d_;
  const PrecisionLaw& law_;
  const Index missing_, stride_, leading_;
  const std::int64_t* columns_;
  double *pairs_, *products_, *solutions_, *factor_, *inverse_;
  std::int64_t precision_row_[kMostMissing * kLine];  // where the row of Lambda of a missing column begins
};

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
