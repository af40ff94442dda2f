#pragma once

#include <optional>
#include <tuple>

#include "varimix/core/members.hpp"

namespace varimix {

/// The largest stake lambda of an e-process, so that one day at most halves it.
inline constexpr double kLargestStake = 0.5;

/// The e-process M_t = prod (1 - lambda_s + lambda_s e_s) of an expected shortfall, as e_backtest has it: a mergeable
/// value of four numbers.
struct EProcess {
  double gains = 0.0;        ///< sum of e_s - 1
  double squares = 0.0;      ///< sum of its squares
  double log_last = 0.0;     ///< log M_t
  double log_largest = 0.0;  ///< log of sup M_t, M_0 = 1 included

  static constexpr auto kMembers =
      std::tuple(member("gains", &EProcess::gains), member("squares", &EProcess::squares),
                 member("log_last", &EProcess::log_last), member("log_largest", &EProcess::log_largest));

  /// Adds the next day, of which gain = e - 1 >= -1. The stake is adaptive where none in [0, kLargestStake] is given.
  void add(double gain, std::optional<double> stake = std::nullopt);
  /// Adds the days of `later`, which follow those here. With a fixed stake that is one pass over all. An adaptive stake
  /// of a day of `later` was chosen from the days of `later` alone: the product is an e-process still, as a stake may
  /// depend on the past in any way.
  void merge(const EProcess& later);
  /// Returns 1 / sup M_t, a p-value that is valid whenever one looks (Ville 1939).
  [[nodiscard]] double p_value() const noexcept;
  bool operator==(const EProcess&) const = default;
};

}  // namespace varimix
