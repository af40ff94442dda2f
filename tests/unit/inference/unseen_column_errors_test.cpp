#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "support/models.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/inference/bootstrap_em.hpp"
#include "varimix/inference/standard_errors.hpp"
#include "varimix/inference/stream_errors.hpp"

namespace varimix::tests {
namespace {

constexpr Index kUnseen = 1;

/// Returns rows of a law whose column kUnseen no row shows.
RowMatrix blind_rows(const NormalInverseGaussian& law) {
  RowMatrix x = law.rvs(1000, Seed{3});
  x.col(kUnseen).setConstant(std::numeric_limits<double>::quiet_NaN());
  return x;
}

/// Returns what the notes say of why there are no errors.
std::string reason(const StandardErrors& errors) {
  EXPECT_FALSE(errors.has_errors());
  EXPECT_FALSE(errors.has(InferenceNote::kDispersionFloor));
  for (const InferenceNoteEntry& entry : errors.notes) {
    if (entry.note == InferenceNote::kUnseenColumn) return entry.detail;
  }
  return "";
}

const std::string kNamed = "column " + std::to_string(kUnseen);

TEST(UnseenColumnErrors, OfAStreamAreRefusedBecauseNoRowShowsTheColumn) {
  const NormalInverseGaussian law = tutorial_model();
  const RowMatrix x = blind_rows(law);
  OnlineEM<NormalInverseGaussian> state(law, EWMAUpdate{.w = 0.1}, Key{0}, {.missing = Missing::kExact});
  BootstrapEM<NormalInverseGaussian> replicas(state, {.replicas = 3});
  for (Index k = 0; k < 10; ++k) {
    (void)state.update(RowView(x).slice(100 * k, 100));
    (void)replicas.update(RowView(x).slice(100 * k, 100));
  }
  const std::vector<Functional> functionals = default_functionals(state.model());
  EXPECT_EQ(reason(ewma_standard_errors(state, functionals)), kNamed);
  EXPECT_EQ(reason(bootstrap_standard_errors(replicas, functionals)), kNamed);
}

TEST(UnseenColumnErrors, OfABatchFitAreRefusedBecauseNoRowShowsTheColumn) {
  const NormalInverseGaussian law = tutorial_model();
  const RowMatrix x = blind_rows(law);
  const StandardErrors errors = standard_errors(law, x, default_functionals(law), {.missing = Missing::kExact}, {});
  EXPECT_EQ(reason(errors), kNamed);
}

}  // namespace
}  // namespace varimix::tests
