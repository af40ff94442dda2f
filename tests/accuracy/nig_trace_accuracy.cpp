#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/models.hpp"
#include "support/paths.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/em/shrinkage_targets.hpp"

namespace varimix::tests {
namespace {

// tests/data/make_nig_trace.py works with 40 digits and prints 17, so that only the library's own rounding is left,
// amplified by the quotients of the M-step.
constexpr double kTraceError = 1e-10;
constexpr Index kBatch = 40;

/// Returns the rule with the settings of make_nig_trace.py.
UpdateRule rule_named(const std::string& name, const NormalInverseGaussian& init) {
  if (name == "ewma") return EWMAUpdate{.w = 0.25};
  if (name == "shrunk_robbins_monro") return Shrinkage{RobbinsMonroUpdate{10.0}, eta0_isotropic(init, 1.5), 0.5};
  return PolyakRuppertUpdate{.exponent = 0.6, .n0 = 16.0};
}

/// Returns a model's gauge-free numbers in the order of the table's columns.
std::array<double, 8> gauge_free(const NormalInverseGaussian& model) {
  const double y = model.subordinator().E_Y();
  const Vector gamma = y * model.gamma();
  const Matrix sigma = y * model.sigma();
  return {model.mu()(0), model.mu()(1), gamma(0),    gamma(1),
          sigma(0, 0),   sigma(1, 0),   sigma(1, 1), y * model.subordinator().E_inv_Y()};
}

TEST(NigTraceAccuracy, ThreeRulesMeetASecondImplementationBatchByBatch) {
  const RowMatrix rows = Table(data_file("nig_rows.csv")).values();
  const Table trace(data_file("nig_trace.csv"));
  const auto init = NormalInverseGaussian::default_init(rows);
  const std::array<std::string, 8> columns = {"mu_0",     "mu_1",     "gamma_0",  "gamma_1",
                                              "sigma_00", "sigma_01", "sigma_11", "y_inv_y"};
  std::size_t line = 0;
  for (const std::string rule : {"ewma", "shrunk_robbins_monro", "polyak_ruppert"}) {
    Worst worst(rule);
    OnlineEM<NormalInverseGaussian> state(init, rule_named(rule, init));
    for (Index batch = 0; batch <= rows.rows() / kBatch; ++batch, ++line) {
      ASSERT_EQ(trace.text(line, "rule"), rule);
      ASSERT_EQ(trace.text(line, "batch"), std::to_string(batch));
      if (batch > 0) (void)state.update(RowView(rows).slice((batch - 1) * kBatch, kBatch));
      const auto actual = gauge_free(state.model());
      for (std::size_t k = 0; k < columns.size(); ++k) {
        const double expected = trace.number(line, columns[k]);
        // Locations and skewness are of the size of a standard deviation, which is 1 here.
        worst.add(error_in(1.0, actual[k], expected), actual[k], expected,
                  [&] { return columns[k] + " after batch " + std::to_string(batch); });
      }
    }
    EXPECT_TRUE(worst.within(kTraceError));
  }
  EXPECT_EQ(line, trace.rows());
}

// The rows were drawn by the library, so that this test sees a change of its draws, which every user would see.
TEST(NigTraceAccuracy, TheRowsAreStillTheDrawsOfSeedEleven) {
  const RowMatrix stored = Table(data_file("nig_rows.csv")).values();
  EXPECT_TRUE(close_in_scale(tutorial_model().rvs(200, Seed{11}), stored, 1e-14, 1.0));
}

}  // namespace
}  // namespace varimix::tests
