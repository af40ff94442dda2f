#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/csv.hpp"
#include "support/families.hpp"
#include "support/hostile.hpp"
#include "support/paths.hpp"
#include "varimix/em/batch_em_fitter.hpp"

namespace varimix::tests {
namespace {

/// Returns the path of a data set. Those that are not ours to ship lie beside the project; without them tests are
/// skipped.
std::filesystem::path reference_data(const std::string& name) {
  return source_dir() / ".." / "shared" / "reference" / "data" / name;
}

template <class S>
class StressSets : public ::testing::Test {
 protected:
  /// Returns the named column of a file, or no rows where there is no such file.
  static RowMatrix column(const std::string& file, const std::string& name) {
    if (!std::filesystem::exists(reference_data(file))) return {};
    const Table table(reference_data(file));
    RowMatrix x(static_cast<Index>(table.rows()), 1);
    for (Index i = 0; i < x.rows(); ++i) x(i, 0) = table.number(static_cast<std::size_t>(i), name);
    return x;
  }

  /// Expects that every rule and the batch fitter end in a sound model.
  static void expect_fits_are_sound(const RowMatrix& x) {
    for (const auto& rule : rules_and_worse<S>()) {
      expect_sound(fit(x, rule, {.batch_size = 100, .max_steps = 150, .verbose = 1}), rule.name);
    }
    const auto init = MeanVarianceMixture<S>::default_init(x);
    for (const Acceleration acceleration : {Acceleration::kAnderson, Acceleration::kNone}) {
      const auto result = BatchEMFitter({.acceleration = acceleration}).fit(init, x);
      expect_sound(result, std::string(word(acceleration)));
      EXPECT_GE(result.log_likelihoods.back(), result.log_likelihoods.front()) << word(acceleration);
      EXPECT_TRUE(std::is_sorted(result.log_likelihoods.begin(), result.log_likelihoods.end())) << word(acceleration);
    }
  }
};
TYPED_TEST_SUITE(StressSets, Families, FamilyNames);

// 1424 of the 1647 returns of NOK/EUR are ties.
TYPED_TEST(StressSets, ReturnsThatAreMostlyTiesEndInASoundModel) {
  const RowMatrix x = this->column("SkewHyperbolic_lrnokeur.csv", "x");
  if (x.rows() == 0) GTEST_SKIP() << "no " << reference_data("SkewHyperbolic_lrnokeur.csv");
  this->expect_fits_are_sound(x);
}

// The maximum of the VarianceGamma's likelihood sits on a datum.
TYPED_TEST(StressSets, ReturnsWhoseMaximumSitsOnADatumEndInASoundModel) {
  const RowMatrix x = this->column("ghyp_smi_stocks.csv", "SMI");
  if (x.rows() == 0) GTEST_SKIP() << "no " << reference_data("ghyp_smi_stocks.csv");
  this->expect_fits_are_sound(x);
}

TEST(StressSetsOfTheVarianceGamma, ALeastAlphaOfABoundedDensityIsKept) {
  const auto path = reference_data("SkewHyperbolic_lrnokeur.csv");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  const RowMatrix x = Table(path).values().rightCols(1);
  const auto result = BatchEMFitter({.alpha_min = AlphaMin::kDensity}).fit(VarianceGamma::default_init(x), x);
  expect_sound(result, "alpha_min = density");
  constexpr double kBounded = 0.5 + 0.1;  // d/2 + 0.1
  EXPECT_GE(result.model.subordinator().alpha(), kBounded) << result.model;
}

}  // namespace
}  // namespace varimix::tests
