#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/paths.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/special/log_normal_cdf.hpp"

namespace varimix::tests {
namespace {

std::string place(double nu, double z) {
  std::ostringstream text;
  text << "nu = " << nu << ", z = " << std::hexfloat << z << std::defaultfloat << " (" << z << ")";
  return text.str();
}

/// The worst errors of everything that bessel_k promises, over the rows of a table.
struct BesselErrors {
  Worst log_k{"log K"}, slope{"d/dnu log K"}, plus{"K(nu+1)/K(nu)"}, minus{"K(nu-1)/K(nu)"};

  explicit BesselErrors(const Table& table) {
    for (std::size_t i = 0; i < table.rows(); ++i) {
      const double nu = table.number(i, "nu");
      const double z = table.number(i, "z");
      const auto where = [&] { return place(nu, z); };
      const BesselK k = bessel_k(nu, z);
      const double true_log = table.number(i, "log_K");
      const double true_slope = table.number(i, "dlogK_dnu");
      const double true_plus = table.number(i, "K(nu+1)/K(nu)");
      const double true_minus = table.number(i, "K(nu-1)/K(nu)");
      const double log_of_k = log_bessel_k(nu, z);
      log_k.add(logarithm_error(log_of_k, true_log), log_of_k, true_log, where);
      slope.add(logarithm_error(k.dlog_dnu, true_slope), k.dlog_dnu, true_slope, where);
      plus.add(relative_error(k.ratio_plus, true_plus), k.ratio_plus, true_plus, where);
      minus.add(relative_error(k.ratio_minus, true_minus), k.ratio_minus, true_minus, where);
    }
  }

  void expect_all_within(double tolerance) const {
    EXPECT_TRUE(log_k.within(tolerance));
    EXPECT_TRUE(slope.within(tolerance));
    EXPECT_TRUE(plus.within(tolerance));
    EXPECT_TRUE(minus.within(tolerance));
  }
};

TEST(BesselKAccuracy, MeetsMpmathOverOrdersAndArguments) {
  BesselErrors(Table(data_file("mpmath_logK_reference.csv"))).expect_all_within(kBesselKRelativeError);
}

TEST(BesselKAccuracy, MeetsMpmathAtSmallArgumentsAndOnBothSidesOfEverySeam) {
  BesselErrors(Table(data_file("bessel_k_small_z.csv"))).expect_all_within(kBesselKRelativeError);
}

// The recurrence K(nu+1) = K(nu-1) + 2 nu/z K(nu) and K(nu+1)/K(nu) = 1/(K((nu+1)-1)/K(nu+1)) join evaluations at
// neighbouring orders: they see an error between the rows of the tables.
TEST(BesselKAccuracy, NeighbouringOrdersAgreeOnADenseGrid) {
  Worst worst("product of the ratios at nu and nu + 1");
  constexpr int kOrders = 160;
  constexpr int kArguments = 120;
  for (int i = 0; i <= kOrders; ++i) {
    const double nu = 0.1 * std::sinh(21.2 * i / kOrders - 10.6);  // -2000 to 2000, dense at 0
    for (int j = 0; j <= kArguments; ++j) {
      const double exponent = j < 40 ? -100.0 + 2.25 * j : -10.0 + 0.22 * (j - 40);  // 1e-100 to 1e7, dense above 1e-10
      const double z = std::pow(10.0, exponent);
      const double product = bessel_k(nu, z).ratio_plus * bessel_k(nu + 1.0, z).ratio_minus;
      worst.add(error_in(1.0, product, 1.0), product, 1.0, [&] { return place(nu, z); });
    }
  }
  // Two ratios, and the rounding of nu + 1 where |nu| is small: its effect is 2^-53 log z.
  EXPECT_TRUE(worst.within(2.0 * kBesselKRelativeError));
}

TEST(BesselKAccuracy, RatiosAloneAreTheSameAsWithTheDerivative) {
  for (const double nu : {-3.5, -0.5, 0.0, 0.4, 1.0, 12.0, 900.0}) {
    for (const double z : {1e-60, 1e-9, 1e-3, 1.0, 40.0, 1e5, 1e9}) {
      const BesselK both = bessel_k(nu, z);
      const BesselK ratios = bessel_k_ratios(nu, z);
      EXPECT_EQ(both.log_scaled, ratios.log_scaled) << place(nu, z);
      EXPECT_EQ(both.ratio_plus, ratios.ratio_plus) << place(nu, z);
      EXPECT_EQ(both.ratio_minus, ratios.ratio_minus) << place(nu, z);
      EXPECT_EQ(ratios.dlog_dnu, 0.0) << place(nu, z);
    }
  }
}

TEST(LogNormalCdfAccuracy, MeetsMpmath) {
  // A logarithm of size u^2 / 2 is itself rounded to 2^-53 of that, which is an error of the probability.
  constexpr double kNear = 1e-14;
  constexpr double kFarPerSquare = 4e-16;
  const Table table(data_file("log_normal_cdf.csv"));
  Worst worst("Phi(u), error over max(1e-14, 4e-16 u^2)");
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const double u = table.number(i, "u");
    const double expected = table.number(i, "log_cdf");
    const double actual = log_normal_cdf(u);
    const double promised = std::max(kNear, kFarPerSquare * u * std::min(u, 0.0));
    worst.add(error_in(promised, actual, expected), actual, expected, [u] {
      std::ostringstream text;
      text << "u = " << u;
      return text.str();
    });
  }
  EXPECT_TRUE(worst.within(1.0));
}

}  // namespace
}  // namespace varimix::tests
