#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "special/bessel_regions.hpp"
#include "support/bessel_reference.hpp"
#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/paths.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/special/log_normal_cdf.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(BesselKAccuracy, MeetsTheReferenceInEveryRegion) {
  const auto values = bessel_at_reference();
  WorstErrors errors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const BesselRow& row = bessel_reference()[i];
    errors.add(row.region, value_errors(values[i], row), [&] { return bessel_place(row.nu, row.z); });
  }
  errors.expect_within_bounds();
}

TEST(BesselKAccuracy, SecondOrderFormMeetsTheReferenceInEveryRegion) {
  WorstErrors errors;
  for (const BesselRow& row : bessel_reference()) {
    const BesselKSecondOrder k = bessel_k_second_order(row.nu, row.z);
    const auto where = [&] { return bessel_place(row.nu, row.z); };
    errors.add("all, second order", value_errors(k.value, row), where);
    errors.add(row.region, derivative_errors(k.derivatives, row), where);
  }
  errors.expect_within_bounds();
}

/// Expects that the worst errors over the rows of a table of text are within the promise.
void expect_meets_csv(const std::string& name) {
  const Table table(data_file(name));
  WorstErrors errors;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const double nu = table.number(i, "nu");
    const double z = table.number(i, "z");
    const double log_k = table.number(i, "log_K");
    const double slope = table.number(i, "dlogK_dnu");
    const double plus = table.number(i, "K(nu+1)/K(nu)");
    const double minus = table.number(i, "K(nu-1)/K(nu)");
    const BesselK k = bessel_k(nu, z);
    constexpr double kBound = kBesselKRelativeError;
    const std::array found = {relative_to(unit_or(log_k), "log_k", log_bessel_k(nu, z), log_k, kBound),
                              relative_to(unit_or(slope), "dlog_dnu", k.dlog_dnu, slope, kBound),
                              relative_to(std::abs(minus), "ratio_minus", k.ratio_minus, minus, kBound),
                              relative_to(std::abs(plus), "ratio_plus", k.ratio_plus, plus, kBound)};
    errors.add(name, found, [&] { return bessel_place(nu, z); });
  }
  errors.expect_within_bounds();
}

TEST(BesselKAccuracy, MeetsMpmathOverOrdersAndArguments) { expect_meets_csv("mpmath_logK_reference.csv"); }

// K_{nu+1}/K_nu is evaluated at both orders, so that an error between the rows of the tables shows.
TEST(BesselKAccuracy, NeighbouringOrdersAgreeOnADenseGrid) {
  Worst worst("product of the ratios at nu and nu + 1");
  constexpr int kOrders = 400, kArguments = 300;
  for (int i = 0; i <= kOrders; ++i) {
    const double rough = 0.1 * std::sinh(24.4 * i / kOrders - 12.2);  // -1e4 to 1e4, dense at 0
    // nu is rounded to 2^-30, so that nu + 1 is exact: at z = 1e-100 one rounding of it is worth 2^-53 log z.
    const double nu = std::ldexp(std::round(std::ldexp(rough, 30)), -30);
    for (int j = 0; j <= kArguments; ++j) {
      const double exponent =
          j < 100 ? -100.0 + 0.9 * j : -10.0 + 0.085 * (j - 100);  // 1e-100 to 1e7, dense from 1e-10
      const double z = std::pow(10.0, exponent);
      const double product = bessel_k(nu, z).ratio_plus * bessel_k(nu + 1.0, z).ratio_minus;
      worst.add(error_in(1.0, product, 1.0), product, 1.0, [&] { return bessel_place(nu, z); });
    }
  }
  EXPECT_TRUE(worst.within(2.0 * kBesselKRelativeError));
}

std::string seam_at(const char* name, double c) {
  std::ostringstream text;
  text << name << " = " << c;
  return text.str();
}

struct Point {
  double nu, z;
};

/// A point of a seam, where the method changes: the nearest doubles on its two sides.
struct Crossing {
  std::string seam;
  Point below, above;
};

