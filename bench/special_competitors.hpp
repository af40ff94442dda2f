#pragma once

#include <span>
#include <string>
#include <string_view>

namespace varimix::bench {

/// The values that an E-step needs of K_nu(z), computed as a user has to with a library that has only K_nu or log K_nu.
struct Quadruple {
  double log_k;
  double ratio_minus;
  double ratio_plus;
  double dlog_dnu;
};

/// A library as this program calls it. The quadruple takes five values of its function: at nu, nu -+ 1, and, for the
/// central difference, nu -+ kOrderStep.
struct Competitor {
  std::string_view name;
  std::string version;
  double (*one)(double nu, double z);
  Quadruple (*quadruple)(double nu, double z);
};

/// eps^(1/3) with eps = 2^-52, where the rounding of a central difference and its truncation balance.
inline constexpr double kOrderStep = 6.055454452393343e-06;

/// Returns Boost.Math, and GSL if this program was built with it. A value that overflows is inf, one that fails is NaN;
/// none throws.
[[nodiscard]] std::span<const Competitor> competitors();

}  // namespace varimix::bench
