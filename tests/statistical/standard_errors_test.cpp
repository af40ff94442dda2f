#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <vector>

#include "support/models.hpp"
#include "support/sanitizers.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/rules/update_rules.hpp"

namespace varimix::tests {
namespace {

constexpr int kRuns = kSanitized ? 2 : 400;
constexpr Index kRows = 10'240;
constexpr Index kBatch = 512;

// The ratio of a standard error to the standard deviation over 400 runs has itself a standard deviation of 3.5%. The
// mean over the parameters of each kind lies within 10% of 1; over other seeds one in a thousand such tests would fail.
TEST(StandardErrors, AfterOnePassAreTheStandardDeviationsOfTheEstimates) {
  for (const Index d : {2, 5}) {
    const NormalInverseGaussian truth = some_model(d, 21, 0.5);
    std::vector<Vector> estimates;
    Vector mean_error;
    std::vector<std::string> names;
    for (std::int64_t run = 0; run < kRuns; ++run) {
      const RowMatrix x = truth.rvs(kRows, Seed{7000 + run});
      OnlineEM<NormalInverseGaussian> state(NormalInverseGaussian::default_init(RowView(x).slice(0, kBatch)),
                                            NaturalGradientUpdate{}, Key{0}, {.score = false});
      for (Index first = 0; first < kRows; first += kBatch) (void)state.update(RowView(x).slice(first, kBatch));
      const ParameterCovariance result = state.cov_params();
      estimates.push_back(result.params);
      mean_error = run == 0 ? result.bse() : Vector(mean_error + result.bse());
      names = result.names;
    }
    mean_error /= kRuns;
    Vector mean = Vector::Zero(mean_error.size());
    for (const Vector& each : estimates) mean += each / kRuns;
    Vector square = Vector::Zero(mean_error.size());
    for (const Vector& each : estimates) square += (each - mean).cwiseAbs2() / (kRuns - 1);
    const Vector ratio = mean_error.cwiseQuotient(square.cwiseSqrt());
    std::cout << "d = " << d << ": standard errors over standard deviations from " << ratio.minCoeff() << " to "
              << ratio.maxCoeff() << "\n";
    if (kSanitized) GTEST_SKIP() << "two runs say nothing of a standard deviation";
    for (Index k = 0; k < ratio.size(); ++k) {
      EXPECT_GT(ratio(k), 0.9) << names[static_cast<std::size_t>(k)];
      EXPECT_LT(ratio(k), 1.1) << names[static_cast<std::size_t>(k)];
    }
  }
}

}  // namespace
}  // namespace varimix::tests
