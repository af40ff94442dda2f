// The elimination of the columns that rows show, for one vector of rows. This file is compiled once per target.
#if defined(VARIMIX_KERNELS_PARTIAL_ROWS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_KERNELS_PARTIAL_ROWS_INL_HPP_
#undef VARIMIX_KERNELS_PARTIAL_ROWS_INL_HPP_
#else
#define VARIMIX_KERNELS_PARTIAL_ROWS_INL_HPP_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "core/groups-inl.hpp"
#include "kernels/partial_rows.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::for_each_group;
using varimix::HWY_NAMESPACE::for_each_vector;

// With no more free directions than this, the direction of a reflection stays in registers.
constexpr Index kInRegisters = 6;

// The rows of L that are reflected together where there are more: each entry of the direction is read once for them.
constexpr Index kTogether = 4;

/// A vector of rows as columns; `present` is false for lanes beyond the last row, which are taken to be 0.
template <class D>
struct VectorOfRows {
  const double* x;
  Index leading;
  hn::Mask<D> present;
  [[nodiscard]] VARIMIX_INLINE hn::Vec<D> column(D d, Index j) const {
    return hn::IfThenElseZero(present, hn::LoadU(d, x + j * leading));
  }
};

/// The elimination of partial_rows. For each row of L, then for each missing column in the order of a lane's own, a line
/// of scratch has what is left of x - mu, what is left of gamma, and the entries in the free directions.
template <class D>
class Elimination {
 public:
  using V = hn::Vec<D>;
  using M = hn::Mask<D>;
  static constexpr Index kLanes = static_cast<Index>(hn::MaxLanes(D()));

  VARIMIX_INLINE Elimination(D d, const PartialRowLaw& law, const VectorOfRows<D>& rows, Index missing, double* scratch,
                             bool describes)
      : d_(d),
        law_(law),
        rows_(rows),
        missing_(missing),
        pitch_((missing + 2) * kLanes),
        describes_(describes),
        lines_(scratch),
        direction_(lines_ + (law.d + missing) * pitch_),
        whitened_(direction_ + 2 * missing * kLanes) {
    for (Index j = 0; j < law.d; ++j) {
      const V x = rows.column(d, j);
      const V shift = hn::Mul(hn::Sub(x, hn::Set(d, law.mu[j])), hn::Set(d, law.inverse_unit[j]));
      start_line(line(j), hn::IfThenZeroElse(hn::IsNaN(x), shift), hn::Set(d, law.gamma[j]));
    }
    for (Index k = 0; describes && k < missing; ++k) start_line(line(law.d + k), hn::Zero(d), hn::Zero(d));
  }

  /// Takes column i.
  VARIMIX_INLINE void step(Index i, const PatternFactor* factor) {
    const M is_missing = hn::IsNaN(rows_.column(d_, i));
    const bool any_missing = !hn::AllFalse(d_, is_missing);
    double* at = line(i);
    const double l = law_.cholesky[2 * law_.d * i + i];
    const V own = hn::Set(d_, l);
    V pivot = own;
    V inverse = hn::Set(d_, 1.0 / l);
    if (free_ > 0) {
      pivot = length(at, own);
      inverse = hn::Div(hn::Set(d_, 1.0), pivot);
    }
    Reflection reflection;
    reflection.v = hn::IfThenZeroElse(is_missing, hn::Mul(load(at), inverse));
    reflection.h = hn::IfThenZeroElse(is_missing, hn::Mul(load(at + kLanes), inverse));
    // l / p, and exactly 1 where nothing is free
    const V share = hn::IfThenElse(hn::Eq(pivot, own), hn::Set(d_, 1.0), hn::Mul(own, inverse));
    reflection.own = hn::IfThenZeroElse(is_missing, share);
    note(i, is_missing, pivot, reflection);
    if (free_ > 0) {
      const V inverse_sum = hn::Div(hn::Set(d_, 1.0), hn::Add(pivot, own));
      take_direction(at, hn::IfThenZeroElse(is_missing, inverse), hn::IfThenZeroElse(is_missing, inverse_sum));
    }
    if (factor != nullptr) {
      factor->pivot[i] = hn::GetLane(pivot);
      factor->direction[i] = hn::GetLane(reflection.h);
    }
    const Index lines = law_.d - i - 1 + (describes_ ? free_ : 0);
    if (any_missing) add_direction(i, is_missing);
    const Index from = 2 * law_.d * i + i + 1;
    reflect_lines<0>(reflection, lines, law_.cholesky + from, line(i + 1),
                     factor == nullptr ? nullptr : factor->columns + from);
  }

  [[nodiscard]] VARIMIX_INLINE V squared() const { return squared_; }
  [[nodiscard]] VARIMIX_INLINE V projection() const { return projection_; }
  [[nodiscard]] VARIMIX_INLINE V gamma_squared() const { return gamma_squared_; }
  [[nodiscard]] VARIMIX_INLINE V log_det_root() const { return hn::Add(log_units_, hn::Log(d_, pivots_)); }

