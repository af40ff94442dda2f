#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "support/models.hpp"
#include "support/sanitizers.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

/// Returns the standard deviation of a state's model after rows of `calm` and then rows of `wild`, in batches.
template <class Rule>
double deviation_after_change(Rule rule, const NormalInverseGaussian& calm, const NormalInverseGaussian& wild) {
  constexpr Index kBatch = 100;
  constexpr Index kRows = 20'000;
  OnlineEM<NormalInverseGaussian> state(calm, rule, Key{0}, {.score = false});
  for (const auto& [law, seed] : {std::pair{calm, 1}, std::pair{wild, 2}}) {
    const RowMatrix x = law.rvs(kRows, Seed{seed});
    for (Index first = 0; first < kRows; first += kBatch) (void)state.update(RowView(x).slice(first, kBatch));
  }
  return std::sqrt(state.model().cov()(0, 0));
}

// After 20,000 rows of the new regime at a half-life of 1,000 the old one has a weight of 1e-6. The memory of 1443 rows
// gives a relative standard error of about sqrt((kurtosis + 2)/(4 * 1443)) < 4%; five of them are allowed.
TEST(EndlessStream, AHalfLifeTracksANewRegimeAndSampleWeightsDoNot) {
  const auto calm = NormalInverseGaussian(Vector{{0.0}}, Vector{{0.1}}, Matrix{{1.0}}, InverseGaussian(1.0, 1.5));
  const NormalInverseGaussian wild(calm.mu(), 2.0 * calm.gamma(), 2.0 * calm.L_Sigma(), calm.subordinator());
  const double wanted = std::sqrt(wild.cov()(0, 0));
  EXPECT_NEAR(deviation_after_change(EWMAUpdate{.half_life = 1000.0}, calm, wild) / wanted, 1.0, 0.2);
  EXPECT_LT(deviation_after_change(SampleWeightedUpdate{}, calm, wild) / wanted, 0.9);
}

TEST(EndlessStream, TheGaugeDoesNotDrift) {
  const bool is_full = std::getenv("VARIMIX_FULL") != nullptr;
  const std::int64_t steps = is_full ? 1'000'000 : kSanitized ? 5'000 : 50'000;
  const auto law = NormalInverseGaussian(Vector{{0.0}}, Vector{{0.3}}, Matrix{{1.0}}, InverseGaussian(1.0, 1.5));
  const RowMatrix x = law.rvs(5000, Seed{3});
  OnlineEM<NormalInverseGaussian> state(law.rescale_y(40.0), EWMAUpdate{.half_life = 500.0}, Key{0}, {.score = false});
  for (std::int64_t k = 0; k < steps; ++k) (void)state.update(RowView(x).slice(5 * (k % 1000), 5));
  EXPECT_NEAR(state.eta().E_Y(), 1.0, 1e-12);
  EXPECT_NEAR(state.model().subordinator().E_Y(), 1.0, 1e-12);
  EXPECT_TRUE(std::isfinite(state.state().gauge) && state.state().gauge > 0.0);
  EXPECT_NEAR(std::sqrt(state.model().cov()(0, 0) / law.cov()(0, 0)), 1.0, 0.25);
}

}  // namespace
}  // namespace varimix::tests
