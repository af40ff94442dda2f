#include "exponents.hpp"

#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/exponents.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

#include "distance-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

/// What the exponents of all rows share; a copy, since the compiler cannot know that results are not stored into the law.
struct ExponentLaw {
  ExponentLaw(const PosteriorLaw& law, double gamma_squared)
      : a(law.a), b(law.b), z_prior(law.z_prior), root_a(std::sqrt(law.a)), difference_at_mu(gamma_squared * law.b) {}
  double a, b, z_prior, root_a;
  double difference_at_mu;  // z^2 - z_prior^2 at q = 0
};

/// The exponents of a vector of rows. Both cases are a fraction, and one of them has the projection beside it.
template <class D, class V>
VARIMIX_INLINE V exponent_of(D d, const ExponentLaw& law, V q, V projection, V misalignment) {
  const auto zero = hn::Zero(d);
  const auto z = hn::Mul(hn::Set(d, law.root_a), hn::Sqrt(hn::Add(hn::Set(d, law.b), q)));
  const auto sum = hn::Add(hn::Set(d, law.z_prior), z);
  const auto difference = hn::MulAdd(hn::Set(d, law.a), q, hn::Set(d, law.difference_at_mu));
  const auto is_along = hn::Gt(projection, zero);
  const auto above = hn::IfThenElse(is_along, misalignment, difference);
  const auto below = hn::IfThenElse(is_along, hn::Add(projection, sum), sum);
  const auto fraction = hn::IfThenElse(hn::Eq(below, zero), zero, hn::Div(above, below));
  return hn::Sub(hn::IfThenZeroElse(is_along, projection), fraction);
}

void compute_exponents(const PosteriorLaw& posterior, double gamma_squared, Index rows, const double* q,
                       const double* projection, const double* misalignment, double* out) {
  const ExponentLaw law(posterior, gamma_squared);
  for_each_vector<1>(rows, [&](auto d, auto /*vectors*/, Index i) {
    const auto exponent =
        exponent_of(d, law, hn::LoadU(d, q + i), hn::LoadU(d, projection + i), hn::LoadU(d, misalignment + i));
    hn::StoreU(exponent, d, out + i);
  });
}

/// Stores NaN for a finite distance whose misalignment is not finite. Returns true if every misalignment and distance is
/// finite; sets `out_raised`.
bool compute_distances_and_exponents(const RowLaw& row_law, const PosteriorLaw& posterior, double gamma_squared,
                                     double floor, const double* x, Index rows, Index leading, Index columns,
                                     double* scratch, double* out_q, double* out_exponent, Index& out_raised,
                                     std::span<const std::byte> ahead) {
  const ExponentLaw law(posterior, gamma_squared);
  Index raised = 0;
  const bool all_finite =
      for_each_distance(row_law, x, rows, leading, columns, scratch, ahead,
                        [&](auto d, Index i, auto q, auto projection, auto misalignment) {
                          if (floor > 0.0) {
                            const auto least = hn::Set(d, floor);
                            const auto is_below = hn::Lt(q, least);
                            const auto change = hn::Mul(hn::Set(d, law.a), hn::Sub(least, q));
                            misalignment = hn::Add(misalignment, hn::IfThenElseZero(is_below, change));
                            q = hn::IfThenElse(is_below, least, q);
                            raised += static_cast<Index>(hn::CountTrue(d, is_below));
                          }
                          hn::StoreU(exponent_of(d, law, q, projection, misalignment), d, out_exponent + i);
                          const auto nan_if_not_finite = hn::MulAdd(hn::Zero(d), misalignment, q);
                          hn::StoreU(hn::IfThenElse(hn::IsFinite(q), nan_if_not_finite, q), d, out_q + i);
                        });
  out_raised = raised;
  return all_finite;
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {
namespace {

HWY_EXPORT(compute_exponents);
HWY_EXPORT(compute_distances_and_exponents);

}  // namespace

void exponents(const PosteriorLaw& law, double gamma_squared, Index rows, const double* q, const double* projection,
               const double* misalignment, double* out_exponent) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_exponents)(law, gamma_squared, rows, q, projection, misalignment, out_exponent);
}

Index distances_and_exponents(const RowLaw& row_law, const PosteriorLaw& law, double gamma_squared, double floor,
                              const double* x, Index rows, Index leading, Index d, double* scratch, double* out_q,
                              double* out_exponent, std::span<const std::byte> ahead) noexcept {
  Index raised = 0;
  if (HWY_DYNAMIC_DISPATCH(compute_distances_and_exponents)(row_law, law, gamma_squared, floor, x, rows, leading, d,
                                                            scratch, out_q, out_exponent, raised, ahead)) {
    return raised;
  }
  for (Index i = 0; i < rows; ++i) {  // an infinite distance needs no exponent
    if (!std::isfinite(out_q[i]) && row_is_finite(x + i, leading, d))
      out_q[i] = std::numeric_limits<double>::infinity();
  }
  return raised;
}

}  // namespace varimix::kernels
#endif