  /// The misalignment of `distance`, with a direction for each lane.
  [[nodiscard]] VARIMIX_INLINE V misalignment() const {
    const V zero = hn::Zero(d_);
    const V length = hn::Sqrt(gamma_squared_);
    const V inverse_length = hn::IfThenElseZero(hn::Gt(length, zero), hn::Div(hn::Set(d_, 1.0), length));
    const V root_a = hn::Set(d_, law_.root_a);
    const V root_b = hn::Set(d_, law_.root_b);
    V sum = zero;
    for (Index i = 0; i < law_.d; ++i) {
      const V v = load(whitened_ + 2 * i * kLanes);
      const V h = load(whitened_ + (2 * i + 1) * kLanes);
      const V along = hn::NegMulAdd(root_a, v, hn::Mul(root_b, h));
      const V across = hn::MulSub(length, v, hn::Mul(projection_, hn::Mul(inverse_length, h)));
      sum = hn::MulAdd(along, along, sum);
      sum = hn::MulAdd(across, across, sum);
    }
    return sum;
  }

  VARIMIX_INLINE void store_rest(const MissingColumns& out) const {
    Index pair = 0;
    for (Index k = 0; k < missing_; ++k) {
      const double* at = line(law_.d + k);
      hn::StoreU(hn::Neg(load(at)), d_, out.mean + k * out.stride);
      hn::StoreU(load(at + kLanes), d_, out.gamma + k * out.stride);
      for (Index l = 0; l <= k; ++l) {
        V sum = hn::Zero(d_);
        for (Index f = 0; f < free_; ++f) sum = hn::MulAdd(entry(at, f), entry(line(law_.d + l), f), sum);
        hn::StoreU(sum, d_, out.covariance + pair++ * out.stride);
      }
    }
  }

 private:
  /// What a column that is shown does to other rows of L: t = own l + phi'direction. Where it is missing, all are 0.
  struct Reflection {
    V own, v, h;
  };

  [[nodiscard]] static VARIMIX_INLINE V load(const double* from) { return hn::LoadU(D(), from); }
  static VARIMIX_INLINE void store(V values, double* to) { hn::StoreU(values, D(), to); }
  [[nodiscard]] VARIMIX_INLINE double* line(Index i) const { return lines_ + i * pitch_; }
  [[nodiscard]] static VARIMIX_INLINE V entry(const double* at, Index f) { return load(at + (2 + f) * kLanes); }

  VARIMIX_INLINE void start_line(double* at, V shift, V gamma) const {
    store(shift, at);
    store(gamma, at + kLanes);
    for (Index f = 0; f < missing_; ++f) store(hn::Zero(d_), at + (2 + f) * kLanes);
  }

  /// Returns |(a, l)|, where the square of l may be 0.
  [[nodiscard]] VARIMIX_INLINE V length(const double* at, V own) const {
    V square = hn::Mul(own, own);
    for (Index f = 0; f < free_; ++f) square = hn::MulAdd(entry(at, f), entry(at, f), square);
    return hn::Max(hn::Sqrt(square), own);
  }

  /// Adds column i to the sums over the columns that are shown.
  VARIMIX_INLINE void note(Index i, M is_missing, V pivot, const Reflection& reflection) {
    const auto [own, v, h] = reflection;
    store(v, whitened_ + 2 * i * kLanes);
    store(h, whitened_ + (2 * i + 1) * kLanes);
    squared_ = hn::MulAdd(v, v, squared_);
    projection_ = hn::MulAdd(h, v, projection_);
    gamma_squared_ = hn::Add(gamma_squared_, hn::Mul(h, h));
    if (law_.takes_logarithm[i] != 0) {
      log_units_ = hn::Add(log_units_, hn::Log(d_, pivots_));
      pivots_ = hn::Set(d_, 1.0);
    }
    pivots_ = hn::Mul(pivots_, hn::IfThenElse(is_missing, hn::Set(d_, 1.0), pivot));
    log_units_ = hn::Add(log_units_, hn::IfThenZeroElse(is_missing, hn::Set(d_, law_.log_unit[i])));
  }

  /// Keeps a / p and a / (p + l) of each free direction.
  VARIMIX_INLINE void take_direction(const double* at, V inverse_pivot, V inverse_sum) const {
    for (Index f = 0; f < free_; ++f) {
      store(hn::Mul(entry(at, f), inverse_pivot), direction_ + 2 * f * kLanes);
      store(hn::Mul(entry(at, f), inverse_sum), direction_ + (2 * f + 1) * kLanes);
    }
  }

