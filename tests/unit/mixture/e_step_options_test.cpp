#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/models.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix::tests {
namespace {

constexpr Index kRows = 1500;  // more than one chunk

const VarianceGamma& model() {
  static const VarianceGamma law(Vector{{0.1, -0.2}}, Vector{{0.4, -0.3}}, some_factor(2, 3), Gamma(1.7, 1.7));
  return law;
}
const RowMatrix& rows() {
  static const RowMatrix x = model().rvs(kRows, Seed{4});
  return x;
}
EStepResult weighted(const RowView& x, const std::vector<double>& weights) {
  return e_step(model(), x, model().mu(), {.log_y = LogY::kCompute, .weights = weights});
}
EStepResult unweighted(const RowView& x) { return e_step(model(), x, model().mu(), {.log_y = LogY::kCompute}); }

TEST(EStepWeights, OnesGiveTheSameBits) {
  const EStepResult ones = weighted(rows(), std::vector<double>(kRows, 1.0));
  const EStepResult none = unweighted(rows());
  EXPECT_EQ(ones.eta, none.eta);
  EXPECT_EQ(ones.log_lik, none.log_lik);
}

TEST(EStepWeights, AZeroIsAnAbsentRowToTheLastBit) {
  std::vector<double> weights(kRows, 1.0);
  RowMatrix kept(kRows, 2);
  Index count = 0;
  for (Index i = 0; i < kRows; ++i) {
    if (i % 7 == 3) {
      weights[static_cast<std::size_t>(i)] = 0.0;
    } else {
      kept.row(count++) = rows().row(i);
    }
  }
  const EStepResult zeros = weighted(rows(), weights);
  const EStepResult absent = unweighted(RowView(kept).slice(0, count));
  EXPECT_EQ(zeros.eta, absent.eta);
  EXPECT_EQ(zeros.log_lik, absent.log_lik);
}

TEST(EStepWeights, AnIntegerIsARepeatedRow) {
  std::vector<double> weights;
  std::vector<std::int64_t> repeated;
  for (Index i = 0; i < kRows; ++i) {
    weights.push_back(static_cast<double>(1 + i % 3));
    for (Index k = 0; k < 1 + i % 3; ++k) repeated.push_back(i);
  }
  const EStepResult integers = weighted(rows(), weights);
  const EStepResult copies = unweighted(RowView(rows()).select(repeated));
  EXPECT_TRUE(same_eta(integers.eta, copies.eta, 1e-13));
  EXPECT_TRUE(is_close(integers.log_lik, copies.log_lik, 1e-13));
}

TEST(EStepWeights, EqualOnesChangeTheTotalWeightAlone) {
  EStepResult equal = weighted(rows(), std::vector<double>(kRows, 0.3));
  EXPECT_TRUE(is_close(equal.eta.weight, 0.3 * kRows, 1e-13));
  equal.eta.weight = kRows;
  EXPECT_TRUE(same_eta(equal.eta, unweighted(rows()).eta, 1e-13));
}

TEST(EStepFloor, RaisesRowsAtTheModeAndCountsThem) {
  RowMatrix x = rows();
  for (const Index i : {2, 700}) x.row(i) = model().mu().transpose();
  // With alpha < d/2 the density is infinite at mu.
  const VarianceGamma spiked = model().replace({.alpha = 0.4, .beta = 0.4});
  const EStepResult raw = e_step(spiked, x, spiked.mu());
  EXPECT_FALSE(raw.eta.is_finite());
  const EStepResult floored = e_step(spiked, x, spiked.mu(), {.distance_floor = 1e-10});
  EXPECT_EQ(floored.floored_rows, 2);
  EXPECT_TRUE(floored.eta.is_finite());
  EXPECT_TRUE(std::isfinite(floored.log_lik));
}

TEST(EStepLogDensity, IsThatOfEachRowAndZeroForAbsentOnes) {
  std::vector<double> weights(kRows, 2.5);
  RowMatrix x = rows();
  const Vector complete = model().log_prob(x);
  std::vector<double> log_f(kRows, -1.0);
  (void)e_step(model(), x, model().mu(), {.weights = weights, .log_density = log_f});
  EXPECT_EQ(Vector(Vector::Map(log_f.data(), kRows)), complete);

  weights[3] = weights[700] = 0.0;
  x(1, 0) = x(5, 0) = x(5, 1) = std::numeric_limits<double>::quiet_NaN();
  Vector expected = model().log_prob(x, Missing::kExact);
  expected(3) = expected(700) = 0.0;
  ASSERT_EQ(expected(5), 0.0);  // it shows nothing
  std::fill(log_f.begin(), log_f.end(), -1.0);
  (void)e_step(model(), x, model().mu(), {.weights = weights, .missing = Missing::kExact, .log_density = log_f});
  EXPECT_TRUE(all_close(Vector(Vector::Map(log_f.data(), kRows)), expected, 1e-14));
}

TEST(EStepSizes, NumbersThatAreNotOneARowOrOneAColumnAreRefusedByName) {
  const RowMatrix three = gaussian_rows(20, 3, 1);
  const RowView x = RowView(rows()).slice(0, 20);
  std::vector<double> few(19, 1.0);
  const auto error = [&](const RowView& of, const Vector& origin, const EStepOptions& options) {
    return error_of([&] { (void)e_step(model(), of, origin, options); });
  };
  EXPECT_EQ(error(three, model().mu(), {}), "X must be of dimension 2, got 3");
  EXPECT_EQ(error(x, Vector::Zero(3), {}), "origin must be of dimension 2, got 3");
  EXPECT_EQ(error(x, model().mu(), {.weights = few}), "weights must be of dimension 20, got 19");
  EXPECT_EQ(error(x, model().mu(), {.log_density = few}), "log_density must be of dimension 20, got 19");
  EXPECT_TRUE(error_of([&] { (void)log_density(model(), three); }).starts_with("X"));
  EXPECT_TRUE(error_of([&] { (void)mean_log_density(model(), three); }).starts_with("X"));
  EXPECT_TRUE(error_of([&] { (void)posterior(model(), three); }).starts_with("X"));
}

TEST(EStepFloor, LeavesOtherRowsAndOtherFamiliesAsTheyAre) {
  const EStepResult plain = unweighted(rows());
  const EStepResult floored = e_step(model(), rows(), model().mu(), {.log_y = LogY::kCompute, .distance_floor = 1e-10});
  EXPECT_EQ(floored.eta, plain.eta);
  const NormalInverseGaussian nig = some_model(2, 5, 0.7);
  RowMatrix x = rows();
  x.row(0) = nig.mu().transpose();
  EXPECT_EQ(e_step(nig, x, nig.mu(), {.distance_floor = 1e-10}).eta, e_step(nig, x, nig.mu()).eta);
}

TEST(EStepFloor, IsTheDensityAtTheFlooredDistance) {
  // It is compared with a row that lies at the floor's distance by itself, in a direction in which its product with
  // gamma stays 0.
  const VarianceGamma law(Vector{{0.0, 0.0}}, Vector{{0.5, 0.0}}, Matrix::Identity(2, 2), Gamma(0.6, 0.8));
  const double floor = 1e-6;
  const RowMatrix at_mode = RowMatrix::Zero(1, 2);
  const RowMatrix beside{{0.0, 1e-3}};
  const EStepResult floored = e_step(law, at_mode, law.mu(), {.log_y = LogY::kCompute, .distance_floor = floor});
  const EStepResult exact = e_step(law, beside, law.mu(), {.log_y = LogY::kCompute});
  EXPECT_TRUE(is_close(floored.log_lik, exact.log_lik, 1e-12));
  EXPECT_TRUE(is_close(floored.eta.E_inv_Y(), exact.eta.E_inv_Y(), 1e-12));
  EXPECT_TRUE(is_close(floored.eta.E_Y(), exact.eta.E_Y(), 1e-12));
  EXPECT_TRUE(is_close(*floored.eta.E_log_Y(), *exact.eta.E_log_Y(), 1e-12));
}

}  // namespace
}  // namespace varimix::tests
