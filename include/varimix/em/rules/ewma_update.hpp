#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "varimix/core/choice.hpp"
#include "varimix/em/update_rule.hpp"

namespace varimix {

/// After how many rows, by weight, or after how much time a row counts half.
struct HalfLife {
  enum class Unit { kRows, kTime };
  HalfLife(double of, Unit in = Unit::kRows) : length(of), unit(in) {}  // NOLINT(google-explicit-constructor)
  /// In units of the rows' times.
  [[nodiscard]] static HalfLife in_time(double length) { return {length, Unit::kTime}; }
  /// Throws std::invalid_argument for a length that is not finite and > 0.
  void check(Index d) const;
  double length;
  Unit unit;
  static constexpr auto kMembers = std::tuple(member("length", &HalfLife::length), member("unit", &HalfLife::unit));
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
  std::optional<double> remembered = std::nullopt;  ///< state: V
  static constexpr const char* kName = "EWMAUpdate";
  static constexpr const char* kDoc =
      "eta_t = (1-w) eta + w eta_hat: exponential forgetting.\n\n"
      "Either w in (0, 1] an update (default 0.1); or a half-life in rows, w = 1 - 2^(-m/half_life); or, as a\n"
      "datetime.timedelta or pandas.Timedelta, in time: a row of age s counts 2^(-s/half_life), whatever the gaps and\n"
      "batches, and every update needs its rows' times in seconds.";
  static constexpr auto kMembers =
      std::tuple(setting("w", &EWMAUpdate::w, kZeroToOne), setting("half_life", &EWMAUpdate::half_life),
                 state("remembered", &EWMAUpdate::remembered, kNotNegative));
  static constexpr double kDefaultW = 0.1;
  bool operator==(const EWMAUpdate&) const = default;
  struct Hooks;
};

struct EWMAUpdate::Hooks : RuleHooks<EWMAUpdate> {
  explicit Hooks(EWMAUpdate rule);
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) override;
  [[nodiscard]] std::optional<double> time_half_life() const override;
  void check(Index d) const override;
};

}  // namespace varimix