  /// Makes the direction of column i a free one where it is missing: with -1 in the place of a / (p + l), and t = 0, the
  /// reflection adds the column of L itself. Keeps row i of L among those of missing columns.
  VARIMIX_INLINE void add_direction(Index i, M is_missing) {
    const Index before = free_;
    const auto is_next = [&](Index k) {
      return hn::And(is_missing, hn::Eq(count_, hn::Set(d_, static_cast<double>(k))));
    };
    if (free_ < missing_ && !hn::AllFalse(d_, is_next(free_))) {
      store(hn::Zero(d_), direction_ + 2 * free_ * kLanes);
      store(hn::Zero(d_), direction_ + (2 * free_ + 1) * kLanes);
      ++free_;
    }
    const double* from = line(i);
    const V own = hn::Set(d_, law_.cholesky[2 * law_.d * i + i]);
    for (Index k = 0; k < free_; ++k) {
      const M mask = is_next(k);
      if (hn::AllFalse(d_, mask)) continue;
      double* b = direction_ + (2 * k + 1) * kLanes;
      store(hn::IfThenElse(mask, hn::Set(d_, -1.0), load(b)), b);
      if (!describes_) continue;
      double* to = line(law_.d + k);
      for (Index f = 0; f < 2 + before; ++f) {
        store(hn::IfThenElse(mask, load(from + f * kLanes), load(to + f * kLanes)), to + f * kLanes);
      }
      double* direction = to + (2 + k) * kLanes;
      store(hn::IfThenElse(mask, own, load(direction)), direction);
    }
    count_ = hn::Add(count_, hn::IfThenElseZero(is_missing, hn::Set(d_, 1.0)));
  }

  /// Reflects `count` lines from `at` on; `column` has the entries of L in the direction of the step for each line, and
  /// out_t receives t. F is the number of free directions, or the search for it goes on.
  template <Index F>
  VARIMIX_INLINE void reflect_lines(const Reflection by, Index count, const double* column, double* at,
                                    double* out_t) const {
    if constexpr (F > kInRegisters) {
      const Index pitch = pitch_;
      const Index free = free_;
      const double* direction = direction_;
      for_each_group<kTogether>(count, [=](auto group, Index first) {
        reflect_together<decltype(group)::value>(by, direction, free, column + first, at + first * pitch, pitch,
                                                 out_t == nullptr ? nullptr : out_t + first * kLanes);
      });
    } else if (free_ != F) {
      reflect_lines<F + 1>(by, count, column, at, out_t);
    } else {
      reflect_in_registers<F>(by, direction_, count, column, at, pitch_, out_t);
    }
  }

  template <Index F>
  static VARIMIX_INLINE void reflect_in_registers(const Reflection by, const double* direction, Index count,
                                                  const double* column, double* at, Index pitch, double* out_t) {
    V a[F + 1], b[F + 1];
    for (Index f = 0; f < F; ++f) {
      a[f] = load(direction + 2 * f * kLanes);
      b[f] = load(direction + (2 * f + 1) * kLanes);
    }
    for (Index i = 0; i < count; ++i, at += pitch) {
      const V l = hn::Set(D(), column[i]);
      V phi[F + 1];
      V t = hn::Mul(by.own, l);
      for (Index f = 0; f < F; ++f) {
        phi[f] = entry(at, f);
        t = hn::MulAdd(a[f], phi[f], t);
      }
      explain(by, t, at);
      if (out_t != nullptr) store(t, out_t + i * kLanes);
      const V sum = hn::Add(t, l);
      for (Index f = 0; f < F; ++f) store(hn::NegMulAdd(b[f], sum, phi[f]), at + (2 + f) * kLanes);
    }
  }

  /// Reflects C lines for any number of free directions.
  template <Index C>
  static VARIMIX_INLINE void reflect_together(const Reflection by, const double* direction, Index free,
                                              const double* column, double* at, Index pitch, double* out_t) {
    V t[C];
    for (Index c = 0; c < C; ++c) t[c] = hn::Mul(by.own, hn::Set(D(), column[c]));
    for (Index f = 0; f < free; ++f) {
      const V a = load(direction + 2 * f * kLanes);
      for (Index c = 0; c < C; ++c) t[c] = hn::MulAdd(a, entry(at + c * pitch, f), t[c]);
    }
    for (Index c = 0; c < C; ++c) {
      explain(by, t[c], at + c * pitch);
      if (out_t != nullptr) store(t[c], out_t + c * kLanes);
      t[c] = hn::Add(t[c], hn::Set(D(), column[c]));
    }
    for (Index f = 0; f < free; ++f) {
      const V b = load(direction + (2 * f + 1) * kLanes);
      for (Index c = 0; c < C; ++c) {
        double* phi = at + c * pitch + (2 + f) * kLanes;
        store(hn::NegMulAdd(b, t[c], load(phi)), phi);
      }
    }
  }

  /// Takes what the column explains from what is left of a line.
  static VARIMIX_INLINE void explain(const Reflection& by, V t, double* at) {
    store(hn::NegMulAdd(t, by.v, load(at)), at);
    store(hn::NegMulAdd(t, by.h, load(at + kLanes)), at + kLanes);
  }

  const D d_;
  const PartialRowLaw& law_;
  const VectorOfRows<D> rows_;
  const Index missing_, pitch_;
  const bool describes_;
  double *lines_, *direction_, *whitened_;
  Index free_ = 0;  // the most free directions of a lane
  V count_ = hn::Zero(d_);
  V squared_ = hn::Zero(d_), projection_ = hn::Zero(d_), gamma_squared_ = hn::Zero(d_);
  V pivots_ = hn::Set(d_, 1.0), log_units_ = hn::Zero(d_);
};

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
