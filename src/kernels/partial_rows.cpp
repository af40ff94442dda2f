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

/// Computes rows first, ... of one vector.
template <class D>
VARIMIX_INLINE void compute_vector(D d, const PartialRowLaw& law, const double* x, Index rows, Index leading,
                                   Index missing, double* scratch, Index first, const PartialRows& out,
                                   const MissingColumns* rest, const PatternFactor* factor) {
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  const auto present = hn::FirstN(d, static_cast<std::size_t>(std::min(rows - first, lanes)));
  Elimination<D> all(d, law, {x + first, leading, present}, missing, scratch, rest != nullptr);
  for (Index i = 0; i < law.d; ++i) all.step(i, factor);
  const auto store = [&](auto values, double* to) { hn::BlendedStore(values, present, d, to + first); };
  store(all.squared(), out.distances.distance_squared);
  store(all.projection(), out.distances.projection);
  store(all.misalignment(), out.distances.misalignment);
  store(all.gamma_squared(), out.gamma_squared);
  store(all.log_det_root(), out.log_det_root);
  if (rest != nullptr) all.store_rest({rest->stride, rest->mean + first, rest->gamma + first, rest->covariance + first});
}

void compute_partial_rows(const PartialRowLaw& law, const double* x, Index rows, Index leading, Index missing,
                          double* scratch, const PartialRows& out, const MissingColumns* rest,
                          const PatternFactor* factor) {
  if (rows == 1) {
    compute_vector(hn::CappedTag<double, 1>(), law, x, rows, leading, missing, scratch, 0, out, rest, factor);
    return;
  }
  const hn::CappedTag<double, kPartialRows> d;
  for (Index first = 0; first < rows; first += static_cast<Index>(hn::Lanes(d))) {
    compute_vector(d, law, x, rows, leading, missing, scratch, first, out, rest, nullptr);
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
  const Index lanes = rows == 1 ? 1 : kPartialRows;
  return lanes * ((d + missing) * (missing + 2) + 2 * missing + 2 * d);
}

void partial_rows(const PartialRowLaw& law, const double* x, Index rows, Index leading, Index missing, double* scratch,
                  const PartialRows& out, const MissingColumns* rest, const PatternFactor* factor) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_partial_rows)(law, x, rows, leading, missing, scratch, out, rest, factor);
  for (Index i = 0; i < rows; ++i) {
    const Distances& at = out.distances;
    if (std::isfinite(at.distance_squared[i]) && std::isfinite(at.misalignment[i])) continue;
    if (!shows_finite_values(x, i, leading, law.d)) continue;
    at.distance_squared[i] = std::numeric_limits<double>::infinity();
    at.projection[i] = 0.0;
  }
}

void take_explained(const double* loading, const double* v, Index rows, Index leading, Index columns,
                    double* inout) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_explained)(loading, v, rows, leading, columns, inout);
}

}  // namespace varimix::kernels
#endif
