#include "table_octave.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "table_lookup.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix {
namespace {

using simd::kSegmentDoubles;
using simd::kSegments;
using simd::kTableFunctions;

// An octave is sampled at Chebyshev nodes: the nearest singularity, u = 0, leaves an error of 5.8^-24 < 1e-18.
constexpr std::size_t kSamples = 24;
// A segment's polynomial is fixed by this many nodes; the middle one is its centre, t = 0.
constexpr std::size_t kNodes = simd::kTableCoefficients;
constexpr std::size_t kCentre = kNodes / 2;
static_assert(kNodes % 2 == 1);
constexpr std::size_t kFinePoints = kSegments * kNodes;

/// Returns Chebyshev's nodes in [-1, 1], in increasing order.
template <std::size_t kCount>
std::array<long double, kCount> chebyshev_nodes() {
  std::array<long double, kCount> nodes;
  for (std::size_t i = 0; i < kCount; ++i) {
    nodes[i] = -std::cos(std::numbers::pi_v<long double> * (static_cast<long double>(i) + 0.5L) /
                         static_cast<long double>(kCount));
  }
  if (kCount % 2 == 1) nodes[kCount / 2] = 0.0L;
  return nodes;
}

/// Computes Lagrange's polynomial of node `i`, which is 1 there and 0 at the others, at x.
template <std::size_t kCount>
long double lagrange(const std::array<long double, kCount>& nodes, std::size_t i, long double x) {
  long double above = 1.0L;
  long double below = 1.0L;
  for (std::size_t k = 0; k < kCount; ++k) {
    if (k == i) continue;
    above *= x - nodes[k];
    below *= nodes[i] - nodes[k];
  }
  return above / below;
}

/// The two linear maps behind a table, which are the same for every order and octave. `refine` maps an octave's samples
/// to the values at its segments' nodes, and `coefficient` maps those of a segment to its coefficients.
struct Interpolation {
  Interpolation();
  double centre[kSegments];              // the segments' centres, in an octave [1, 2)
  double log_ratio[kFinePoints];         // log(u / centre) at the segments' nodes
  double fine[kFinePoints];              // the segments' nodes, in an octave [1, 2)
  double sample[kSamples];               // the samples' places in [-1, 1], across the octave
  double refine[kFinePoints][kSamples];  // rows: the segments' nodes
  double coefficient[kNodes][kNodes];    // rows: powers of t
};

Interpolation::Interpolation() {
  const auto samples = chebyshev_nodes<kSamples>();
  const auto nodes = chebyshev_nodes<kNodes>();
  std::transform(samples.begin(), samples.end(), sample, [](long double x) { return static_cast<double>(x); });
  for (std::size_t s = 0; s < kSegments; ++s) {
    const long double half_width = 1.0L / static_cast<long double>(kSegments);
    const long double middle = (2.0L * static_cast<long double>(s) + 1.0L) * half_width - 1.0L;
    centre[s] = static_cast<double>(1.5L + 0.5L * middle);
    for (std::size_t n = 0; n < kNodes; ++n) {
      const long double x = middle + half_width * nodes[n];
      const std::size_t point = s * kNodes + n;
      fine[point] = static_cast<double>(1.5L + 0.5L * x);
      log_ratio[point] = static_cast<double>(std::log((3.0L + x) / (3.0L + middle)));
      for (std::size_t i = 0; i < kSamples; ++i) refine[point][i] = static_cast<double>(lagrange(samples, i, x));
    }
  }
  for (std::size_t i = 0; i < kNodes; ++i) {  // Lagrange's polynomial of node i in powers of t
    long double product[kNodes] = {1.0L};
    std::size_t degree = 0;
    for (std::size_t k = 0; k < kNodes; ++k) {
      if (k == i) continue;
      ++degree;
      for (std::size_t j = degree + 1; j-- > 0;) {
        const long double shifted = j > 0 ? product[j - 1] : 0.0L;
        product[j] = (shifted - (j < degree ? nodes[k] * product[j] : 0.0L)) / (nodes[i] - nodes[k]);
      }
    }
    for (std::size_t j = 0; j < kNodes; ++j) coefficient[j][i] = static_cast<double>(product[j]);
  }
}

const Interpolation& interpolation() {
  static const Interpolation all;
  return all;
}

using Values = std::array<double, kTableFunctions>;

/// The values of log_scaled, inv_y and y of GIG(|nu|, 1, u) at an octave's samples, and as the fourth the smaller of
/// log_y and d/dnu log K = log_y - (log u) / 2: a large value would cost digits in the interpolation.
struct Samples {
  std::array<Values, kSamples> values;
  double logarithms;  // the multiple of log u that the fourth lacks: 0 or 1/2
};

Samples sample(double order, int exponent) {
  std::array<double, kSamples> u;
  std::array<double, kSamples> z;
  for (std::size_t i = 0; i < kSamples; ++i) {
    u[i] = std::ldexp(1.5 + 0.5 * interpolation().sample[i], exponent);
    z[i] = std::sqrt(u[i]);
  }
  std::array<std::array<double, kSamples>, kTableFunctions> columns;
  auto& [log_scaled, inv_y, y, log_y] = columns;
  const double slope = bessel_k(order, z[kSamples / 2]).dlog_dnu;
  const bool takes_slope = std::abs(slope) <= std::abs(slope + std::log(z[kSamples / 2]));
  if (takes_slope) {
    bessel_k(order, z, {nullptr, log_scaled.data(), inv_y.data(), y.data(), log_y.data()});
    for (std::size_t i = 0; i < kSamples; ++i) {
      inv_y[i] /= z[i];
      y[i] *= z[i];
    }
  } else {
    gig_moments(order, u, {log_scaled.data(), inv_y.data(), y.data(), log_y.data()});
  }
  Samples out{.values = {}, .logarithms = takes_slope ? 0.5 : 0.0};
  for (std::size_t i = 0; i < kSamples; ++i) {
    for (std::size_t f = 0; f < kTableFunctions; ++f) out.values[i][f] = columns[f][i];
  }
  return out;
}

/// Returns the values for u / Y ~ GIG(-nu, 1, u): E[1/Y] and E[Y] change places, and the logarithm its sign.
Values reflected(const Values& values, double u) { return {values[0], values[2] / u, values[1] * u, -values[3]}; }

/// Returns values[i] - values[reference] for every i: differences lose less in a linear map than the values themselves.
template <std::size_t kCount>
std::array<Values, kCount> differences(const Values* values, std::size_t reference) {
  std::array<Values, kCount> out;
  for (std::size_t i = 0; i < kCount; ++i) {
    for (std::size_t f = 0; f < kTableFunctions; ++f) out[i][f] = values[i][f] - values[reference][f];
  }
  return out;
}

}  // namespace

