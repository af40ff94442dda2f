#include "risk/tail_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "support/univariate_laws.hpp"

namespace varimix::tests {
namespace {

TEST(TailTable, GivesTheQuantilesOfTheLaw) {
  for (const UnivariateLaw& law : some_laws()) {
    for (const double alpha : {0.05, 0.01, 1e-6}) {
      const TailTable table(law, alpha);
      std::vector<double> u;
      for (double log_u = -0.03; log_u > -20.0; log_u -= 0.83) u.push_back(alpha * std::exp(log_u));
      std::vector<double> exact(u.size());
      std::vector<double> found(u.size());
      ppf(law, u, exact);
      table.quantiles(u, found);
      const double end = ppf(law, alpha);
      for (std::size_t i = 0; i < u.size(); ++i) {
        const double error = std::abs(found[i] - exact[i]) / (end - exact[i]);
        EXPECT_LT(error, kTailTableError) << text_of(law, u[i]) << ", alpha = " << alpha;
      }
    }
  }
}

TEST(TailTable, OfALawNarrowerThanTheSpacingOfDoublesIsTheLaw) {
  const UnivariateLaw law{{-0.5, 1.0, 1.0}, -1.0, 0.0, 1e-20};
  const std::vector<double> u = {0.04, 1e-9};
  std::vector<double> found(2);
  TailTable(law, 0.05).quantiles(u, found);
  EXPECT_EQ(found, (std::vector<double>{-1.0, -1.0}));
}

}  // namespace
}  // namespace varimix::tests
