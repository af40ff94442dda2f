#include "kernels/posterior.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "varimix/special/bessel_table.hpp"

namespace varimix::tests {
namespace {

TEST(TablePays, FromItsBreakEvenOnWhichIsLaterAtLargeOrders) {
  EXPECT_FALSE(kernels::table_pays(-1.5, kernels::kTableRows - 1));
  EXPECT_TRUE(kernels::table_pays(-1.5, kernels::kTableRows));
  EXPECT_FALSE(kernels::table_pays(-50.5, kernels::kTableRows));
  EXPECT_TRUE(kernels::table_pays(-50.5, kernels::kTableRowsLargeOrder));
}

TEST(TablePays, NotBeyondTheOrdersThatATableServes) {
  constexpr Index kManyRows = 1'000'000;
  for (const double sign : {1.0, -1.0}) {
    const double largest = sign * kBesselTableLargestOrder;
    EXPECT_TRUE(kernels::table_pays(largest, kManyRows));
    EXPECT_NO_THROW(BesselTable{largest});
    EXPECT_FALSE(kernels::table_pays(std::nextafter(largest, 2.0 * largest), kManyRows));
  }
  EXPECT_FALSE(kernels::table_pays(std::numeric_limits<double>::quiet_NaN(), kManyRows));
}

}  // namespace
}  // namespace varimix::tests
