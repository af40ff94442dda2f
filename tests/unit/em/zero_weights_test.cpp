#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/models.hpp"
#include "varimix/em/batch_em_fitter.hpp"

namespace varimix::tests {
namespace {

constexpr Index kWithoutWeight = 70;

/// Returns the status of a fit of rows of which one has no weight.
Status status_of(const RowMatrix& x) {
  std::vector<double> weights(static_cast<std::size_t>(x.rows()), 1.0);
  weights[kWithoutWeight] = 0.0;
  return BatchEMFitter({.max_iter = 3, .missing = Missing::kExact}).fit(tutorial_model(), x, weights).status;
}

TEST(RowsOfWeightZero, ShowNoColumn) {
  RowMatrix x = tutorial_model().rvs(200, Seed{1});
  x.col(1).setConstant(std::numeric_limits<double>::quiet_NaN());
  x(kWithoutWeight, 1) = 0.3;
  EXPECT_TRUE(status_of(x).has(StatusCode::kUnseenColumn));
  EXPECT_FALSE(status_of(x).has(StatusCode::kConstantColumn));
}

TEST(RowsOfWeightZero, DoNotVaryAConstantColumn) {
  RowMatrix x = tutorial_model().rvs(200, Seed{1});
  x.col(1).setConstant(0.5);
  x(kWithoutWeight, 1) = 0.3;
  EXPECT_TRUE(status_of(x).has(StatusCode::kConstantColumn));
}

}  // namespace
}  // namespace varimix::tests
