#include "varimix/univariate/univariate_law.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "tail_integral.hpp"
#include "tail_quantile.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// Computes out[i] = f(x[i]) on all cores.
template <class F>
void for_each_point(std::span<const double> x, std::span<double> out, F&& f) {
  constexpr std::size_t kPointsPerTask = 64;  // they take 30 us, which is worth waking a thread for
  const std::size_t tasks = (x.size() + kPointsPerTask - 1) / kPointsPerTask;
  parallel_for(static_cast<Index>(tasks), [&](Index task) {
    const std::size_t first = static_cast<std::size_t>(task) * kPointsPerTask;
    const std::size_t last = std::min(first + kPointsPerTask, x.size());
    for (std::size_t i = first; i < last; ++i) out[i] = f(x[i]);
  });
}

void require_same_size(std::span<const double> x, std::span<double> out) {
  require(out.size() == x.size(), "the size of out", "that of the arguments", out.size());
}

/// Throws std::invalid_argument unless `holds` is true of every value; `constraint` says so in words.
template <class Claim>
void require_all(std::span<const double> values, const char* name, const char* constraint, Claim&& holds) {
  for (const double value : values) require(holds(value), name, constraint, value);
}

bool is_probability(double q) { return q >= 0.0 && q <= 1.0; }

/// Returns the log of a tail's probability; where the tail holds most of it, from the probability of the other tail.
double log_probability(const PreparedLaw& law, double x, Tail tail) {
  constexpr double kMost = -0.25;
  const double direct = law.log_tail(x, tail);
  if (!(direct > kMost)) return direct;
  return std::log1p(-law.tail(x, tail == Tail::kLower ? Tail::kUpper : Tail::kLower));
}

double loss_at(const PreparedLaw& law, double level) {
  return level < 0.5 ? -quantile_of(law, level, Tail::kUpper) : -quantile_of(law, 1.0 - level, Tail::kLower);
}

constexpr double kBoundless = std::numeric_limits<double>::infinity();

/// Returns E[X], from both sides of the centre; NaN where it is infinite on both sides.
double mean_of(const PreparedLaw& law) {
  const double c = law.centre();
  return c + law.tail(c, Tail::kUpper) * law.mean_excess(c, Tail::kUpper) -
         law.tail(c, Tail::kLower) * law.mean_excess(c, Tail::kLower);
}

/// Returns the part of E[X] from X > x, which has the probability `level`; 0 where x is so far out that it is nothing.
double part_above(const PreparedLaw& law, double x, double level) {
  constexpr double kFar = 1e99;  // in scales, a tenth of what mean_excess takes
  if (std::abs(x - law.centre()) > kFar * law.scale()) return 0.0;
  return level * (x + law.mean_excess(x, Tail::kUpper));
}

/// Returns -E[X | X <= x] at P(X <= x) = 1 - level. Where most of X lies below x it comes from what lies above, so that
/// nothing cancels.
double shortfall(const PreparedLaw& law, double level) {
  const double loss = loss_at(law, level);
  if (loss == kBoundless) return loss;
  if (level < 0.5) {
    const double mean = mean_of(law);
    if (loss == -kBoundless) return std::isnan(mean) ? kBoundless : -mean;
    const double above = part_above(law, -loss, level);
    if (std::isfinite(mean) && std::isfinite(above)) return (above - mean) / (1.0 - level);
  }
  return loss + law.mean_excess(-loss, Tail::kLower);
}

void tails(const UnivariateLaw& law, std::span<const double> x, std::span<double> out, Tail tail) {
  require_same_size(x, out);
  const PreparedLaw prepared(law);
  for_each_point(x, out, [&](double point) { return prepared.tail(point, tail); });
}

void log_tails(const UnivariateLaw& law, std::span<const double> x, std::span<double> out, Tail tail) {
  require_same_size(x, out);
  const PreparedLaw prepared(law);
  for_each_point(x, out, [&](double point) { return log_probability(prepared, point, tail); });
}

void quantiles(const UnivariateLaw& law, std::span<const double> q, std::span<double> out, Tail tail) {
  require_same_size(q, out);
  require_all(q, "q", "in [0, 1]", is_probability);
  const PreparedLaw prepared(law);
  for_each_point(q, out, [&](double level) { return quantile_of(prepared, level, tail); });
}

/// Returns the value of a function of spans at one number.
double at_one(void (*function)(const UnivariateLaw&, std::span<const double>, std::span<double>),
              const UnivariateLaw& law, double x) {
  double out = 0.0;
  function(law, {&x, 1}, {&out, 1});
  return out;
}

}  // namespace

using Points = std::span<const double>;
using Results = std::span<double>;

void cdf(const UnivariateLaw& law, Points x, Results out) { tails(law, x, out, Tail::kLower); }
void sf(const UnivariateLaw& law, Points x, Results out) { tails(law, x, out, Tail::kUpper); }
void log_cdf(const UnivariateLaw& law, Points x, Results out) { log_tails(law, x, out, Tail::kLower); }
void log_sf(const UnivariateLaw& law, Points x, Results out) { log_tails(law, x, out, Tail::kUpper); }
void ppf(const UnivariateLaw& law, Points q, Results out) { quantiles(law, q, out, Tail::kLower); }
void isf(const UnivariateLaw& law, Points q, Results out) { quantiles(law, q, out, Tail::kUpper); }

void value_at_risk(const UnivariateLaw& law, Points level, Results out) {
  require_same_size(level, out);
  require_all(level, "level", "in [0, 1]", is_probability);
  const PreparedLaw prepared(law);
  for_each_point(level, out, [&](double value) { return loss_at(prepared, value); });
}

void expected_shortfall(const UnivariateLaw& law, Points level, Results out) {
  require_same_size(level, out);
  require_all(level, "level", "in (0, 1]", [](double value) { return value > 0.0 && value <= 1.0; });
  const PreparedLaw prepared(law);
  for_each_point(level, out, [&](double value) { return shortfall(prepared, value); });
}

double cdf(const UnivariateLaw& law, double x) { return PreparedLaw(law).tail(x, Tail::kLower); }
double sf(const UnivariateLaw& law, double x) { return PreparedLaw(law).tail(x, Tail::kUpper); }
double log_cdf(const UnivariateLaw& law, double x) { return log_probability(PreparedLaw(law), x, Tail::kLower); }
double log_sf(const UnivariateLaw& law, double x) { return log_probability(PreparedLaw(law), x, Tail::kUpper); }

double ppf(const UnivariateLaw& law, double q) { return at_one(ppf, law, q); }
double isf(const UnivariateLaw& law, double q) { return at_one(isf, law, q); }
double value_at_risk(const UnivariateLaw& law, double level) { return at_one(value_at_risk, law, level); }
double expected_shortfall(const UnivariateLaw& law, double level) { return at_one(expected_shortfall, law, level); }

}  // namespace varimix
