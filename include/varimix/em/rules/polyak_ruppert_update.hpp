#pragma once

#include <cstdint>
#include <optional>

#include "varimix/em/update_rule.hpp"

namespace varimix {

/// Averaged stochastic approximation that counts rows, not batches (Polyak and Juditsky 1992). Its eta is a mean
/// over the rows. An OnlineEM of a model that natural-gradient steps cannot move has it by default.
/// Let n0 = (d+1)^2 rows unless given, N the rows learned, e the exponent, and W = n0^(1-e) (N + n0)^e. A batch of m
/// rows is taken in ceil(2m/W) equal parts of m' rows; for each part
///   c = min(1, m'/W), running = (1-c) running + c eta_hat, N += m', o = 2m'/(N + m'),
///   reported = (1-o) reported + o running.
/// The running eta drives the E-steps; users see the average. All steps are convex, so they are always feasible.
/// The table says how far below the maximum likelihood a fit ends, in statistical errors of p/(2n) nats,
/// p = 1 + 2d + d(d+1)/2. Its entries are means over 12 NIG data sets of n = 20,480 rows, mu_ig = 1, in batches of 512
/// (./scripts/bench polyak_ruppert):
///                                          one pass, d = 1     2     5    20    ten passes, d = 1      2      5     20
///   heavy tails (lam = 0.5)                          0.37  0.26  0.22  0.16                 0.008  0.003  0.001  0.000
///   moderate tails (lam = 1.5)                       1.9   0.31  0.21  0.16                 0.010  0.002  0.001  0.000
///   near Gaussian (lam = 20)                         0.66  0.86  1.4                        0.25   0.23   0.57
///   extreme skew (gamma = 10)                       30    23    13                          5.5    4.8    2.7
/// NaturalGradientUpdate, the default, ends nearer after one pass (docs/one_pass.md). docs/adr/004-default-rule.md
/// gives the reasons for the constants.
struct PolyakRuppertUpdate {
  double exponent = 0.55;                      ///< in (1/2, 1]
  std::optional<double> n0 = std::nullopt;     ///< rows, > 0
  std::optional<Eta> reported = std::nullopt;  ///< state: the average so far
  static constexpr const char* kName = "PolyakRuppertUpdate";
  static constexpr const char* kDoc =
      "Averaged stochastic approximation that counts rows, not batches.\n\n"
      "With N rows learned, n0 = (d+1)^2 rows and W = n0^(1-exponent) (N + n0)^exponent, a batch of m rows is taken\n"
      "in ceil(2m/W) parts of m' rows, each with step m'/W; users see a running average. If tails are heavy, one pass\n"
      "ends within half a statistical error p/(2n) of the maximum likelihood (p parameters, n rows). It has weak\n"
      "spots, given here in those errors after one pass of 20,480 rows and after ten: one column with moderate tails\n"
      "1.9 and 0.01, near the Gaussian limit 0.7 to 1.4 and 0.2 to 0.6, extreme skewness 13 to 30 and 3 to 6.\n"
      "NaturalGradientUpdate, the default, ends nearer.";
  static constexpr auto kMembers =
      std::tuple(setting("exponent", &PolyakRuppertUpdate::exponent, kHalfToOne),
                 setting("n0", &PolyakRuppertUpdate::n0, kPositive), state("reported", &PolyakRuppertUpdate::reported));
  bool operator==(const PolyakRuppertUpdate&) const = default;
  struct Hooks;
};

/// A merge of two states merges their running statistics, and their averages, by weight. The rows of both then count
/// alike, as they do along one stream, but the result is not the one that a single stream would have given.
struct PolyakRuppertUpdate::Hooks : RuleHooks<PolyakRuppertUpdate> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) override;
  [[nodiscard]] Eta report(const Eta& running) const override { return reported.value_or(running); }
  [[nodiscard]] std::int64_t parts(const StepInfo& info, Index d) const override;
  [[nodiscard]] bool can_merge() const override { return true; }

 protected:
  void merge(const PolyakRuppertUpdate& other, const PolyakRuppertUpdate* ancestor,
             const CombineStatistics& combine) override;
};

}  // namespace varimix