void make_octave(double nu, int exponent, double* out) {
  const Interpolation& rule = interpolation();
  const Samples samples = sample(std::abs(nu), exponent);
  constexpr std::size_t kMiddle = kSamples / 2;
  std::array<Values, kFinePoints> fine;
  fine.fill(samples.values[kMiddle]);
  simd::add_product(rule.refine[0], kFinePoints, kSamples,
                    differences<kSamples>(samples.values.data(), kMiddle)[0].data(), fine[0].data());
  if (nu < 0.0) {
    for (std::size_t i = 0; i < kFinePoints; ++i) fine[i] = reflected(fine[i], std::ldexp(rule.fine[i], exponent));
  }
  const double logarithms = nu < 0.0 ? 1.0 - samples.logarithms : samples.logarithms;
  for (std::size_t s = 0; s < kSegments; ++s) {
    const Values* nodes = &fine[s * kNodes];
    auto from_centre = differences<kNodes>(nodes, kCentre);
    for (std::size_t n = 0; n < kNodes; ++n) from_centre[n][3] += logarithms * rule.log_ratio[s * kNodes + n];
    double* segment = out + s * kSegmentDoubles;
    std::fill_n(segment, kSegmentDoubles, 0.0);
    simd::add_product(rule.coefficient[0], kNodes, kNodes, from_centre[0].data(), segment);
    std::copy_n(nodes[kCentre].data(), kTableFunctions, segment);  // the value at t = 0, where the differences vanish
    if (logarithms > 0.0) segment[3] += logarithms * std::log(std::ldexp(rule.centre[s], exponent));
  }
}

}  // namespace varimix
