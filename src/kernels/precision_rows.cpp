#include "precision_rows.hpp"

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
  PrecisionRows all(d, law, missing, columns, leading, scratch);
  all.load(x, rows);
  all.multiply();
  all.complete(rows, out.log_det_root, rest);
  all.whiten();
  all.store_distances(rows, out);
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {
namespace {

HWY_EXPORT(compute_precision_rows);

}  // namespace

// As PrecisionRows lays them out: pairs of lines and products.
Index precision_rows_scratch(Index d, Index missing) noexcept { return kPrecisionRows * 3 * (d + missing); }

void precision_rows(const PrecisionLaw& law, const double* x, Index rows, Index leading, Index missing,
                    const std::int64_t* columns, double* scratch, const PartialRows& out,
                    const MissingColumns* rest) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_precision_rows)(law, x, rows, leading, missing, columns, scratch, out, rest);
  settle_overflows(x, rows, leading, law.d, out.distances);
}

}  // namespace varimix::kernels
#endif
