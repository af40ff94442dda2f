#include "mixture/fitting/mode_spike.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/families.hpp"
#include "support/models.hpp"
#include "support/tied_rows.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

RowMatrix rounded(const RowMatrix& x, double unit) { return unit * (x / unit).array().round().matrix(); }

template <class S>
class Spike : public ::testing::Test {
 protected:
  static EMResult<MeanVarianceMixture<S>> fit(const RowMatrix& x) {
    return BatchEMFitter().fit(MeanVarianceMixture<S>::default_init(x), x);
  }
  static double peak(const MeanVarianceMixture<S>& model, const RowMatrix& x) { return model.pdf(x).maxCoeff(); }
};
TYPED_TEST_SUITE(Spike, Families, FamilyNames);

TYPED_TEST(Spike, OfCensoredRowsIsAModeTrap) {
  const RowMatrix x = censored_rows(1);
  const auto fit = this->fit(x);
  EXPECT_GT(this->peak(fit.model, x), 10.0);
  EXPECT_TRUE(fit.status.has(StatusCode::kModeTrap)) << fit.status;
}

TYPED_TEST(Spike, OfWholeNumbersIsAModeTrapWhereThePeakIsAbsurd) {
  const RowMatrix x = count_rows(1);
  const auto fit = this->fit(x);
  const double peak = this->peak(fit.model, x);
  if (peak > 20.0) {
    EXPECT_TRUE(fit.status.has(StatusCode::kModeTrap)) << peak << " " << fit.status;
  }
  if (peak < 1.0) {
    EXPECT_FALSE(fit.status.has(StatusCode::kModeTrap)) << peak << " " << fit.status;
  }
}

TYPED_TEST(Spike, OfHalfTheRowsAtZeroIsAModeTrap) {
  for (const Index d : {1, 2}) {
    const auto fit = this->fit(rows_with_zeros(d, 0.5, 2));
    EXPECT_TRUE(fit.status.has(StatusCode::kModeTrap)) << d << ": " << fit.status;
  }
}

TYPED_TEST(Spike, IsSeenInAStream) {
  const RowMatrix x = rows_with_zeros(1, 0.5, 2);
  OnlineEM<MeanVarianceMixture<TypeParam>> state(MeanVarianceMixture<TypeParam>::default_init(x), IdentityUpdate{});
  for (int k = 0; k < 60; ++k) state.update(x);
  EXPECT_TRUE(state.status().has(StatusCode::kModeTrap)) << state.status();
}

TYPED_TEST(Spike, IsNoneWhereRoundedRowsHaveAnHonestLaw) {
  const RowMatrix smooth = rounded(3.0 * gaussian_rows(kTiedRows, 2, 4), 1.0);
  const auto fit = this->fit(smooth);
  EXPECT_FALSE(fit.status.has(StatusCode::kModeTrap)) << fit.status;
}

TYPED_TEST(Spike, IsNoneInContinuousRowsOfHeavyTails) {
  for (const double nu : {1.5, 3.0}) {
    const NormalInverseGamma t(Vector{{0.0}}, Vector{{0.0}}, Matrix{{1.0}}, InverseGamma(0.5 * nu, 0.5 * nu));
    const RowMatrix x = t.rvs(kTiedRows, Seed{7});
    const auto fit = this->fit(x);
    const EStepResult e_step = fit.model.e_step(x);
    EXPECT_FALSE(spike_at_peak(e_step, x)) << nu;
  }
}

TEST(SpikeAtPeak, NeedsEqualRowsAndADensityTenTimesThatAround) {
  RowMatrix x = gaussian_rows(400, 1, 1);
  EStepResult at{.eta = {mean_variance_layout(1, LogY::kLeaveOut), Vector::Zero(1)}, .log_lik = 0.0};
  at.peak_row = 0;
  at.peak_log_density = 100.0;
  EXPECT_FALSE(spike_at_peak(at, x));
  x.topRows(40).setConstant(0.05);
  EXPECT_EQ(spike_at_peak(at, x).value().equal_rows, 40);
  const double around = 0.36 * 0.4;  // the density of 360 of 400 rows near 0, within a factor of 1.5 or so
  at.peak_log_density = std::log(0.5 * kSpikeRatio * around);
  EXPECT_FALSE(spike_at_peak(at, x));
  at.peak_log_density = std::log(6.0 * kSpikeRatio * around);
  EXPECT_TRUE(spike_at_peak(at, x));
}

TEST(SpikeAtPeak, CountsNoRowOfWeightZero) {
  RowMatrix x = gaussian_rows(400, 1, 1);
  x.topRows(40).setConstant(0.05);
  EStepResult at{.eta = {mean_variance_layout(1, LogY::kLeaveOut), Vector::Zero(1)}, .log_lik = 0.0};
  at.peak_row = 0;
  at.peak_log_density = 100.0;
  std::vector<double> weights(400, 1.0);
  std::fill_n(weights.begin() + 1, 39, 0.0);
  EXPECT_FALSE(spike_at_peak(at, x, weights));
  weights[1] = 0.5;
  EXPECT_EQ(spike_at_peak(at, x, weights).value().equal_rows, 2);
}

}  // namespace
}  // namespace varimix::tests
