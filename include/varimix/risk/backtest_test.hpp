#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "varimix/core/choice.hpp"

namespace varimix {

/// Whether a test of a backtest has a verdict.
enum class BacktestStatus {
  kTested,        ///< statistic and p-value are there
  kNotTestable,   ///< the days cannot tell: the statistic is 0, and there is no p-value
  kNotSimulated,  ///< the statistic is there; its p-value takes the law of each day, which was not given
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<BacktestStatus> = {"tested", "not_testable", "not_simulated"};

/// The outcome of one test: finite in every case.
struct BacktestTest {
  BacktestStatus status = BacktestStatus::kNotTestable;
  double statistic = 0.0;
  std::optional<double> p_value = std::nullopt;
  bool operator==(const BacktestTest&) const = default;
};

}  // namespace varimix