/// Adds points where |nu| passes c, at z over all sizes up to z_max.
void cross_order(double c, double z_max, std::vector<Crossing>& out) {
  for (double z = z_max; z > 1e-300; z = z > 1e-3 ? 0.7 * z : 1e-11 * z) {
    out.push_back({seam_at("nu", c), {std::nextafter(c, -kInfinity), z}, {std::nextafter(c, kInfinity), z}});
  }
}

constexpr int kSteps = 200;

/// Adds points where z passes c, at kSteps orders from nu_min to nu_max.
void cross_argument(double c, double nu_min, double nu_max, std::vector<Crossing>& out) {
  for (int k = 0; k < kSteps; ++k) {
    const double nu = nu_min + (nu_max - nu_min) * k / kSteps;
    out.push_back({seam_at("z", c), {nu, std::nextafter(c, 0.0)}, {nu, std::nextafter(c, kInfinity)}});
  }
}

/// Adds points where nu^2 + z^2 passes c^2 as the library rounds it, by steps of the larger of nu and z; only z >
/// z_min.
void cross_circle(double c, double z_min, std::vector<Crossing>& out) {
  for (int k = 0; k <= kSteps; ++k) {
    const double angle = 1.5707963267948966 * k / kSteps;
    Point above{c * std::sin(angle), std::max(c * std::cos(angle), std::numeric_limits<double>::min())};
    double& larger = above.nu > above.z ? above.nu : above.z;
    const auto is_inside = [&] { return above.nu * above.nu + above.z * above.z < c * c; };
    while (!is_inside()) larger = std::nextafter(larger, 0.0);
    const Point below = above;
    larger = std::nextafter(larger, kInfinity);
    while (is_inside()) larger = std::nextafter(larger, kInfinity);
    if (below.z > z_min) out.push_back({seam_at("w", c), below, above});
  }
}

std::vector<Crossing> all_crossings() {
  std::vector<Crossing> out;
  cross_argument(kSeriesArgument, 0.0, kSeriesOrder, out);
  cross_order(kSeriesOrder, kSeriesArgument, out);
  cross_order(0.0, kDebyeFrom, out);  // at nu = 0 K is reflected
  for (double half = 0.5; half < kSeriesOrder; half += 1.0) cross_order(half, kSeriesArgument, out);
  for (int g = 1; g <= kSaddleGrids; ++g) {
    cross_circle(kGridEdges[g], kGridEdges[g] > kSeriesOrder ? 0.0 : kSeriesArgument, out);
  }
  for (const double from : {kDebyeFrom, kFarDebyeFrom}) {
    cross_order(from, from, out);
    cross_argument(from, 0.0, from, out);
  }
  cross_argument(0x1p-500, kSeriesOrder, 1e3,
                 out);  // saddle_point scales beyond these two; at 2e3 d/dz of R+ overflows
  cross_argument(0x1p500, 0.0, 1e3, out);
  return out;
}

/// Returns the values to expect at `above`: those at `below`, carried over by their derivatives.
BesselRow carried_across(const Crossing& crossing) {
  const auto& [nu, z] = crossing.below;
  const double dnu = crossing.above.nu - nu;
  const double dz = crossing.above.z - z;
  const auto [k, slope] = bessel_k_second_order(nu, z);
  const auto moved = [](double rate, double step) { return step == 0.0 ? 0.0 : rate * step; };
  // d/dz log K = -(R- + R+) / 2; d/dz d/dnu log K = -(d/dnu R- + d/dnu R+) / 2.
  const double log_slope = -0.5 * (k.ratio_minus + k.ratio_plus);
  const double order_slope = -0.5 * (slope.dratio_minus_dnu + slope.dratio_plus_dnu);
  return {.region = "",
          .nu = crossing.above.nu,
          .z = crossing.above.z,
          .log_scaled = k.log_scaled + moved(k.dlog_dnu, dnu) + moved(1.0 + log_slope, dz),
          .ratio_minus = k.ratio_minus + moved(slope.dratio_minus_dnu, dnu) + moved(slope.dratio_minus_dz, dz),
          .ratio_plus = k.ratio_plus + moved(slope.dratio_plus_dnu, dnu) + moved(slope.dratio_plus_dz, dz),
          .dlog_dnu = k.dlog_dnu + moved(slope.d2log_dnu2, dnu) + moved(order_slope, dz),
          .d2log_dnu2 = slope.d2log_dnu2,
          .dratio_minus_dnu = slope.dratio_minus_dnu,
          .log_k = k.log_k + moved(k.dlog_dnu, dnu) + moved(log_slope, dz)};
}

