#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "varimix/core/choice.hpp"
#include "varimix/em/averaging_rules.hpp"
#include "varimix/em/block_incremental_update.hpp"
#include "varimix/em/shrinkage.hpp"
#include "varimix/em/update_rule.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// eta_t = eta_hat: no memory. On batches that hold all rows this is batch EM.
struct IdentityUpdate {
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) const;
  [[nodiscard]] static std::string name() { return "IdentityUpdate"; }
  bool operator==(const IdentityUpdate&) const = default;
};

/// eta_t = (1 - c) eta + c eta_hat with c = (tau0 + t)^(-exponent), t = 0, 1, 2, ... updates (Robbins and Monro 1951;
/// Cappe and Moulines 2009, eq. 7). tau0 >= 1, because no step may exceed 1, and exponent in (1/2, 1].
/// With exponent 1 it is root-n consistent only if less than half of the information is missing, which fails for heavy
/// tails at small d; with a smaller one only its average (PolyakAverage) is efficient.
struct RobbinsMonroUpdate {
  double tau0 = 10.0;
  double exponent = 1.0;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) const;
  void check(Index d) const;
  [[nodiscard]] static std::string name() { return "RobbinsMonroUpdate"; }
  bool operator==(const RobbinsMonroUpdate&) const = default;
};

/// eta_t = n/(n+m) eta + m/(n+m) eta_hat: n rows learned before, by weight, and n0 that the initial model counts as; m in
/// this batch. With n0 = 0 the first batch replaces the initial statistics. States of this rule merge.
struct SampleWeightedUpdate {
  double n0 = 0.0;  ///< rows, finite and >= 0
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) const;
  static void merge(const SampleWeightedUpdate& other, const SampleWeightedUpdate* ancestor,
                    const CombineStatistics& combine);
  [[nodiscard]] double initial_weight() const { return n0; }
  void check(Index d) const;
  [[nodiscard]] static std::string name() { return "SampleWeightedUpdate"; }
  bool operator==(const SampleWeightedUpdate&) const = default;
};

/// After how many rows, by weight, or after how much time a row counts half.
struct HalfLife {
  enum class Unit { kRows, kTime };
  HalfLife(double rows) : length(rows) {}  // NOLINT(google-explicit-constructor): {.half_life = 500.0}
  /// In units of the rows' times.
  [[nodiscard]] static HalfLife in_time(double length) {
    HalfLife half_life(length);
    half_life.unit = Unit::kTime;
    return half_life;
  }
  double length;  ///< finite, > 0
  Unit unit = Unit::kRows;
  bool operator==(const HalfLife&) const = default;
};
template <>
inline constexpr std::array<std::string_view, 2> kWords<HalfLife::Unit> = {"rows", "time"};

/// eta_t = (1 - w) eta + w eta_hat, exponential forgetting, in one of three ways:
///   w in (0, 1] an update (the default, 0.1);
///   a half-life of h rows: w = 1 - 2^(-m/h) for a batch of weight m;
///   a half-life of the time h: a row of age s counts 2^(-s/h). With V the weight remembered, e the
///   time since the last row before, and m the batch's weight, each row's decayed to the batch's last row:
///     V = 2^(-e/h) V, w = m/(V + m), V = V + m,
///   which does not depend on how the rows were cut. The initial model counts as 2p rows at first (p parameters).
struct EWMAUpdate {
  std::optional<double> w = std::nullopt;
  std::optional<HalfLife> half_life = std::nullopt;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info);
  [[nodiscard]] std::optional<double> time_half_life() const;
  void check(Index d) const;
  [[nodiscard]] bool same_settings(const EWMAUpdate& other) const;
  [[nodiscard]] static std::string name() { return "EWMAUpdate"; }
  bool operator==(const EWMAUpdate&) const = default;
  static constexpr double kDefaultW = 0.1;
  std::optional<double> remembered = std::nullopt;  ///< state: V
};

