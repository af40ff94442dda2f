#pragma once

#include <cstdint>
#include <tuple>

#include "varimix/core/members.hpp"
#include "varimix/risk/e_process.hpp"
#include "varimix/risk/portfolio.hpp"
#include "varimix/risk/shortfall_backtest.hpp"

namespace varimix {

/// The sum of R_t / ES_t over the days that fail, and their number: what Z1 and Z2 of AcerbiSzekely are made of.
struct FailureSums {
  double sum = 0.0;
  std::int64_t failures = 0;

  static constexpr auto kMembers =
      std::tuple(member("sum", &FailureSums::sum), member("failures", &FailureSums::failures));

  void add(double ratio) noexcept {
    sum += ratio;
    ++failures;
  }
  [[nodiscard]] double z1() const noexcept { return 1.0 + sum / static_cast<double>(failures); }
  /// @param expected  n alpha
  [[nodiscard]] double z2(double expected) const noexcept { return 1.0 + sum / expected; }
  bool operator==(const FailureSums&) const = default;
};

/// What the tests of an expected shortfall keep of days that come one by one, at a fixed alpha: a mergeable value.
struct ShortfallSums {
  std::int64_t days = 0;
  FailureSums failed = {};
  double scores = 0.0;  ///< sum of FZ0
  EProcess e_process = {};

  static constexpr auto kMembers =
      std::tuple(member("days", &ShortfallSums::days), member("failed", &ShortfallSums::failed),
                 member("scores", &ShortfallSums::scores), member("e_process", &ShortfallSums::e_process));

  /// Adds a day with its forecast and returns true, or returns false for one that ShortfallForecasts refuses.
  bool add(const TailForecast& day, double alpha, double day_return);
  /// Adds the days of `later`, which follow those here; sums add to rounding, e-processes as EProcess::merge says.
  void merge(const ShortfallSums& later);
  /// Returns Z1 and Z2, without p-values; Z2 is not testable without a day.
  [[nodiscard]] AcerbiSzekely acerbi_szekely(double alpha) const;
  bool operator==(const ShortfallSums&) const = default;
};

}  // namespace varimix