TEST(BesselKAccuracy, BothSidesOfEverySeamAgree) {
  WorstErrors errors;
  for (const Crossing& crossing : all_crossings()) {
    const BesselRow expected = carried_across(crossing);
    const BesselKSecondOrder k = bessel_k_second_order(crossing.above.nu, crossing.above.z);
    const auto where = [&] { return bessel_place(crossing.above.nu, crossing.above.z); };
    errors.add(crossing.seam, value_errors(k.value, expected), where);
    errors.add(crossing.seam, derivative_errors(k.derivatives, expected), where);
  }
  errors.expect_within_bounds(2.0);
}

/// A seam at which the reference must have rows: those count that are `served` by a method that ends there.
struct Seam {
  std::string name;
  double at;
  std::function<long double(const BesselRow&)> coordinate;
  std::function<bool(const BesselRow&)> served;
};

std::vector<Seam> seams_of_the_table() {
  const auto order = [](const BesselRow& row) { return std::abs(static_cast<long double>(row.nu)); };
  const auto argument = [](const BesselRow& row) { return static_cast<long double>(row.z); };
  const auto radius = [=](const BesselRow& row) { return std::hypot(order(row), argument(row)); };
  const auto order_below = [=](double most) { return [=](const BesselRow& row) { return order(row) < most; }; };
  const auto argument_below = [=](double most) { return [=](const BesselRow& row) { return row.z <= most; }; };
  std::vector<Seam> seams = {{"kSeriesArgument in z", kSeriesArgument, argument, order_below(kSeriesOrder)},
                             {"kSeriesOrder in nu", kSeriesOrder, order, argument_below(kSeriesArgument)}};
  for (double half = 0.5; half < kSeriesOrder; half += 1.0) {
    seams.push_back({"half-integer in nu", half, order, argument_below(kSeriesArgument)});
  }
  for (const double from : {kDebyeFrom, kFarDebyeFrom}) {
    seams.push_back({"Debye in nu", from, order, argument_below(from)});
    seams.push_back({"Debye in z", from, argument, order_below(from)});
  }
  for (int g = 1; g <= kSaddleGrids; ++g)
    seams.push_back({"kGridEdges in w", kGridEdges[g], radius, argument_below(kDebyeFrom)});
  return seams;
}

TEST(BesselKAccuracy, TableHasBothSidesOfEverySeam) {
  constexpr double kBeside = 2e-15;  // twice the distance at which the table was made, for the rounding of w
  for (const Seam& seam : seams_of_the_table()) {
    int points[2] = {0, 0};  // below, above
    for (const BesselRow& row : bessel_reference()) {
      const auto distance = static_cast<double>((seam.coordinate(row) - seam.at) / seam.at);
      if (distance == 0.0 || std::abs(distance) > kBeside || !seam.served(row)) continue;
      ++points[distance > 0.0 ? 1 : 0];
    }
    EXPECT_GT(points[0], 0) << "below " << seam.name << " = " << seam.at;
    EXPECT_GT(points[1], 0) << "above " << seam.name << " = " << seam.at;
  }
}

TEST(LogNormalCdfAccuracy, MeetsMpmath) {
  // A logarithm of size u^2 / 2 is itself rounded to 2^-53 of that, which is an error of the probability.
  constexpr double kNear = 1e-14;
  constexpr double kFarPerSquare = 4e-16;
  const Table table(data_file("log_normal_cdf.csv"));
  Worst worst("Phi(u), error over max(1e-14, 4e-16 u^2)");
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const double u = table.number(i, "u"), expected = table.number(i, "log_cdf"), actual = log_normal_cdf(u);
    const double promised = std::max(kNear, kFarPerSquare * u * std::min(u, 0.0));
    worst.add(error_in(promised, actual, expected), actual, expected, [u] { return "u = " + std::to_string(u); });
  }
  EXPECT_TRUE(worst.within(1.0));
}

}  // namespace
}  // namespace varimix::tests
