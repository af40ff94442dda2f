#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>

#include "support/families.hpp"
#include "support/hostile_data.hpp"
#include "varimix/inference/goodness_of_fit.hpp"
#include "varimix/inference/likelihood_ratio.hpp"
#include "varimix/inference/symmetry_test.hpp"
#include "varimix/inference/vuong_test.hpp"

namespace varimix::tests {
namespace {

std::int64_t data_sets() { return std::getenv("VARIMIX_FULL") != nullptr ? 1000 : 100; }

/// Runs a test on every hostile data set: it gives finite numbers, or says with a reason why it does not.
/// @param least  the least number of data sets on which there is an answer.
void expect_answers_or_refusals(std::int64_t least, const std::function<void(const RowMatrix&)>& test) {
  std::int64_t answers = 0;
  for (std::int64_t k = 0; k < data_sets(); ++k) {
    const HostileRows rows = HostileGenerator(k).draw();
    const std::string what = "data set " + std::to_string(k) + ": " + rows.what;
    SCOPED_TRACE(what);
    try {
      test(rows.x);
      ++answers;
    } catch (const std::invalid_argument& refusal) {
      EXPECT_NE(std::string(refusal.what()).find(" must be "), std::string::npos) << refusal.what();
    }
  }
  EXPECT_GE(answers, least);
}

bool is_probability(double p) { return p >= 0.0 && p <= 1.0; }

void expect_finite(const LikelihoodRatio& test) {
  EXPECT_TRUE(std::isfinite(test.statistic) && test.statistic >= 0.0);
  EXPECT_TRUE(is_probability(test.p_value));
}

template <class S>
class HostileFitTests : public ::testing::Test {};
TYPED_TEST_SUITE(HostileFitTests, Families, FamilyNames);

TYPED_TEST(HostileFitTests, OfSymmetryAnswerOrRefuse) {
  expect_answers_or_refusals(
      1, [](const RowMatrix& x) { expect_finite(symmetry_test<TypeParam>(x, {.max_iter = 100}).test); });
}

TYPED_TEST(HostileFitTests, InAGeneralizedHyperbolicAnswerOrRefuse) {
  const std::int64_t least = std::same_as<TypeParam, GeneralizedInverseGaussian> ? 0 : 1;  // a law is not within itself
  expect_answers_or_refusals(least, [](const RowMatrix& x) {
    const BatchEMOptions options{.max_iter = 100};
    expect_finite(
        likelihood_ratio(MeanVarianceMixture<TypeParam>::fit(x, options), GeneralizedHyperbolic::fit(x, options)));
  });
}

TYPED_TEST(HostileFitTests, OfGoodnessAnswerOrRefuse) {
  expect_answers_or_refusals(50, [](const RowMatrix& x) {
    const BatchEMOptions options{.max_iter = 30};
    const auto fit = MeanVarianceMixture<TypeParam>::fit(x, options);
    const GoodnessOfFit test = goodness_of_fit(fit.model, x, {.replicates = 3, .fit = options});
    EXPECT_TRUE(test.statistics.allFinite());
    EXPECT_TRUE(is_probability(*test.p_value));
    for (const double p : test.p_values) EXPECT_TRUE(is_probability(p));
    EXPECT_LE(test.failed_refits + test.unconverged_refits, 3);
  });
}

TYPED_TEST(HostileFitTests, OfVuongAnswerOrRefuse) {
  expect_answers_or_refusals(50, [](const RowMatrix& x) {
    const BatchEMOptions options{.max_iter = 30};
    const Vector a = MeanVarianceMixture<TypeParam>::fit(x, options).model.log_prob(x);
    const Vector b = VarianceGamma::default_init(x).log_prob(x);
    const auto n = static_cast<std::size_t>(x.rows());
    const VuongTest test = vuong_test({a.data(), n}, {b.data(), n});
    EXPECT_TRUE(std::isfinite(test.statistic) && std::isfinite(test.mean) && std::isfinite(test.variance));
    EXPECT_TRUE(is_probability(test.p_value));
  });
}

}  // namespace
}  // namespace varimix::tests
