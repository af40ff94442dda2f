#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "varimix/core/choice.hpp"
#include "varimix/em/update_rule.hpp"

namespace varimix {

/// The number of rows, by weight, or the time after which a row counts half.
struct HalfLife {
  enum class Unit { kRows, kTime };
  HalfLife(double of, Unit in = Unit::kRows) : length(of), unit(in) {}  // NOLINT(google-explicit-constructor)
  /// Returns a half-life of this length in units of the rows' times.
  [[nodiscard]] static HalfLife in_time(double length) { return {length, Unit::kTime}; }
  /// Returns the length in units of the rows' times; nothing if it counts rows.
  [[nodiscard]] std::optional<double> time() const {
    return unit == Unit::kTime ? std::optional(length) : std::nullopt;
  }
  /// Throws std::invalid_argument for a length that is not finite and > 0.
  void check(Index d) const;
  double length;
  Unit unit;
  static constexpr auto kMembers = std::tuple(member("length", &HalfLife::length), member("unit", &HalfLife::unit));
  bool operator==(const HalfLife&) const = default;
};
template <>
inline constexpr std::array<std::string_view, 2> kWords<HalfLife::Unit> = {"rows", "time"};

/// Exponential forgetting, eta_t = (1 - w) eta + w eta_hat, in one of three ways:
///   a share w in (0, 1] for every update (the default, 0.1);
///   a half-life of h rows: w = 1 - 2^(-m/h) for a batch of weight m;
///   a half-life of the time h: a row of age s counts 2^(-s/h). Let V be the weight remembered, e the time from the
///   last row learned before to the batch's last row, and m the batch's weight, the weight of each row decayed to the
///   batch's last row. Then
///     V = 2^(-e/h) V, w = m/(V + m), V = V + m,
///   which does not depend on how the rows were cut. The initial model counts as 2p rows at first, where
///   p = 1 + 2d + d(d+1)/2 is the number of parameters.
struct EWMAUpdate {
  std::optional<double> w = std::nullopt;
  std::optional<HalfLife> half_life = std::nullopt;
  std::optional<double> remembered = std::nullopt;  ///< state: V
  static constexpr const char* kName = "EWMAUpdate";
  static constexpr const char* kDoc =
      "eta_t = (1-w) eta + w eta_hat: exponential forgetting.\n\n"
      "Give either w in (0, 1], the share of every update (default 0.1), or half_life: in rows, w = 1 -\n"
      "2^(-m/half_life) for a batch of weight m; or in time, as a datetime.timedelta or pandas.Timedelta: a row\n"
      "of age s counts 2^(-s/half_life), whatever the gaps and batches, and every update needs its rows' times in\n"
      "seconds.";
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
