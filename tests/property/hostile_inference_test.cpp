// Standard errors of fits to hostile rows: a finite answer, a named reason, or a refusal of the arguments.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include "support/hostile_data.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/inference/standard_errors.hpp"

namespace varimix::tests {
namespace {

constexpr std::int64_t kSets = 60;  // of each family, and ten times as many if VARIMIX_FULL is set
constexpr std::int64_t kFirstSeed = 40'000;

std::int64_t sets() { return std::getenv("VARIMIX_FULL") != nullptr ? 10 * kSets : kSets; }

void expect_sound(const StandardErrors& found, const std::string& what) {
  EXPECT_TRUE(found.params.allFinite()) << what;
  EXPECT_TRUE(found.bse.allFinite()) << what;
  EXPECT_TRUE(found.bse.size() == 0 || found.bse.minCoeff() >= 0.0) << what;
  EXPECT_TRUE(found.has_errors() || !found.notes.empty()) << what;
  EXPECT_TRUE(!found.cov_params || found.cov_params->allFinite()) << what;
  EXPECT_FALSE(found.has_errors() && found.conf_int().hasNaN()) << what;  // a logarithm's may end at inf
}

template <Subordinator S>
void expect_sound_errors(std::int64_t seed) {
  const HostileRows rows = HostileGenerator(seed).draw();
  const std::string what = std::string(kFamilyName<S>) + ", seed " + std::to_string(seed) + ": " + rows.what;
  const auto fitted = varimix::fit<S>(std::nullopt, rows.x, {.max_iter = 100}).model;
  std::vector<Functional> functionals = default_functionals(fitted);
  const Vector w = Vector::Ones(fitted.d());
  functionals.push_back(cdf_of("cdf", w, 0.0));
  for (const CovType type : {CovType::kNonrobust, CovType::kOpg, CovType::kRobust, CovType::kHac}) {
    InferenceOptions options{.cov_type = type};
    options.cosines = 1;
    try {
      expect_sound(standard_errors(fitted, rows.x, functionals, options), what);
    } catch (const std::invalid_argument& refusal) {
      EXPECT_NE(std::string(refusal.what()).find(" must be "), std::string::npos) << what << ": " << refusal.what();
    }
  }
}

TEST(HostileInference, IsFiniteOrNamed) {
  for (std::int64_t seed = kFirstSeed; seed < kFirstSeed + sets(); ++seed) {
    expect_sound_errors<InverseGaussian>(seed);
    expect_sound_errors<Gamma>(seed);
    expect_sound_errors<InverseGamma>(seed);
    expect_sound_errors<GeneralizedInverseGaussian>(seed);
  }
}

}  // namespace
}  // namespace varimix::tests
