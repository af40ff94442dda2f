#include "draw.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/draw.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

#include "core/groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::for_each_group;
using varimix::HWY_NAMESPACE::for_each_vector;

// Columns that are computed together for rows in so many vectors: their sums stay in registers.
constexpr Index kDrawColumns = 4;
constexpr Index kDrawVectors = 2;

/// The numbers of U vectors of rows.
struct DrawRows {
  const double* y;
  const double* root_y;
  const double* z;
  double* out;
};

/// Columns first, ..., first + C - 1.
template <Index C, Index U, class D>
VARIMIX_INLINE void draw_columns(D d, const DrawLaw& law, const DrawRows& rows, Index columns, Index leading,
                                 Index first) {
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  hn::Vec<D> sum[C][U];
  for (auto& column : sum) {
    for (auto& vector : column) vector = hn::Zero(d);
  }
  for (Index k = 0; k < first + C; ++k) {
    hn::Vec<D> z[U];
    for (Index u = 0; u < U; ++u) z[u] = hn::LoadU(d, rows.z + k * leading + u * lanes);
    const double* factor = law.cholesky + k * columns + first;
    for (Index c = k <= first ? 0 : k - first; c < C; ++c) {
      for (Index u = 0; u < U; ++u) sum[c][u] = hn::MulAdd(hn::Set(d, factor[c]), z[u], sum[c][u]);
    }
  }
  for (Index u = 0; u < U; ++u) {
    const auto y = hn::LoadU(d, rows.y + u * lanes);
    const auto root_y = hn::LoadU(d, rows.root_y + u * lanes);
    for (Index c = 0; c < C; ++c) {
      const auto centre = hn::MulAdd(y, hn::Set(d, law.gamma[first + c]), hn::Set(d, law.mu[first + c]));
      hn::StoreU(hn::MulAdd(root_y, sum[c][u], centre), d, rows.out + (first + c) * leading + u * lanes);
    }
  }
}

void draw_block(const DrawLaw& law, const double* y, const double* root_y, const double* z, Index rows, Index leading,
                Index columns, double* out) {
  for_each_vector<kDrawVectors>(rows, [&](auto tag, auto vectors, Index i) {
    const DrawRows some{y + i, root_y + i, z + i, out + i};
    for_each_group<kDrawColumns>(columns, [&](auto group, Index first) {
      draw_columns<decltype(group)::value, decltype(vectors)::value>(tag, law, some, columns, leading, first);
    });
  });
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {
namespace {

HWY_EXPORT(draw_block);

}  // namespace

void draw(const DrawLaw& law, const double* y, const double* root_y, const double* z, Index rows, Index leading,
          Index d, double* out) noexcept {
  HWY_DYNAMIC_DISPATCH(draw_block)(law, y, root_y, z, rows, leading, d, out);
}

}  // namespace varimix::kernels
#endif
