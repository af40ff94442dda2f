#include "varimix/inference/vuong_test.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace varimix::tests {
namespace {

const std::vector<double> kA = {-1.0, -2.0, -0.5, -3.0};
const std::vector<double> kB = {-1.5, -1.5, -1.5, -3.5};

std::string refusal(const std::vector<double>& a, const std::vector<double>& b, const VuongOptions& options = {}) {
  try {
    (void)vuong_test(a, b, options);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

// By hand: m = .5, -.5, 1, .5; mean .375, mean of squares .4375, omega^2 = .296875, z = 2 * .375 / omega.
TEST(VuongTest, IsTheFormulaOfVuong) {
  const VuongTest test = vuong_test(kA, kB);
  EXPECT_EQ(test.status, VuongStatus::kOk);
  EXPECT_NEAR(test.mean, 0.375, 1e-15);
  EXPECT_NEAR(test.variance, 0.296875, 1e-15);
  EXPECT_NEAR(test.statistic, 0.75 / std::sqrt(0.296875), 1e-14);
  EXPECT_NEAR(test.p_value, std::erfc(test.statistic / std::sqrt(2.0)), 1e-15);
  EXPECT_NEAR(test.p_value_a_better, 0.5 * test.p_value, 1e-15);
  EXPECT_NEAR(test.p_value_b_better, 1.0 - 0.5 * test.p_value, 1e-15);
  EXPECT_EQ(test.rows, 4);
}

TEST(VuongTest, OfTheLawsInTheOtherOrderHasTheOtherSign) {
  const VuongTest test = vuong_test(kA, kB);
  const VuongTest other = vuong_test(kB, kA);
  EXPECT_EQ(other.statistic, -test.statistic);
  EXPECT_EQ(other.p_value, test.p_value);
  EXPECT_EQ(other.p_value_a_better, test.p_value_b_better);
}

TEST(VuongTest, TakesParametersOffByNatsOrByHalfTheLogarithmOfRows) {
  VuongOptions options{.correction = VuongCorrection::kAic, .n_parameters_a = 5, .n_parameters_b = 3};
  EXPECT_NEAR(vuong_test(kA, kB, options).mean, 0.375 - 2.0 / 4.0, 1e-15);
  options.correction = VuongCorrection::kBic;
  EXPECT_NEAR(vuong_test(kA, kB, options).mean, 0.375 - std::log(4.0) / 4.0, 1e-15);
}

// By hand: centred m = .125, -.875, .625, .125; autocovariance of lag 1: (-.109375 - .546875 + .078125) / 4 = -.14453125;
// Bartlett's weight of it is 1/2, twice.
TEST(VuongTest, TakesTheLongRunVarianceOfDependentRows) {
  EXPECT_NEAR(vuong_test(kA, kB, {.maxlags = 1}).variance, 0.296875 - 0.14453125, 1e-15);
}

TEST(VuongTest, OfLawsThatAgreeOnAllRowsHasNoStatistic) {
  const VuongTest test = vuong_test(kA, kA);
  EXPECT_EQ(test.status, VuongStatus::kIndistinguishable);
  EXPECT_EQ(test.statistic, 0.0);
  EXPECT_EQ(test.p_value, 1.0);
}

TEST(VuongTest, RefusesWhatItCannotTest) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_NE(refusal(kA, {1.0}).find("log_density_b must be of the size of log_density_a, 4"), std::string::npos);
  EXPECT_NE(refusal({1.0}, {2.0}).find("two rows"), std::string::npos);
  EXPECT_NE(refusal({1.0, -inf}, {2.0, 1.0}).find("log_density_a in row 1"), std::string::npos);
  EXPECT_NE(refusal({1.0, 2.0}, {std::nan(""), 1.0}).find("log_density_b in row 0"), std::string::npos);
  EXPECT_NE(refusal(kA, kB, {.maxlags = 4}).find("maxlags"), std::string::npos);
  EXPECT_NE(refusal(kA, kB, {.maxlags = -1}).find("maxlags"), std::string::npos);
  EXPECT_NE(refusal(kA, kB, {.n_parameters_a = -1}).find("n_parameters_a"), std::string::npos);
  EXPECT_NE(refusal(kA, kB, {.n_parameters_b = -1}).find("n_parameters_b"), std::string::npos);
}

}  // namespace
}  // namespace varimix::tests
