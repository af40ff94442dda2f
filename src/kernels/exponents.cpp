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

/// Finishes rows whose distances are known; a copy of the law, since the compiler cannot know that results are not
/// stored into it.
class Exponents {
 public:
  static constexpr bool kKeepsWhitened = false;
  Exponents(const PosteriorLaw& law, double gamma_squared, double floor, double* out_q, double* out_exponent)
      : a_(law.a),
        b_(law.b),
        z_prior_(law.z_prior),
        root_a_(std::sqrt(law.a)),
        difference_at_mu_(gamma_squared * law.b),
        floor_(floor),
        q_(out_q),
        exponent_(out_exponent) {}

  /// Returns true if the exponents of some rows need their misalignments. NaN needs them.
  template <class D, class V = hn::Vec<D>>
  VARIMIX_INLINE bool needs_misalignment(D d, V q) const {
    return !hn::AllTrue(d, is_near(d, hn::Max(q, hn::Set(d, floor_))));
  }

  /// Stores NaN for a finite distance whose misalignment is not finite.
  template <class D, class V = hn::Vec<D>>
  VARIMIX_INLINE void store(D d, Index i, V q, V projection, V misalignment) {
    if (floor_ > 0.0) {
      const auto least = hn::Set(d, floor_);
      const auto is_below = hn::Lt(q, least);
      const auto change = hn::Mul(hn::Set(d, a_), hn::Sub(least, q));
      misalignment = hn::Add(misalignment, hn::IfThenElseZero(is_below, change));
      q = hn::IfThenElse(is_below, least, q);
      raised_ += static_cast<Index>(hn::CountTrue(d, is_below));
    }
    const auto near = is_near(d, q);
    auto exponent = hn::Add(projection, hn::Set(d, z_prior_));
    if (!hn::AllTrue(d, near)) exponent = hn::IfThenElse(near, exponent, scaled(d, q, projection, misalignment));
    hn::StoreU(exponent, d, exponent_ + i);
    const auto nan_if_not_finite = hn::MulAdd(hn::Zero(d), misalignment, q);
    hn::StoreU(hn::IfThenElse(hn::IsFinite(q), nan_if_not_finite, q), d, q_ + i);
  }

  [[nodiscard]] Index raised() const { return raised_; }

 private:
  template <class D, class V = hn::Vec<D>>
  VARIMIX_INLINE hn::Mask<D> is_near(D d, V q) const {
    const auto u = hn::Mul(hn::Set(d, a_), hn::Add(hn::Set(d, b_), q));
    return hn::Lt(u, hn::Set(d, kScaledNormalizerFrom));
  }

  /// Both cases of r + z_prior - z are a fraction, and one of them has the projection beside it.
  template <class D, class V = hn::Vec<D>>
  VARIMIX_INLINE V scaled(D d, V q, V projection, V misalignment) const {
    const auto zero = hn::Zero(d);
    const auto z = hn::Mul(hn::Set(d, root_a_), hn::Sqrt(hn::Add(hn::Set(d, b_), q)));
    const auto sum = hn::Add(hn::Set(d, z_prior_), z);
    const auto difference = hn::MulAdd(hn::Set(d, a_), q, hn::Set(d, difference_at_mu_));
    const auto is_along = hn::Gt(projection, zero);
    const auto above = hn::IfThenElse(is_along, misalignment, difference);
    const auto below = hn::IfThenElse(is_along, hn::Add(projection, sum), sum);
    return hn::Sub(hn::IfThenZeroElse(is_along, projection), hn::Div(above, below));
  }

  double a_, b_, z_prior_, root_a_;
  double difference_at_mu_;  // z^2 - z_prior^2 at q = 0
  double floor_;
  double* q_;
  double* exponent_;
  Index raised_ = 0;
};

/// Returns true if every distance, and every misalignment that was needed, is finite; sets `out_raised`.
bool compute_distances_and_exponents(const RowLaw& row_law, const PosteriorLaw& posterior, double gamma_squared,
                                     double floor, const double* x, Index rows, Index leading, Index columns,
                                     double* scratch, double* out_q, double* out_exponent, Index& out_raised,
                                     std::span<const std::byte> ahead) {
  Exponents exponents(posterior, gamma_squared, floor, out_q, out_exponent);
  const bool all_finite = for_each_distance(row_law, x, rows, leading, columns, scratch, ahead, exponents);
  out_raised = exponents.raised();
  return all_finite;
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {
namespace {

HWY_EXPORT(compute_distances_and_exponents);

}  // namespace

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
