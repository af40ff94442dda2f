#include "precision_rows.hpp"

#include <algorithm>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/precision_rows.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

#include "precision_rows-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

void compute_precision_rows(const PrecisionLaw& law, const double* x, Index rows, Index leading, Index missing,
                            const std::int64_t* columns, double* scratch, const PartialRows& out,
                            const MissingColumns* rest) {
  const hn::ScalableTag<double> d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  PrecisionRows all(d, law, missing, columns, leading, scratch);
  all.load(x, rows);
  all.multiply();
  for (Index i = 0; i < rows; i += lanes) {
    const auto present = hn::FirstN(d, static_cast<std::size_t>(std::min(rows - i, lanes)));
    hn::BlendedStore(all.complete(i, present, rest), present, d, out.log_det_root + i);
  }
  all.whiten();
  for (Index i = 0; i < rows; i += lanes) {
    const auto sums = all.sums(i);
    const auto present = hn::FirstN(d, static_cast<std::size_t>(std::min(rows - i, lanes)));
    hn::BlendedStore(sums.squared, present, d, out.distances.distance_squared + i);
    hn::BlendedStore(sums.projection, present, d, out.distances.projection + i);
    hn::BlendedStore(sums.misalignment, present, d, out.distances.misalignment + i);
    hn::BlendedStore(sums.gamma_squared, present, d, out.gamma_squared + i);
  }
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {
namespace {

HWY_EXPORT(compute_precision_rows);

}  // namespace

// As PrecisionRows lays them out: pairs of lines, products, solutions, R and its inverse.
Index precision_rows_scratch(Index d, Index missing) noexcept {
  return kPrecisionRows * (3 * (d + missing) + 2 * missing + missing * (missing + 1));
}

void precision_rows(const PrecisionLaw& law, const double* x, Index rows, Index leading, Index missing,
                    const std::int64_t* columns, double* scratch, const PartialRows& out,
                    const MissingColumns* rest) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_precision_rows)(law, x, rows, leading, missing, columns, scratch, out, rest);
  settle_overflows(x, rows, leading, law.d, out.distances);
}

}  // namespace varimix::kernels
#endif
