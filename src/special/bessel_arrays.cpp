#include "bessel_arrays.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "bessel_kernels.hpp"
#include "bessel_limits.hpp"
#include "bessel_regions.hpp"
#include "logarithm.hpp"
#include "result_array.hpp"
#include "varimix/core/constants.hpp"

namespace varimix::simd {
namespace {

/// Returns the method for a point. It counts the edges of the grids up to w = hypot(nu, z) without a branch, because
/// points come in any order.
std::uint8_t method_of(double nu, double z) noexcept {
  if (is_bessel_limit(nu, z)) return kLimit;
  if (z <= kSeriesArgument && nu < kSeriesOrder) return kSeries;
  const double w_squared = nu * nu + z * z;
  int below = w_squared >= kFarDebyeFrom * kFarDebyeFrom ? 1 : 0;
  for (int g = 1; g <= kSaddleGrids; ++g) below += w_squared >= kGridEdges[g] * kGridEdges[g] ? 1 : 0;
  return static_cast<std::uint8_t>(below);
}

/// The places of a block's points in the buffers, where each method has a range of its own.
struct Sorting {
  std::uint8_t method[kBesselBlock];
  std::uint16_t place[kBesselBlock];
  std::uint16_t first[kMethods + 1];
  bool any_reflected;  // nu <= 0
};

void sort_by_method(const double* nu, std::size_t stride, const double* z, std::size_t count, BesselBuffers& buffers,
                    Sorting& sorting) noexcept {
  std::uint16_t next[kMethods + 1] = {};
  sorting.any_reflected = false;
  for (std::size_t i = 0; i < count; ++i) {
    const double order = nu[i * stride];
    sorting.any_reflected |= order <= 0.0;
    sorting.method[i] = method_of(std::abs(order), z[i]);
    ++next[sorting.method[i] + 1];
  }
  for (std::size_t m = 1; m <= kMethods; ++m) next[m] = static_cast<std::uint16_t>(next[m] + next[m - 1]);
  std::copy_n(next, kMethods + 1, sorting.first);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint16_t place = next[sorting.method[i]]++;
    sorting.place[i] = place;
    buffers.nu[place] = std::abs(nu[i * stride]);
    buffers.z[place] = z[i];
  }
}

void evaluate_sorted(Slope slope, const Sorting& sorting, BesselBuffers& buffers) noexcept {
  for (std::size_t m = 0; m < kLimit; ++m) {
    if (sorting.first[m] < sorting.first[m + 1])
      evaluate_bessel(slope, m, sorting.first[m], sorting.first[m + 1], buffers);
  }
}

bool has_limits(const Sorting& sorting) noexcept { return sorting.first[kLimit] < sorting.first[kLimit + 1]; }

void collect(const double* buffer, const Sorting& sorting, std::size_t count, double* out) noexcept {
  if (out == nullptr) return;
  for (std::size_t i = 0; i < count; ++i) out[i] = buffer[sorting.place[i]];
}

void store(const BesselK& k, std::size_t i, const BesselKArrays& out) noexcept {
  if (out.log_k != nullptr) out.log_k[i] = k.log_k;
  if (out.log_scaled != nullptr) out.log_scaled[i] = k.log_scaled;
  if (out.ratio_minus != nullptr) out.ratio_minus[i] = k.ratio_minus;
  if (out.ratio_plus != nullptr) out.ratio_plus[i] = k.ratio_plus;
  if (out.dlog_dnu != nullptr) out.dlog_dnu[i] = k.dlog_dnu;
}

/// Replaces the values of |nu| by those of nu in the buffers, for nu <= 0, by K_{-nu} = K_nu.
void reflect(const double* nu, std::size_t stride, std::size_t count, const Sorting& sorting,
             BesselBuffers& buffers) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = sorting.place[i];
    if (nu[i * stride] > 0.0) continue;
    if (nu[i * stride] == 0.0) {
      buffers.ratio_plus[place] = buffers.ratio_minus[place];
      buffers.dlog_dnu[place] = 0.0;
    } else {
      std::swap(buffers.ratio_minus[place], buffers.ratio_plus[place]);
      buffers.dlog_dnu[place] = -buffers.dlog_dnu[place];
    }
  }
}

BesselKArrays from(const BesselKArrays& out, std::size_t i) noexcept {
  return {advanced(out.log_k, i), advanced(out.log_scaled, i), advanced(out.ratio_minus, i),
          advanced(out.ratio_plus, i), advanced(out.dlog_dnu, i)};
}

void collect_all(const BesselBuffers& buffers, const Sorting& sorting, std::size_t count,
                 const BesselKArrays& out) noexcept {
  collect(buffers.log_k, sorting, count, out.log_k);
  collect(buffers.log_scaled, sorting, count, out.log_scaled);
  collect(buffers.ratio_minus, sorting, count, out.ratio_minus);
  collect(buffers.ratio_plus, sorting, count, out.ratio_plus);
  collect(buffers.dlog_dnu, sorting, count, out.dlog_dnu);
}

