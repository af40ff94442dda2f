#include "varimix/special/bessel_table.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>
#include <numbers>
#include <utility>

#include "../simd/table_lookup.hpp"
#include "varimix/core/require.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix {
namespace {

using simd::kOctaveDoubles;
using simd::kSegmentDoubles;
using simd::kSegments;
using simd::kTableFunctions;

// z from 2e-10 to 4e9: rows beyond are rare, and evaluated directly.
constexpr int kFirstExponent = -64;
constexpr int kOctaves = 128;
const double kSmallestInTable = std::ldexp(1.0, kFirstExponent);
const double kBeyondTable = std::ldexp(1.0, kFirstExponent + kOctaves);

constexpr double kLargestOrder = 1e4;

// An octave is sampled at Chebyshev nodes: the nearest singularity, u = 0, leaves an error of 5.8^-24 < 1e-18.
constexpr std::size_t kSamples = 24;
// A segment's polynomial is fixed by this many nodes; the middle one is its centre, t = 0.
constexpr std::size_t kNodes = simd::kTableCoefficients;
constexpr std::size_t kCentre = kNodes / 2;
static_assert(kNodes % 2 == 1);
constexpr std::size_t kFinePoints = kSegments * kNodes;

long double chebyshev_node(std::size_t i, std::size_t count) {
  return -std::cos(std::numbers::pi_v<long double> * (static_cast<long double>(i) + 0.5L) /
                   static_cast<long double>(count));
}

/// T_k(x) / weight of the k-th coefficient, summed as Chebyshev's interpolation does: the influence of node `i` on x.
long double lagrange(std::size_t i, std::size_t count, long double x) {
  long double product = 1.0L;
  for (std::size_t k = 0; k < count; ++k) {
    if (k == i) continue;
    product *= (x - chebyshev_node(k, count)) / (chebyshev_node(i, count) - chebyshev_node(k, count));
  }
  return product;
}

/// The two linear maps behind a table, the same for every order and octave: from an octave's samples to the values at
/// its segments' nodes, and from those of a segment to its coefficients.
struct Interpolation {
  Interpolation();
  double sample[kSamples];               // in [-1, 1], across the octave
  double refine[kFinePoints][kSamples];  // rows: the segments' nodes
  double coefficient[kNodes][kNodes];    // rows: powers of t
};

Interpolation::Interpolation() {
  for (std::size_t i = 0; i < kSamples; ++i) sample[i] = static_cast<double>(chebyshev_node(i, kSamples));
  for (std::size_t s = 0; s < kSegments; ++s) {
    for (std::size_t n = 0; n < kNodes; ++n) {
      const long double centre =
          (2.0L * static_cast<long double>(s) + 1.0L) / static_cast<long double>(kSegments) - 1.0L;
      const long double x =
          centre + (n == kCentre ? 0.0L : chebyshev_node(n, kNodes)) / static_cast<long double>(kSegments);
      for (std::size_t i = 0; i < kSamples; ++i) {
        refine[s * kNodes + n][i] = static_cast<double>(lagrange(i, kSamples, x));
      }
    }
  }
  for (std::size_t i = 0; i < kNodes; ++i) {  // coefficients of the polynomial that is 1 at node i and 0 at the others
    long double product[kNodes] = {1.0L};
    std::size_t degree = 0;
    for (std::size_t k = 0; k < kNodes; ++k) {
      if (k == i) continue;
      const long double root = k == kCentre ? 0.0L : chebyshev_node(k, kNodes);
      const long double scale = (i == kCentre ? 0.0L : chebyshev_node(i, kNodes)) - root;
      ++degree;
      for (std::size_t j = degree + 1; j-- > 0;) {
        product[j] = ((j > 0 ? product[j - 1] : 0.0L) - (j < degree ? root * product[j] : 0.0L)) / scale;
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

/// values[i] - values[reference]: differences lose less in a linear map than the values themselves.
template <std::size_t kCount>
std::array<Values, kCount> differences(const Values* values, std::size_t reference) {
  std::array<Values, kCount> out;
  for (std::size_t i = 0; i < kCount; ++i) {
    for (std::size_t f = 0; f < kTableFunctions; ++f) out[i][f] = values[i][f] - values[reference][f];
  }
  return out;
}

/// The segments of [2^exponent, 2^{exponent + 1}).
void make_octave(double nu, int exponent, double* out) {
  const Interpolation& rule = interpolation();
  std::array<double, kSamples> u;
  for (std::size_t i = 0; i < kSamples; ++i) u[i] = std::ldexp(1.5 + 0.5 * rule.sample[i], exponent);
  std::array<std::array<double, kSamples>, kTableFunctions> moments;
  gig_moments(nu, u, {moments[0].data(), moments[1].data(), moments[2].data(), moments[3].data()});
  std::array<Values, kSamples> samples;
  for (std::size_t i = 0; i < kSamples; ++i) {
    for (std::size_t f = 0; f < kTableFunctions; ++f) samples[i][f] = moments[f][i];
  }
  constexpr std::size_t kMiddle = kSamples / 2;
  std::array<Values, kFinePoints> fine;
  fine.fill(samples[kMiddle]);
  simd::add_product(rule.refine[0], kFinePoints, kSamples, differences<kSamples>(samples.data(), kMiddle)[0].data(),
                    fine[0].data());
  for (std::size_t s = 0; s < kSegments; ++s) {
    const Values* nodes = &fine[s * kNodes];
    double* segment = out + s * kSegmentDoubles;
    std::fill_n(segment, kSegmentDoubles, 0.0);
    simd::add_product(rule.coefficient[0], kNodes, kNodes, differences<kNodes>(nodes, kCentre)[0].data(), segment);
    std::copy_n(nodes[kCentre].data(), kTableFunctions, segment);  // the value at t = 0, where the differences vanish
  }
}

std::size_t octave_of(double u) { return static_cast<std::size_t>(std::ilogb(u) - kFirstExponent); }

bool is_in_table(double u) { return u >= kSmallestInTable && u < kBeyondTable; }

GigMomentArrays from(const GigMomentArrays& out, std::size_t i) {
  const auto shifted = [i](double* array) { return array == nullptr ? nullptr : array + i; };
  return {shifted(out.log_scaled), shifted(out.inv_y), shifted(out.y), shifted(out.log_y)};
}

}  // namespace

/// Room for every octave, touched (and so taken from the system) only where one is made.
struct BesselTable::Octaves {
  explicit Octaves(double order) : nu(order), coefficients(new (kAlignment) double[kOctaves * kOctaveDoubles]) {}

  void need(std::size_t octave) {
    if (made[octave].load(std::memory_order_acquire)) return;
    const std::lock_guard<std::mutex> lock(making);
    if (made[octave].load(std::memory_order_relaxed)) return;
    make_octave(nu, static_cast<int>(octave) + kFirstExponent, coefficients.get() + octave * kOctaveDoubles);
    made[octave].store(true, std::memory_order_release);
  }

  /// What the rows of a block that lies in the table need.
  void need(const simd::LookupBlock& block, std::size_t count) {
    const std::size_t last = octave_of(block.largest);
    for (std::size_t octave = octave_of(block.smallest); octave <= last; ++octave) {
      if (made[octave].load(std::memory_order_acquire)) continue;
      std::for_each_n(block.u, count, [this](double u) { need(octave_of(u)); });
      return;
    }
  }

  static constexpr std::align_val_t kAlignment{64};
  struct Delete {
    void operator()(double* array) const noexcept { operator delete[](array, kAlignment); }
  };
  double nu;
  std::unique_ptr<double[], Delete> coefficients;
  std::array<std::atomic<bool>, kOctaves> made{};
  std::mutex making;
};

BesselTable::BesselTable(double nu) {
  require(std::abs(nu) <= kLargestOrder, "nu", "of magnitude <= 1e4", nu);
  octaves_ = std::make_unique<Octaves>(nu);
}

BesselTable::~BesselTable() = default;
BesselTable::BesselTable(BesselTable&&) noexcept = default;
BesselTable& BesselTable::operator=(BesselTable&&) noexcept = default;

double BesselTable::nu() const noexcept { return octaves_->nu; }

Index BesselTable::octaves() const noexcept {
  return std::count_if(octaves_->made.begin(), octaves_->made.end(), [](const auto& made) { return made.load(); });
}

void BesselTable::extend(double u_min, double u_max) {
  require(u_min > 0.0, "u_min", "> 0", u_min);
  require(u_max >= u_min && std::isfinite(u_max), "u_max", "finite and >= u_min", u_max);
  if (u_max < kSmallestInTable || u_min >= kBeyondTable) return;
  const std::size_t last = octave_of(std::min(u_max, 0.5 * kBeyondTable));
  for (std::size_t octave = octave_of(std::max(u_min, kSmallestInTable)); octave <= last; ++octave) {
    octaves_->need(octave);
  }
}

void BesselTable::evaluate(std::span<const double> u, const GigMomentArrays& out) {
  simd::LookupBlock block;
  for (std::size_t first = 0; first < u.size(); first += simd::kLookupRows) {
    const std::size_t count = std::min(simd::kLookupRows, u.size() - first);
    simd::load_block(u.data() + first, count, block);
    if (block.smallest >= kSmallestInTable && block.largest < kBeyondTable) {
      octaves_->need(block, count);
      simd::look_up(octaves_->coefficients.get(), kFirstExponent, block, count, from(out, first));
    } else {
      evaluate_with_outliers(u.subspan(first, count), from(out, first));
    }
  }
}

/// A row beyond the table leaves its place to u = 1, and is evaluated directly.
void BesselTable::evaluate_with_outliers(std::span<const double> u, const GigMomentArrays& out) {
  std::array<double, simd::kLookupRows> inside;
  std::transform(u.begin(), u.end(), inside.begin(), [](double value) { return is_in_table(value) ? value : 1.0; });
  std::array<double, simd::kLookupRows> outside;
  std::copy(u.begin(), u.end(), outside.begin());
  simd::LookupBlock block;
  simd::load_block(inside.data(), u.size(), block);
  octaves_->need(block, u.size());
  simd::look_up(octaves_->coefficients.get(), kFirstExponent, block, u.size(), out);
  for (std::size_t i = 0; i < u.size(); ++i) {
    if (!is_in_table(outside[i])) gig_moments(octaves_->nu, {&outside[i], 1}, from(out, i));
  }
}

}  // namespace varimix
