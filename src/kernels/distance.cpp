#include "distance.hpp"

#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/distance.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

#include "distance-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

/// Stores what was computed for the rows.
struct StoredDistances {
  static constexpr bool kKeepsWhitened = true;
  template <class D, class V = hn::Vec<D>>
  VARIMIX_INLINE bool needs_misalignment(D /*d*/, V /*squared*/) const {
    return true;
  }
  template <class D, class V = hn::Vec<D>>
  VARIMIX_INLINE void store(D d, Index i, V squared, V projection, V misalignment) const {
    hn::StoreU(squared, d, out.distance_squared + i);
    hn::StoreU(projection, d, out.projection + i);
    hn::StoreU(misalignment, d, out.misalignment + i);
  }
  const Distances& out;
};

bool compute_distances(const RowLaw& law, const double* x, Index rows, Index leading, Index columns, double* scratch,
                       const Distances& out, std::span<const std::byte> ahead) {
  StoredDistances results{out};
  return for_each_distance(law, x, rows, leading, columns, scratch, ahead, results);
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {

HWY_EXPORT(compute_distances);

bool row_is_finite(const double* first, Index leading, Index d) noexcept {
  for (Index j = 0; j < d; ++j) {
    if (!std::isfinite(first[j * leading])) return false;
  }
  return true;
}

void distance(const RowLaw& law, const double* x, Index rows, Index leading, Index d, double* scratch,
              const Distances& out, std::span<const std::byte> ahead) noexcept {
  if (HWY_DYNAMIC_DISPATCH(compute_distances)(law, x, rows, leading, d, scratch, out, ahead)) return;
  for (Index i = 0; i < rows; ++i) {
    if (std::isfinite(out.distance_squared[i]) && std::isfinite(out.misalignment[i])) continue;
    if (!row_is_finite(x + i, leading, d)) continue;
    out.distance_squared[i] = std::numeric_limits<double>::infinity();
    out.projection[i] = 0.0;
  }
}

}  // namespace varimix::kernels
#endif