/// Computes log(2 z^nu K_nu(z)), with the factor e^z from u = kScaledNormalizerFrom on.
void collect_normalizers(double nu, const double* u, const double* z, const Sorting& sorting, std::size_t count,
                         const BesselBuffers& buffers, double* out) noexcept {
  if (out == nullptr) return;
  std::array<double, kBesselBlock> log_z;
  std::copy_n(z, count, log_z.data());
  logarithms(log_z.data(), count);
  for (std::size_t i = 0; i < count; ++i) {
    const double* log_bessel = u[i] < kScaledNormalizerFrom ? buffers.log_k : buffers.log_scaled;
    out[i] = kLogTwo + log_bessel[sorting.place[i]] + nu * log_z[i];
  }
}

/// Puts the limits of a block into the buffers, so that results may overwrite arguments.
void put_limits(const double* nu, std::size_t stride, const double* z, std::size_t count, const Sorting& sorting,
                BesselBuffers& buffers) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    if (sorting.method[i] != kLimit) continue;
    store(bessel_limit(nu[i * stride], z[i]).value, sorting.place[i],
          {buffers.log_k, buffers.log_scaled, buffers.ratio_minus, buffers.ratio_plus, buffers.dlog_dnu});
  }
}

}  // namespace

void bessel_arrays(const double* nu, std::size_t nu_stride, const double* z, std::size_t count,
                   const BesselKArrays& out) noexcept {
  BesselBuffers buffers;
  Sorting sorting;
  for (std::size_t first = 0; first < count; first += kBesselBlock) {
    const std::size_t points = std::min(kBesselBlock, count - first);
    const double* block_nu = nu + first * nu_stride;
    sort_by_method(block_nu, nu_stride, z + first, points, buffers, sorting);
    evaluate_sorted(Slope::kOrder, sorting, buffers);
    if (sorting.any_reflected) reflect(block_nu, nu_stride, points, sorting, buffers);
    if (has_limits(sorting)) put_limits(block_nu, nu_stride, z + first, points, sorting, buffers);
    collect_all(buffers, sorting, points, from(out, first));
  }
}

void gig_arrays(double nu, const double* u, const double* z, std::size_t count, const GigMomentArrays& out) noexcept {
  BesselBuffers buffers;
  Sorting sorting;
  const Slope slope = nu < 0.0 ? Slope::kLogYReflected : Slope::kLogY;
  for (std::size_t first = 0; first < count; first += kBesselBlock) {
    const std::size_t points = std::min(kBesselBlock, count - first);
    sort_by_method(&nu, 0, z + first, points, buffers, sorting);
    evaluate_sorted(slope, sorting, buffers);
    if (has_limits(sorting)) put_limits(&nu, 0, z + first, points, sorting, buffers);
    // The kernel leaves the moments in the buffers of the ratios and the slope; a reflected order exchanges 1/Y and Y.
    const bool is_reflected = nu < 0.0;
    collect_normalizers(nu, u + first, z + first, sorting, points, buffers, advanced(out.log_normalizer, first));
    collect(is_reflected ? buffers.ratio_plus : buffers.ratio_minus, sorting, points, advanced(out.inv_y, first));
    collect(is_reflected ? buffers.ratio_minus : buffers.ratio_plus, sorting, points, advanced(out.y, first));
    collect(buffers.dlog_dnu, sorting, points, advanced(out.log_y, first));
  }
}

BesselKSecondOrder bessel_second_order(double nu, double z) noexcept {
  if (is_bessel_limit(nu, z)) return bessel_limit(nu, z);
  const double v = std::abs(nu);
  BesselKSecondOrder k;
  evaluate_bessel_second(method_of(v, z), v, z, k);
  BesselK& value = k.value;
  BesselKDerivatives& slopes = k.derivatives;
  const auto normal_or_zero = [](double x) { return std::abs(x) < std::numeric_limits<double>::min() ? 0.0 : x; };
  // These are Riccati's equations for the ratios R- and R+, factored so that small z leaves no inf - inf:
  // z R+ - 2 v - 1 = z R- - 1.
  slopes.dratio_minus_dz = value.ratio_minus / z * (z * value.ratio_minus + (2.0 * v - 1.0)) - 1.0;
  slopes.dratio_plus_dz = value.ratio_plus / z * (z * value.ratio_minus - 1.0) - 1.0;
  slopes.dratio_plus_dnu = normal_or_zero(slopes.dratio_minus_dnu + 2.0 / z);
  slopes.dratio_minus_dnu = normal_or_zero(slopes.dratio_minus_dnu);
  slopes.d2log_dnu2 = normal_or_zero(slopes.d2log_dnu2);
  value.ratio_minus = normal_or_zero(value.ratio_minus);
  if (nu == 0.0) {
    value.dlog_dnu = 0.0;
    value.ratio_plus = value.ratio_minus;
  }
  return nu < 0.0 ? reflected(k) : k;
}

}  // namespace varimix::simd