/// eta_t = a + b eta + c eta_hat in the uncentred fields; a is an eta or nothing. Unless b + c = 1 and a is nothing
/// the result may be infeasible; then the fit takes the step half-way and says so in its status. The status also says
/// so if a is nothing and b + c is not 1.
struct AffineUpdate {
  std::optional<Eta> a = std::nullopt;
  double b = 0.0;
  double c = 1.0;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) const;
  void rescale_y(double s);
  [[nodiscard]] bool weights_sum_to_one() const;
  void check(Index d) const;
  [[nodiscard]] bool same_settings(const AffineUpdate& other) const;
  [[nodiscard]] static std::string name() { return "AffineUpdate"; }
  bool operator==(const AffineUpdate&) const = default;
};

/// The default rule: averaged stochastic approximation that counts rows, not batches (Polyak and Juditsky 1992).
/// With n0 = (d+1)^2 rows unless given, N rows learned and W = n0^(1-e) (N + n0)^e, e = exponent, a batch of m rows is
/// taken in ceil(2m/W) equal parts of m' rows; for each part
///   c = min(1, m'/W), running = (1-c) running + c eta_hat, N += m', o = 2m'/(N + m'),
///   reported = (1-o) reported + o running.
/// The running eta drives the E-steps; the average is what users see. All steps are convex: always feasible.
/// How far below the maximum likelihood it ends, in statistical errors p/(2n) nats, p = 1 + 2d + d(d+1)/2: means of 12
/// NIG data sets of 20,480 rows, mu_ig = 1, in batches of 512 (./scripts/bench default_rule):
///                                          one pass, d = 1     2     5    20    ten passes, d = 1      2      5     20
///   heavy tails (lam = 0.5)                          0.37  0.26  0.22  0.16                 0.008  0.003  0.001  0.000
///   moderate tails (lam = 1.5)                       1.9   0.31  0.21  0.16                 0.010  0.002  0.001  0.000
///   near Gaussian (lam = 20)                         0.66  0.86  1.4                        0.25   0.23   0.57
///   extreme skew (gamma = 10)                       30    23    13                          5.5    4.8    2.7
/// Where that is too far take more passes, or BatchEMFitter. docs/adr/004-default-rule.md has the reasons.
struct PolyakRuppertUpdate {
  double exponent = 0.55;                   ///< in (1/2, 1]
  std::optional<double> n0 = std::nullopt;  ///< > 0 rows
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info);
  [[nodiscard]] Eta report(const Eta& running) const;
  [[nodiscard]] std::int64_t parts(const StepInfo& info, Index d) const;
  void rescale_y(double s);
  /// The running statistics and the average of two states, each by its weight: the rows of both then count alike, as they
  /// do along one stream, but this is not what one stream would have given.
  void merge(const PolyakRuppertUpdate& other, const PolyakRuppertUpdate* ancestor, const CombineStatistics& combine);
  void check(Index d) const;
  [[nodiscard]] bool same_settings(const PolyakRuppertUpdate& other) const;
  [[nodiscard]] static std::string name() { return "PolyakRuppertUpdate"; }
  bool operator==(const PolyakRuppertUpdate&) const = default;
  std::optional<Eta> reported = std::nullopt;  ///< state: the average so far
};

/// A list of types of rules.
template <class... Rules>
struct RuleList {
  /// Calls visit.template operator()<Rule>() for each in turn until one gives true; whether one did.
  template <class Visit>
  static bool any_of(Visit&& visit) {
    return (visit.template operator()<Rules>() || ...);
  }
};

/// The rules of varimix, each once: bindings, checkpoints and tests go through this list.
using UpdateRules = RuleList<IdentityUpdate, RobbinsMonroUpdate, SampleWeightedUpdate, EWMAUpdate, AffineUpdate,
                             Shrinkage, PolyakRuppertUpdate, PolyakAverage, BlockIncrementalUpdate>;

}  // namespace varimix
