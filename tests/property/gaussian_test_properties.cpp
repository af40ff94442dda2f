// The test of a Gaussian does not know the coordinates of its rows, and answers whatever it is given.

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "support/hostile_data.hpp"
#include "support/models.hpp"
#include "support/properties.hpp"
#include "varimix/inference/gaussian_test.hpp"

namespace varimix::tests {
namespace {

GaussianTest streamed(const RowMatrix& x, Index batch) {
  auto stream = GaussianTestStream::of_dimension(x.cols());
  for (Index first = 0; first < x.rows(); first += batch) {
    stream.update(RowView(x).slice(first, std::min(batch, x.rows() - first)));
  }
  return gaussian_test(stream);
}

/// Fails the property unless both tests say the same.
void hold_same_test(const GaussianTest& a, const GaussianTest& b, double tolerance) {
  const auto close = [tolerance](double left, double right) {
    return std::abs(left - right) <= tolerance * std::max(1.0, std::abs(right));
  };
  RC_ASSERT(a.status == b.status);
  RC_ASSERT(a.n == b.n);
  RC_ASSERT(close(a.kurtosis_z, b.kurtosis_z));
  RC_ASSERT(close(a.skewness_chi2, b.skewness_chi2));
  RC_ASSERT(close(a.log_p_value.value(), b.log_p_value.value()));
}

TEST(GaussianTestProperty, IsTheSameAfterALinearMapAndAShift) {
  check_property([] {
    const Index d = *rc::gen::inRange<Index>(1, 6);
    const std::int64_t seed = any_seed();
    const RowMatrix x = some_model(d, seed, 0.2).rvs(400, Seed{seed});
    // A reflection by a random vector mixes all columns.
    const Vector v = gaussian_rows(1, d, seed + 5).transpose().normalized();
    const Matrix map = some_factor(d, seed + 3) * (Matrix::Identity(d, d) - 2.0 * v * v.transpose());
    const RowMatrix y = transformed(x, map, 10.0 * gaussian_rows(1, d, seed + 4).transpose());
    hold_same_test(gaussian_test(y), gaussian_test(x), 1e-9);
    hold_same_test(streamed(y, 90), streamed(x, 90), 1e-7);
  });
}

TEST(GaussianTestProperty, DoesNotDependOnTheOrderOfTheRows) {
  check_property([] {
    const RowMatrix x = some_model(3, any_seed(), 0.2).rvs(300, Seed{any_seed()});
    const RowMatrix reversed = x.colwise().reverse();
    hold_same_test(gaussian_test(reversed), gaussian_test(x), 1e-10);
  });
}

bool is_sound(const GaussianTest& test) {
  const bool is_tested = test.status == GaussianTestStatus::kTested;
  if (is_tested != test.p_value.has_value() || is_tested != test.log_p_value.has_value()) return false;
  if (!std::isfinite(test.kurtosis_z) || !std::isfinite(test.skewness_chi2) || !std::isfinite(test.statistic)) {
    return false;
  }
  if (!is_tested) return test.statistic == 0.0 && test.n == 0;
  return test.statistic >= 0.0 && *test.p_value >= 0.0 && *test.p_value <= 1.0 && std::isfinite(*test.log_p_value);
}

TEST(GaussianTestProperty, AThousandHostileDataSetsHaveASoundTest) {
  for (std::int64_t k = 0; k < 1000; ++k) {
    HostileRows rows = HostileGenerator(k).draw();
    EXPECT_TRUE(is_sound(gaussian_test(rows.x))) << k << ": " << rows.what;
    const RowMatrix thrice = rows.x.replicate(3, 1);  // enough rows for a stream to test some
    EXPECT_TRUE(is_sound(streamed(thrice, 1 + k % 40))) << k << ": " << rows.what;
  }
}

}  // namespace
}  // namespace varimix::tests
