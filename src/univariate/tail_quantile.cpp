#include "tail_quantile.hpp"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <limits>

namespace varimix {

double quantile_of(const PreparedLaw& law, double q, Tail tail) {
  constexpr double kEnd = std::numeric_limits<double>::infinity();
  const double outward = tail == Tail::kLower ? -kEnd : kEnd;
  if (q == 0.0) return outward;
  if (q == 1.0) return -outward;
  // The smaller tail is met; 1 - q is exact from q = 1/2 on.
  const bool is_smaller = q <= 0.5;
  const double target = std::log(is_smaller ? q : 1.0 - q);
  const bool is_lower = (tail == Tail::kLower) == is_smaller;
  // The root is sought in w, asinh of the distance from the centre: a power law's logarithm is a straight line in w.
  const auto place = [&](double w) { return law.centre() + law.scale() * std::sinh(w); };
  constexpr double kLeastLogarithm = -1e100;  // a bound, because the root finder multiplies differences
  const auto excess = [&](double w) {         // increases in w
    const double tail_at_w = law.log_tail(place(w), is_lower ? Tail::kLower : Tail::kUpper);
    const double difference = std::max(tail_at_w, kLeastLogarithm) - target;
    return is_lower ? difference : -difference;
  };
  double low = 0.0;
  double high = 0.0;
  double at_low = excess(0.0);
  double at_high = at_low;
  if (at_low == 0.0) return law.centre();
  for (double width = 1.0; at_low > 0.0; width *= 2.0) {
    high = low;
    at_high = at_low;
    at_low = excess(low -= width);
  }
  for (double width = 1.0; at_high < 0.0; width *= 2.0) {
    low = high;
    at_low = at_high;
    at_high = excess(high += width);
  }
  if (at_low == 0.0) return place(low);
  if (at_high == 0.0) return place(high);
  constexpr int kBits = 51;
  std::uintmax_t iterations = 100;
  const auto bracket = boost::math::tools::toms748_solve(excess, low, high, at_low, at_high,
                                                         boost::math::tools::eps_tolerance<double>(kBits), iterations);
  // A power law may have its quantile beyond all doubles.
  const double end = is_lower ? place(bracket.first) : place(bracket.second);
  if (std::isinf(end)) return end;
  // Where the centre is far away, w resolves x too coarsely: a chord over the last bracket gives the missing digits.
  const double left = place(bracket.first);
  const double right = place(bracket.second);
  const double at_left = excess(bracket.first);
  const double at_right = excess(bracket.second);
  if (!(at_left < 0.0 && at_right > 0.0)) return at_left == 0.0 ? left : right;
  return left + (right - left) * (at_left / (at_left - at_right));
}

}  // namespace varimix
