#pragma once

#include <array>
#include <vector>

#include "saddle_grid.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix {

/// K_nu(z) at many arguments of one order, for the rows of an E-step: bessel_k with half the exponentials. In the
/// integrand exp(-(w - nu)(cosh s - 1)) exp(-nu (e^s - 1 - s)) the first factor is the same at s and -s, and the second
/// depends on the order alone: its sums over the pair are kept, as far as some argument has needed them.
/// Not for use from several threads at once; copy it. Domain, limits and accuracy as bessel_k.
class BesselKOrder {
 public:
  explicit BesselKOrder(double nu) noexcept : nu_(nu) {}
  [[nodiscard]] BesselK operator()(double z) { return evaluate<true>(z); }
  /// Without the derivative in the order (dlog_dnu is 0).
  [[nodiscard]] BesselK ratios(double z) { return evaluate<false>(z); }

 private:
  /// cosh(s) - 1, and the sums over s and -s of e^{-nu E}, e^{-nu E - s}, s e^{-nu E}, E = e^s - 1 - s.
  struct Pair {
    double cosh_minus_one;
    double sum;
    double sum_exp_minus_s;
    double sum_s;
  };
  template <bool kWithOrderDerivative>
  [[nodiscard]] BesselK evaluate(double z);
  [[nodiscard]] Pair pair_at(const SaddleNode& node) const;

  double nu_;
  std::array<std::vector<Pair>, kSaddleGrids> pairs_;
};

}  // namespace varimix
