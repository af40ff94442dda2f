#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "support/bootstrap_states.hpp"
#include "support/models.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/inference/bootstrap_em.hpp"

namespace varimix::tests {
namespace {

using namespace bootstrap_states;

TEST(BootstrapErrors, AreTheSpreadOfTheReplicasAboutTheFit) {
  const Bootstrap state = learned({.replicas = 5});
  const auto functionals = default_functionals(state.fit().model());
  const StreamErrors errors = bootstrap_standard_errors(state, functionals);
  ASSERT_EQ(errors.replicas.rows(), 5);
  double squares = 0.0;
  for (Index b = 0; b < 5; ++b) {
    const auto model = state.replicas()[static_cast<std::size_t>(b)].model();
    EXPECT_DOUBLE_EQ(errors.replicas(b, 2), value_of(functionals[2], model));
    squares += std::pow(errors.replicas(b, 2) - errors.params(2), 2);
  }
  EXPECT_NEAR(errors.bse(2), std::sqrt(squares / 5.0), 1e-15);
  EXPECT_EQ(errors.rows, kRows);
  EXPECT_NEAR(errors.critical_value(0.05), 2.776445, 1e-6);  // Student's t of 4
  EXPECT_DOUBLE_EQ(relative_error_of_bse(5), 1.0 / std::sqrt(8.0));
}

/// Returns the refusal of percentile intervals of so many replicas.
std::string refusal_of(Index replicas, double alpha) {
  return refusal([&] { (void)percentile_intervals(Matrix::Zero(replicas, 1), alpha); });
}

// (39 + 1) 0.05 / 2 = 1, (40 + 1) 0.1 / 2 = 2.05, (999 + 1) 0.05 / 2 = 25: the ends are those in order.
TEST(BootstrapErrors, HavePercentileIntervals) {
  const auto ends = [](Index b, double alpha) {
    Matrix replicas(b, 2);
    for (Index i = 0; i < b; ++i) replicas.row(i) << static_cast<double>((i * 7) % b + 1), static_cast<double>(-i - 1);
    return percentile_intervals(replicas, alpha);
  };
  EXPECT_EQ(ends(39, 0.05), (Matrix{{1.0, 39.0}, {-39.0, -1.0}}));
  EXPECT_EQ(ends(40, 0.1), (Matrix{{2.0, 39.0}, {-39.0, -2.0}}));
  EXPECT_EQ(ends(999, 0.05), (Matrix{{25.0, 975.0}, {-975.0, -25.0}}));
  EXPECT_EQ(ends(19, 0.1), (Matrix{{1.0, 19.0}, {-19.0, -1.0}}));
}

TEST(BootstrapErrors, RefusePercentilesBeyondTheOutermostReplica) {
  EXPECT_EQ(refusal_of(39, 0.05), "");
  EXPECT_NE(refusal_of(38, 0.05).find("replicas must be at least 39"), std::string::npos);
  EXPECT_NE(refusal_of(0, 0.5).find("replicas must be at least 3"), std::string::npos);
  EXPECT_EQ(refusal_of(3, 0.5), "");
  EXPECT_NE(refusal_of(198, 0.01).find("at least 199"), std::string::npos);
  EXPECT_EQ(refusal_of(199, 0.01), "");
  EXPECT_NE(refusal_of(100, 0.0).find("alpha"), std::string::npos);
  EXPECT_NE(refusal_of(100, 1.0).find("alpha"), std::string::npos);
  EXPECT_NE(refusal_of(100, std::nan("")).find("alpha"), std::string::npos);
  EXPECT_NE(refusal([] { (void)percentile_intervals(Matrix::Constant(50, 1, std::nan("")), 0.1); }).find("finite"),
            std::string::npos);
}

TEST(BootstrapErrors, SayThatAnAverageIsNotConverged) {
  for (const auto& [rule, is_averaged] : {std::pair(UpdateRule(PolyakRuppertUpdate{}), true),
                                          std::pair(UpdateRule(PolyakAverage{.base = EWMAUpdate{}}), true),
                                          std::pair(UpdateRule(NaturalGradientUpdate{}), false)}) {
    Bootstrap state(start(rule), {.replicas = 2});
    learn(state, rows(), 100);
    const StreamErrors errors = bootstrap_standard_errors(state, default_functionals(state.fit().model()));
    EXPECT_EQ(errors.has(InferenceNote::kAveraged), is_averaged) << called(rule);
  }
}

TEST(BootstrapErrors, LeaveOutWhatAReplicaDoesNotHave) {
  const Bootstrap state = learned();
  const double sqrt_ab = state.replicas()[1].model().subordinator().lam();
  const Functional undefined = function_of_model("undefined", [&](const AnyMeanVarianceMixture& any) {
    const double here = std::get<NormalInverseGaussian>(any).subordinator().lam();
    return here == sqrt_ab ? std::nan("") : here;
  });
  auto functionals = default_functionals(state.fit().model());
  functionals.push_back(undefined);
  const StreamErrors errors = bootstrap_standard_errors(state, functionals);
  ASSERT_TRUE(errors.has(InferenceNote::kNotDefined));
  EXPECT_EQ(errors.notes.back().detail, "undefined: not finite in 1 of the replicas");
  EXPECT_EQ(errors.names.size(), functionals.size() - 1);
}

TEST(BootstrapErrors, AreRefusedBeforeAnythingIsLearned) {
  const auto functionals = default_functionals(tutorial_model());
  const Bootstrap fresh(start(), {});
  EXPECT_NE(refusal([&] { (void)bootstrap_standard_errors(fresh, functionals); }).find("a new one"), std::string::npos);
  Bootstrap one_row(start(), {.replicas = 20});
  (void)one_row.update(RowView(rows()).slice(0, 1));
  EXPECT_NE(refusal([&] { (void)bootstrap_standard_errors(one_row, functionals); }).find("drawn no row"),
            std::string::npos);
  EXPECT_THROW((void)bootstrap_standard_errors(learned(), {}), std::invalid_argument);
}

}  // namespace
}  // namespace varimix::tests
