#include "varimix/special/bessel_table.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>

#include "result_array.hpp"
#include "table_lookup.hpp"
#include "table_octave.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

using simd::kOctaveDoubles;

// The table covers z from 2e-10 to 4e9. Rows beyond are rare and are evaluated directly.
constexpr int kFirstExponent = -64;
constexpr int kOctaves = 128;
constexpr int kBeyondExponent = kFirstExponent + kOctaves;
constexpr double kSmallestInTable = 0x1p-64;  // 2^kFirstExponent
constexpr double kBeyondTable = 0x1p64;       // 2^kBeyondExponent

std::size_t octave_of(double u) { return static_cast<std::size_t>(std::ilogb(u) - kFirstExponent); }

bool is_in_table(double u) { return u >= kSmallestInTable && u < kBeyondTable; }

GigMomentArrays from(const GigMomentArrays& out, std::size_t i) {
  return {advanced(out.log_normalizer, i), advanced(out.inv_y, i), advanced(out.y, i), advanced(out.log_y, i)};
}

}  // namespace

/// The coefficients, with room for every octave. Memory is touched (and so taken from the system) only where an octave
/// is made.
struct BesselTable::Octaves {
  explicit Octaves(double order) : nu(order), coefficients(new (kAlignment) double[kOctaves * kOctaveDoubles]) {}

  void need(std::size_t octave) {
    if (made[octave].load(std::memory_order_acquire)) return;
    const std::lock_guard<std::mutex> lock(making);
    if (made[octave].load(std::memory_order_relaxed)) return;
    make_octave(nu, static_cast<int>(octave) + kFirstExponent, coefficients.get() + octave * kOctaveDoubles);
    made[octave].store(true, std::memory_order_release);
  }

  /// Makes the octaves that the rows of a block need. The whole block lies in the table.
  void need(const simd::Places& places, std::size_t count) {
    const std::size_t last = octave_of(places.largest);
    for (std::size_t octave = octave_of(places.smallest); octave <= last; ++octave) {
      if (made[octave].load(std::memory_order_acquire)) continue;
      std::for_each_n(places.segment, count, [this](std::uint64_t segment) { need(segment / kOctaveDoubles); });
      return;
    }
  }

  /// Looks up the rows of a block, all of which lie in the table.
  void look_up(const simd::Places& places, std::size_t count, const GigMomentArrays& out) {
    need(places, count);
    simd::look_up(nu, coefficients.get(), places, count, out);
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
  require(std::abs(nu) <= kBesselTableLargestOrder, "nu", "of magnitude <= 1e4", nu);
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
  simd::Places places;
  for (std::size_t first = 0; first < u.size(); first += simd::kLookupRows) {
    const std::size_t count = std::min(simd::kLookupRows, u.size() - first);
    simd::find_places(u.data() + first, count, kFirstExponent, kBeyondExponent, places);
    if (places.is_within) {
      octaves_->look_up(places, count, from(out, first));
    } else {
      evaluate_with_outliers(u.subspan(first, count), from(out, first));
    }
  }
}

BesselTables::BesselTables(double nu, Index steps) : nu_(nu) {
  require(std::abs(nu) <= kBesselTableLargestOrder, "nu", "of magnitude <= 1e4", nu);
  constexpr auto kMostSteps = static_cast<Index>(4.0 * kBesselTableLargestOrder);
  require(steps >= 0 && steps <= kMostSteps, "steps", "from 0 to 40000: further orders have no table", steps);
  tables_.resize(static_cast<std::size_t>(steps) + 1);
}

BesselTable* BesselTables::of(double order) {
  const double step = std::round(2.0 * (order - nu_));
  if (!(step >= 0.0 && step < static_cast<double>(tables_.size()))) return nullptr;
  constexpr double kRoundings = 2.0 * std::numeric_limits<double>::epsilon();
  if (std::abs(order - (nu_ + 0.5 * step)) > kRoundings * (std::abs(order) + step)) return nullptr;
  if (std::abs(order) > kBesselTableLargestOrder) return nullptr;
  const std::lock_guard<std::mutex> lock(making_);
  std::unique_ptr<BesselTable>& table = tables_[static_cast<std::size_t>(step)];
  if (table == nullptr) table = std::make_unique<BesselTable>(order);
  return table->nu() == order ? table.get() : nullptr;
}

/// Evaluates a block with rows beyond the table. Such a row is evaluated directly; in the look-up another row of the
/// block takes its place.
void BesselTable::evaluate_with_outliers(std::span<const double> u, const GigMomentArrays& out) {
  std::array<double, simd::kLookupRows> given;  // `out` may be the same memory as u
  std::copy(u.begin(), u.end(), given.begin());
  const std::span<const double> rows(given.data(), u.size());
  const auto some_inside = std::find_if(rows.begin(), rows.end(), is_in_table);
  if (some_inside == rows.end()) {
    gig_moments(octaves_->nu, rows, out);
    return;
  }
  std::array<double, simd::kLookupRows> inside;
  std::transform(rows.begin(), rows.end(), inside.begin(), [&](double x) { return is_in_table(x) ? x : *some_inside; });
  simd::Places places;
  simd::find_places(inside.data(), rows.size(), kFirstExponent, kBeyondExponent, places);
  octaves_->look_up(places, rows.size(), out);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!is_in_table(rows[i])) gig_moments(octaves_->nu, rows.subspan(i, 1), from(out, i));
  }
}

}  // namespace varimix
