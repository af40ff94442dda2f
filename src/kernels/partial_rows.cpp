#include "partial_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/partial_rows.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

#include "partial_rows-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

/// Computes U vectors of rows. They take each column in turn: the root and the divisions of one overlap with the
/// multiplications of the other.
template <Index U, class D>
VARIMIX_INLINE void compute_vectors(D d, const PartialRowLaw& law, const double* x, Index rows, Index leading,
                                    Index missing, double* scratch, const PartialRows& out, const MissingColumns* rest,
                                    const PatternFactor* factor) {
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  const auto present = [&](Index u) {
    return hn::FirstN(d, static_cast<std::size_t>(std::min(rows - u * lanes, lanes)));
  };
  const auto elimination = [&](Index u) {
    return Elimination<D>(d, law, {x + u * lanes, leading, present(u)}, missing,
                          scratch + u * scratch_of_vector(lanes, law.d, missing), rest != nullptr);
  };
  const auto finish = [&](const Elimination<D>& all, Index u) {
    const auto store = [&](auto values, double* to) { hn::BlendedStore(values, present(u), d, to + u * lanes); };
    store(all.squared(), out.distances.distance_squared);
    store(all.projection(), out.distances.projection);
    store(all.misalignment(), out.distances.misalignment);
    store(all.gamma_squared(), out.gamma_squared);
    store(all.log_det_root(), out.log_det_root);
    if (rest == nullptr) return;
    all.store_rest({rest->stride, rest->mean + u * lanes, rest->gamma + u * lanes, rest->covariance + u * lanes});
  };
  Elimination<D> first = elimination(0);
  if constexpr (U == 1) {
    for (Index i = 0; i < law.d; ++i) first.step(i, factor);
  } else {
    Elimination<D> second = elimination(1);
    for (Index i = 0; i < law.d; ++i) {
      first.step(i, nullptr);
      second.step(i, nullptr);
    }
    finish(second, 1);
  }
  finish(first, 0);
}

void compute_partial_rows(const PartialRowLaw& law, const double* x, Index rows, Index leading, Index missing,
                          double* scratch, const PartialRows& out, const MissingColumns* rest,
                          const PatternFactor* factor) {
  if (rows == 1) {
    compute_vectors<1>(hn::CappedTag<double, 1>(), law, x, rows, leading, missing, scratch, out, rest, factor);
    return;
  }
  const hn::CappedTag<double, kPartialRows / 2> d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  for (Index first = 0; first < rows; first += 2 * lanes) {
    const PartialRows from{
        {out.distances.distance_squared + first, out.distances.projection + first, out.distances.misalignment + first},
        out.gamma_squared + first,
        out.log_det_root + first};
    MissingColumns rest_from{};
    if (rest != nullptr) rest_from = {rest->stride, rest->mean + first, rest->gamma + first, rest->covariance + first};
    const MissingColumns* const rest_of = rest == nullptr ? nullptr : &rest_from;
    if (rows - first > lanes) {
      compute_vectors<2>(d, law, x + first, rows - first, leading, missing, scratch, from, rest_of, nullptr);
    } else {
      compute_vectors<1>(d, law, x + first, rows - first, leading, missing, scratch, from, rest_of, nullptr);
    }
  }
}

void compute_explained(const double* loading, const double* v, Index rows, Index leading, Index columns,
                       double* inout) {
  for_each_vector<1>(rows, [&](auto d, auto /*vectors*/, Index i) {
    auto left = hn::LoadU(d, inout + i);
    for (Index k = 0; k < columns; ++k) {
      left = hn::NegMulAdd(hn::Set(d, loading[k]), hn::LoadU(d, v + k * leading + i), left);
    }
    hn::StoreU(left, d, inout + i);
  });
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {
namespace {

HWY_EXPORT(compute_partial_rows);
HWY_EXPORT(compute_explained);

/// Returns true if every value that row i shows is finite.
bool shows_finite_values(const double* x, Index i, Index leading, Index d) noexcept {
  for (Index j = 0; j < d; ++j) {
    if (std::isinf(x[j * leading + i])) return false;
  }
  return true;
}

}  // namespace

Index partial_rows_scratch(Index rows, Index d, Index missing) noexcept {
  return scratch_of_vector(rows == 1 ? 1 : kPartialRows, d, missing);
}

void partial_rows(const PartialRowLaw& law, const double* x, Index rows, Index leading, Index missing, double* scratch,
                  const PartialRows& out, const MissingColumns* rest, const PatternFactor* factor) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_partial_rows)(law, x, rows, leading, missing, scratch, out, rest, factor);
  settle_overflows(x, rows, leading, law.d, out.distances);
}

void settle_overflows(const double* x, Index rows, Index leading, Index d, const Distances& inout) noexcept {
  for (Index i = 0; i < rows; ++i) {
    if (std::isfinite(inout.distance_squared[i]) && std::isfinite(inout.misalignment[i])) continue;
    if (!shows_finite_values(x, i, leading, d)) continue;
    inout.distance_squared[i] = std::numeric_limits<double>::infinity();
    inout.projection[i] = 0.0;
  }
}

void take_explained(const double* loading, const double* v, Index rows, Index leading, Index columns,
                    double* inout) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_explained)(loading, v, rows, leading, columns, inout);
}

}  // namespace varimix::kernels
#endif
