#include "univariate/near_quantile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/close.hpp"
#include "support/univariate_laws.hpp"
#include "univariate/tail_quantile.hpp"

namespace varimix::tests {
namespace {

TEST(NearQuantile, IsTheQuantileOfTheBracketingRootFinder) {
  constexpr double kTolerance = 1e-13;
  Worst worst("quantiles by secants");
  for (const UnivariateLaw& law : some_laws()) {
    const PreparedLaw prepared(law);
    for (const double alpha : {1e-300, 1e-100, 1e-12, 1e-6, 1e-3, 0.01, 0.05, 0.3, 0.5, 0.8}) {
      const double expected = quantile_of(prepared, alpha, Tail::kLower);
      const double actual = near_quantile(prepared, alpha);
      const double scale = std::max(std::abs(expected - law.mu), prepared.scale());
      worst.add(error_in(scale, actual, expected), actual, expected, [&] { return text_of(law, expected); });
    }
  }
  EXPECT_TRUE(worst.within(kTolerance));
}

}  // namespace
}  // namespace varimix::tests
