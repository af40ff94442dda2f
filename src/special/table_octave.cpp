#include "table_octave.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "table_lookup.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix {
namespace {

using simd::kFunctionDoubles;
using simd::kPair;
using simd::kSegments;
using simd::kTableCoefficients;
using simd::kTableFunctions;

// An octave is sampled at Chebyshev nodes in log u. K_nu(z) has no zero and no singularity with Re z > 0, so that the
// nearest are pi i away from log u, 9.06 times half an octave, which leaves 18.2^-14 < 3e-18.
constexpr std::size_t kSamples = 14;
// A segment's polynomial is fixed by its values at this many nodes; there u = 0 leaves 130^-8 < 2e-17.
constexpr std::size_t kNodes = kTableCoefficients;

/// Returns the place of u in an octave [1, 2), from -1 to 1 in its logarithm.
long double place_of(long double u) { return 2.0L * std::log2(u) - 1.0L; }

/// Returns Chebyshev's nodes in [-1, 1], in increasing order.
template <std::size_t kCount>
std::array<long double, kCount> chebyshev_nodes() {
  std::array<long double, kCount> nodes;
  for (std::size_t i = 0; i < kCount; ++i) {
    nodes[i] = -std::cos(std::numbers::pi_v<long double> * (static_cast<long double>(i) + 0.5L) /
                         static_cast<long double>(kCount));
  }
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

using NodePowers = std::array<std::array<long double, kNodes>, kNodes>;

/// Returns the coefficients of Lagrange's polynomial of every node: those of t^k at [k].
NodePowers powers_of(const std::array<long double, kNodes>& nodes) {
  NodePowers powers;
  for (std::size_t i = 0; i < kNodes; ++i) {
    std::array<long double, kNodes> product = {1.0L};
    std::size_t degree = 0;
    for (std::size_t n = 0; n < kNodes; ++n) {
      if (n == i) continue;
      ++degree;
      for (std::size_t k = degree + 1; k-- > 0;) {
        const long double shifted = k > 0 ? product[k - 1] : 0.0L;
        product[k] = (shifted - (k < degree ? nodes[n] * product[k] : 0.0L)) / (nodes[i] - nodes[n]);
      }
    }
    for (std::size_t k = 0; k < kNodes; ++k) powers[k][i] = product[k];
  }
  return powers;
}

/// What is the same for every order and octave. Coefficients are those of the polynomials of all segments.
struct Interpolation {
  Interpolation();
  double sample[kSamples];                  // the samples, in an octave [1, 2)
  double centre[kSegments];                 // the segments' centres, in an octave [1, 2)
  double maps[kSamples][kFunctionDoubles];  // the coefficients that each sample adds
  double logarithm[kFunctionDoubles];       // the coefficients of log(u / centre)
};

Interpolation::Interpolation() {
  const auto nodes = chebyshev_nodes<kNodes>();
  const NodePowers powers = powers_of(nodes);
  auto places = chebyshev_nodes<kSamples>();
  for (std::size_t i = 0; i < kSamples; ++i) {
    sample[i] = static_cast<double>(std::exp2(0.5L * (1.0L + places[i])));
    places[i] = place_of(sample[i]);
  }
  for (std::size_t s = 0; s < kSegments; ++s) {
    const long double half_width = 0.5L / static_cast<long double>(kSegments);
    const long double middle = 1.0L + (2.0L * static_cast<long double>(s) + 1.0L) * half_width;
    centre[s] = static_cast<double>(middle);
    std::array<long double, kNodes> place;
    std::array<long double, kNodes> at_nodes;
    for (std::size_t n = 0; n < kNodes; ++n) place[n] = place_of(middle + half_width * nodes[n]);
    const auto interpolate = [&](const auto& value, double* out) {
      std::transform(place.begin(), place.end(), at_nodes.begin(), value);
      for (std::size_t k = 0; k < kNodes; ++k) {
        out[s * kNodes + k] =
            static_cast<double>(std::inner_product(at_nodes.begin(), at_nodes.end(), powers[k].begin(), 0.0L));
      }
    };
    for (std::size_t i = 0; i < kSamples; ++i) {
      interpolate([&](long double x) { return lagrange(places, i, x); }, maps[i]);
    }
    const long double place_of_centre = place_of(middle);
    interpolate([&](long double x) { return 0.5L * std::numbers::ln2_v<long double> * (x - place_of_centre); },
                logarithm);
  }
}

const Interpolation& interpolation() {
  static const Interpolation all;
  return all;
}

using Values = std::array<double, kTableFunctions>;

/// An octave's functions at its samples, but for multiples of log u, which would cost digits in the interpolation.
struct Samples {
  std::array<Values, kSamples> values;
  double of_log_normalizer, of_log_y;  // the multiples of log u that values[0] and values[2] lack
};

/// Samples GIG(nu, 1, u), nu >= 0, at the products u. As the third it takes the smaller of log_y and d/dnu log K_nu(z) =
/// log_y - (log u) / 2; the first goes with it.
Samples sample(double nu, const std::array<double, kSamples>& u) {
  std::array<double, kSamples> z;
  std::transform(u.begin(), u.end(), z.begin(), [](double product) { return std::sqrt(product); });
  std::array<std::array<double, kSamples>, kTableFunctions> columns;
  auto& [log_normalizer, inv_y, log_y] = columns;
  const double slope = bessel_k(nu, z[kSamples / 2]).dlog_dnu;
  const bool takes_slope = std::abs(slope) <= std::abs(slope + std::log(z[kSamples / 2]));
  if (takes_slope) {
    const bool is_scaled = u.front() >= kScaledNormalizerFrom;
    bessel_k(nu, z,
             {.log_k = is_scaled ? nullptr : log_normalizer.data(),
              .log_scaled = is_scaled ? log_normalizer.data() : nullptr,
              .ratio_minus = inv_y.data(),
              .dlog_dnu = log_y.data()});
    for (std::size_t i = 0; i < kSamples; ++i) {
      log_normalizer[i] += kLogTwo;
      inv_y[i] /= z[i];
    }
  } else {
    gig_moments(nu, u, {.log_normalizer = log_normalizer.data(), .inv_y = inv_y.data(), .log_y = log_y.data()});
  }
  Samples out{.values = {}, .of_log_normalizer = takes_slope ? 0.5 * nu : 0.0, .of_log_y = takes_slope ? 0.5 : 0.0};
  for (std::size_t i = 0; i < kSamples; ++i) {
    for (std::size_t f = 0; f < kTableFunctions; ++f) out.values[i][f] = columns[f][i];
  }
  return out;
}

/// Turns samples of GIG(nu, 1, u) into those of GIG(-nu, 1, u), the law of u / Y: E[1/Y] becomes E[Y], log Y changes its
/// sign, and the normalizer loses the factor u^nu.
void reflect(double nu, const std::array<double, kSamples>& u, Samples& inout) {
  for (std::size_t i = 0; i < kSamples; ++i) {
    const auto [log_normalizer, inv_y, log_y] = inout.values[i];
    inout.values[i] = {log_normalizer, inv_y * u[i], -log_y};
  }
  inout.of_log_normalizer -= nu;
  inout.of_log_y = 1.0 - inout.of_log_y;
}

/// Copies an octave's functions, one after the other, to the places that simd::look_up reads.
void arrange(const double* functions, double* out) {
  for (std::size_t s = 0; s < kSegments; ++s) {
    const double* log_normalizer = functions + s * kTableCoefficients;
    const double* moment = log_normalizer + kFunctionDoubles;
    double* segment = out + s * simd::kSegmentDoubles;
    std::copy_n(log_normalizer, kTableCoefficients, segment + simd::kLogNormalizerPlace);
    std::copy_n(moment + kFunctionDoubles, kTableCoefficients, segment + simd::kLogYPlace);
    double* pairs = segment + simd::kPairsPlace;
    for (std::size_t k = 0; k < kTableCoefficients; k += kPair) {
      pairs = std::copy_n(log_normalizer + k, kPair, pairs);
      pairs = std::copy_n(moment + k, kPair, pairs);
    }
  }
}

/// Adds to log_normalizer and log_y the multiples of log u that the samples lack: log(u / centre) by all coefficients of
/// `inout_functions`, and the logarithms of the centres, by the first ones, to what `arrange` made of them.
void add_logarithms(const Samples& samples, int exponent, double* inout_functions, double* out) {
  const Interpolation& rule = interpolation();
  double* log_y = inout_functions + 2 * kFunctionDoubles;
  for (std::size_t k = 0; k < kFunctionDoubles; ++k) {
    inout_functions[k] += samples.of_log_normalizer * rule.logarithm[k];
    log_y[k] += samples.of_log_y * rule.logarithm[k];
  }
  arrange(inout_functions, out);
  for (std::size_t s = 0; s < kSegments; ++s) {
    const double log_centre = std::log(std::ldexp(rule.centre[s], exponent));
    double* segment = out + s * simd::kSegmentDoubles;
    segment[simd::kLogNormalizerPlace] += samples.of_log_normalizer * log_centre;
    segment[simd::kPairsPlace] = segment[simd::kLogNormalizerPlace];
    segment[simd::kLogYPlace] += samples.of_log_y * log_centre;
  }
}

}  // namespace

void make_octave(double nu, int exponent, double* out) {
  const Interpolation& rule = interpolation();
  std::array<double, kSamples> u;
  for (std::size_t i = 0; i < kSamples; ++i) u[i] = std::ldexp(rule.sample[i], exponent);
  Samples samples = sample(std::abs(nu), u);
  if (nu < 0.0) reflect(-nu, u, samples);

  // Differences lose less in a linear map than the values themselves.
  const Values reference = samples.values[kSamples / 2];
  for (Values& values : samples.values) {
    for (std::size_t f = 0; f < kTableFunctions; ++f) values[f] -= reference[f];
  }
  std::array<double, kTableFunctions * kFunctionDoubles> functions{};
  for (std::size_t f = 0; f < kTableFunctions; ++f) {
    for (std::size_t s = 0; s < kSegments; ++s) functions[f * kFunctionDoubles + s * kNodes] = reference[f];
  }
  simd::add_products(rule.maps[0], kSamples, samples.values[0].data(), functions.data());
  add_logarithms(samples, exponent, functions.data(), out);
}

}  // namespace varimix
