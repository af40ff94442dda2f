#pragma once

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>

namespace varimix {

/// Returns the root of an increasing function, by a bracket that doubles from a guess of the given width and then by
/// the method of Alefeld, Potra and Shi (1995). Where [lowest, highest] holds no root, returns the end beyond which it
/// lies.
template <class F>
[[nodiscard]] double increasing_root(F&& f, double guess, double width, double lowest, double highest) {
  double low = guess;
  double high = guess;
  double at_low = f(guess);
  double at_high = at_low;
  for (; at_low > 0.0; width *= 2.0) {
    if (low <= lowest) return lowest;
    high = low;
    at_high = at_low;
    low = std::max(low - width, lowest);
    at_low = f(low);
  }
  for (; at_high < 0.0; width *= 2.0) {
    if (high >= highest) return highest;
    low = high;
    at_low = at_high;
    high = std::min(high + width, highest);
    at_high = f(high);
  }
  if (at_low == 0.0) return low;
  if (at_high == 0.0) return high;
  constexpr int kBits = 51;
  std::uintmax_t iterations = 100;
  const auto bracket = boost::math::tools::toms748_solve(f, low, high, at_low, at_high,
                                                         boost::math::tools::eps_tolerance<double>(kBits), iterations);
  return 0.5 * (bracket.first + bracket.second);
}

}  // namespace varimix
