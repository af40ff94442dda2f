#pragma once

#include <span>
#include <string>
#include <string_view>

namespace varimix::bench {

/// What an E-step needs of K_nu(z), the way a user gets it from a library that has K_nu or log K_nu alone.
struct Quadruple {
  double log_k;
  double ratio_minus;
  double ratio_plus;
  double dlog_dnu;
};

/// A library as this program calls it. The quadruple takes five values: at nu, nu -+ 1, and nu -+ kOrderStep for the
/// central difference.
struct Competitor {
  std::string_view name;
  std::string version;
  double (*one)(double nu, double z);
  Quadruple (*quadruple)(double nu, double z);
};

/// eps^(1/3), where the rounding of a central difference and its truncation balance.
inline constexpr double kOrderStep = 6.055454452393343e-06;

/// Boost.Math, and GSL where this program was built with it. What overflows is inf, what fails NaN; none throws.
[[nodiscard]] std::span<const Competitor> competitors();

}  // namespace varimix::bench
