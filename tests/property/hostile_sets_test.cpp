#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string>

#include "support/families.hpp"
#include "support/hostile.hpp"
#include "support/hostile_data.hpp"
#include "varimix/em/batch_em_fitter.hpp"

namespace varimix::tests {
namespace {

/// Returns the number of data sets: a thousand, or a tenth of them in builds with assertions, which take long, unless
/// VARIMIX_FULL is set.
std::int64_t data_sets() {
  constexpr std::int64_t kAll = 1000;
#ifdef NDEBUG
  return kAll;
#else
  return std::getenv("VARIMIX_FULL") != nullptr ? kAll : kAll / 10;
#endif
}

/// Returns whether the log densities of rows are numbers, as +inf at a mode and -inf out of range are.
template <Subordinator S>
bool is_defined_on(const MeanVarianceMixture<S>& model, const RowMatrix& x) {
  return !model.log_prob(x).array().isNaN().any();
}

/// Expects that `run` ends in a sound model on every data set, without an exception, because the rows are finite.
template <Subordinator S, class Fit>
void expect_all_sound(Fit&& run) {
  for (std::int64_t k = 0; k < data_sets() && !::testing::Test::HasFailure(); ++k) {
    const HostileRows rows = HostileGenerator(k).draw();
    ASSERT_TRUE(rows.x.allFinite()) << rows.what;
    const std::string what = "data set " + std::to_string(k) + ": " + rows.what;
    try {
      const EMResult<MeanVarianceMixture<S>> result = run(rows.x, k);
      expect_sound(result, what);
      EXPECT_TRUE(is_defined_on(result.model, rows.x)) << what << "\n" << result.model << "\n" << result.status;
    } catch (const std::exception& error) {
      ADD_FAILURE() << what << ": " << error.what();
    }
  }
}

template <class S>
class HostileSets : public ::testing::Test {};
TYPED_TEST_SUITE(HostileSets, Families, FamilyNames);

TYPED_TEST(HostileSets, AThousandEndInASoundModelByTheIncrementalFitter) {
  const auto rules = rules_and_worse<TypeParam>();
  expect_all_sound<TypeParam>([&](const RowMatrix& x, std::int64_t k) {
    const auto& rule = rules[static_cast<std::size_t>(k) % rules.size()];
    const bool moves_model = rule.make(MeanVarianceMixture<TypeParam>::default_init(x)).moves_model();
    const int inner_iter = k % 7 == 0 && !moves_model ? 2 : 1;
    return fit(x, rule, {.batch_size = 1 + k % 30, .max_steps = 25, .inner_iter = inner_iter, .verbose = 1});
  });
}

TYPED_TEST(HostileSets, AThousandEndInASoundModelByTheBatchFitter) {
  expect_all_sound<TypeParam>([](const RowMatrix& x, std::int64_t k) {
    const auto init = MeanVarianceMixture<TypeParam>::default_init(x);
    const BatchEMFitter fitter(
        {.max_iter = 60, .acceleration = k % 3 == 0 ? Acceleration::kNone : Acceleration::kAnderson});
    return fitter.fit(init, x);
  });
}

}  // namespace
}  // namespace varimix::tests
