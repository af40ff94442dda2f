// How often the test of a Gaussian rejects Gaussian rows, and rows of a mixture. VARIMIX_FULL prints the table of
// docs/gaussian_test.md.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iomanip>
#include <iostream>

#include "support/models.hpp"
#include "varimix/inference/gaussian_test.hpp"

namespace varimix::tests {
namespace {

constexpr double kLevel = 0.05;

/// The shares of data sets that are rejected: of all rows at once, of a stream, and of two streams that merge.
struct Rejections {
  double batch = 0.0, stream = 0.0, merged = 0.0;
};

GaussianTestStream streamed(const RowView& x) {
  constexpr Index kBatch = 100;
  auto stream = GaussianTestStream::of_dimension(x.columns());
  for (Index first = 0; first < x.rows(); first += kBatch) {
    stream.update(x.slice(first, std::min(kBatch, x.rows() - first)));
  }
  return stream;
}

bool is_rejected(const GaussianTest& test) { return test.p_value.value_or(1.0) <= kLevel; }

/// @param draw  returns the rows of data set number k.
template <class Draw>
Rejections rejections(int replicates, Draw&& draw) {
  Rejections count;
  for (int k = 0; k < replicates; ++k) {
    const RowMatrix x = draw(k);
    count.batch += is_rejected(gaussian_test(x)) ? 1.0 : 0.0;
    const GaussianTestStream whole = streamed(x);
    count.stream += is_rejected(gaussian_test(whole)) ? 1.0 : 0.0;
    const Index half = x.rows() / 2;
    GaussianTestStream parts = streamed(RowView(x).slice(0, half));
    parts.merge(streamed(RowView(x).slice(half, x.rows() - half)));
    count.merged += is_rejected(gaussian_test(parts)) ? 1.0 : 0.0;
  }
  return {count.batch / replicates, count.stream / replicates, count.merged / replicates};
}

Rejections of_gaussian(Index n, Index d, int replicates) {
  return rejections(replicates, [&](int k) { return gaussian_rows(n, d, 100'000 + k); });
}

// With 1000 replicates a size of 5% is seen outside of [.03, .07] once in 300 seeds; these are fixed.
TEST(GaussianTestSizes, AreFivePercent) {
  constexpr int kReplicates = 1000;
  for (const Index d : {1, 2}) {
    const Rejections size = of_gaussian(500, d, kReplicates);
    for (const double share : {size.batch, size.stream}) {
      EXPECT_GE(share, 0.03) << d;
      EXPECT_LE(share, 0.07) << d;
    }
  }
}

// The mixture is skewed, of tail weight .1.
TEST(GaussianTestSizes, AMixtureIsRejected) {
  const NormalInverseGaussian law = some_model(2, 3, 0.1);
  const Rejections power = rejections(100, [&](int k) { return law.rvs(1000, Seed{k}); });
  EXPECT_GE(power.batch, 0.95);
  EXPECT_GE(power.stream, 0.95);
  EXPECT_GE(power.merged, 0.95);
}

TEST(GaussianTestSizes, OfTheTableAreInItsBounds) {
  if (std::getenv("VARIMIX_FULL") == nullptr) GTEST_SKIP() << "takes minutes: set VARIMIX_FULL";
  constexpr int kReplicates = 5000;  // a standard error of .003
  std::cout << std::fixed << std::setprecision(3) << "| n | d | all rows | stream | two streams merged |\n";
  for (const Index n : {500, 2000}) {
    for (const Index d : {1, 2, 5, 10}) {
      const Rejections size = of_gaussian(n, d, kReplicates);
      std::cout << "| " << n << " | " << d << " | " << size.batch << " | " << size.stream << " | " << size.merged
                << " |" << std::endl;
      EXPECT_LE(size.batch, 0.07);
      EXPECT_GE(size.stream, 0.03);
      EXPECT_LE(size.stream, 0.07);
    }
  }
}

}  // namespace
}  // namespace varimix::tests
