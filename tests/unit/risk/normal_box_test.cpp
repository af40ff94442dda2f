#include "risk/normal_box.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "support/models.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Two columns with this correlation, both to be above a bound.
struct Corner {
  Corner(double correlation, double bound)
      : slopes{{1.0, 0.0}, {0.0, 1.0}},
        bounds{Vector{{bound, bound / std::sqrt(1.0 - correlation * correlation)}}, Vector::Constant(2, kInfinity)} {
    slopes(1, 0) = correlation / std::sqrt(1.0 - correlation * correlation);
  }
  Matrix slopes;
  NormalBox bounds;
};

const Tilt kNone{Vector::Zero(2), Vector::Zero(2), 0.0, true};

/// Returns the mean of e^psi over draws and the standard error of its estimate, over the mean.
std::pair<double, double> estimate(const Corner& corner, const Vector& tilt, int draws) {
  double sum = 0.0;
  double squares = 0.0;
  Vector z(2);
  for (int i = 0; i < draws; ++i) {
    CounterStream stream(Key{11}, StreamPurpose::kScenarioRows, static_cast<std::uint64_t>(i));
    const double weight = std::exp(draw_within(stream, corner.bounds, corner.slopes, tilt, z));
    sum += weight;
    squares += weight * weight;
  }
  const double mean = sum / draws;
  return {mean, std::sqrt((squares / draws / mean / mean - 1.0) / draws)};
}

TEST(NormalBox, WeightsHaveTheProbabilityOfAnOrthantAsTheirMeanForEveryTilt) {
  constexpr int kDraws = 20'000;
  constexpr double kErrors = 5.0;  // a false alarm in 200,000 for the nine together
  for (const double correlation : {-0.8, 0.1, 0.9}) {
    const Corner corner(correlation, 0.0);
    const double probability = 0.25 + std::asin(correlation) / (2.0 * std::numbers::pi);
    const Tilt best = tilt_of(corner.bounds, corner.slopes, kNone);
    for (const Vector& tilt : {best.tilt, Vector(Vector::Zero(2)), Vector(Vector{{0.3, 0.0}})}) {
      const auto [mean, error] = estimate(corner, tilt, kDraws);
      EXPECT_NEAR(mean / probability, 1.0, kErrors * error) << correlation << " " << tilt.transpose();
    }
    EXPECT_GE(best.psi, std::log(probability)) << "an upper bound";
  }
}

TEST(NormalBox, ATiltMakesTheWeightsOfARareCornerNearlyEqual) {
  const Corner corner(-0.8, 4.0);
  const Tilt best = tilt_of(corner.bounds, corner.slopes, kNone);
  const auto [mean, error] = estimate(corner, best.tilt, 2000);
  const auto [plain_mean, plain_error] = estimate(corner, Vector::Zero(2), 2000);
  EXPECT_LT(error, 0.2 * plain_error);
  EXPECT_NEAR(std::log(mean), best.psi, 1.0);
}

TEST(NormalBox, TheSaddlePointDoesNotDependOnTheStart) {
  const Corner corner(0.6, 2.0);
  const Tilt one = tilt_of(corner.bounds, corner.slopes, kNone);
  const Tilt other = tilt_of(corner.bounds, corner.slopes, {Vector{{1.0, 0.0}}, Vector{{3.0, 0.0}}, 0.0, true});
  EXPECT_NEAR(one.tilt(0), other.tilt(0), 1e-5);
  EXPECT_NEAR(one.psi, other.psi, 1e-9);
}

TEST(NormalBox, ABoxWithoutRoomHasNoWeight) {
  const Corner corner(0.6, kInfinity);
  Vector z(2);
  CounterStream stream(Key{1}, StreamPurpose::kScenarioRows, 0);
  EXPECT_EQ(draw_within(stream, corner.bounds, corner.slopes, Vector::Zero(2), z), -kInfinity);
}

}  // namespace
}  // namespace varimix::tests
