#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "varimix/em/update_rule.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// Shows the mean, by weight, of the statistics that a base rule remembers from update `start` on (Polyak and Juditsky
/// 1992); the base rule alone drives the E-steps, because an average that drives loses half of its efficiency.
class PolyakAverage {
 public:
  /// Throws std::invalid_argument for start < 0.
  PolyakAverage(UpdateRule base, std::int64_t start);
  /// From the first update on. A template, because what a PolyakAverage is copied from must not be tried as an UpdateRule.
  template <class R>
  requires(!std::same_as<R, PolyakAverage>) explicit PolyakAverage(R base)
      : PolyakAverage(UpdateRule(std::move(base)), 0) {}
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info);
  [[nodiscard]] Eta emit(const Eta& running) const { return base_.emit(running); }
  [[nodiscard]] Eta report(const Eta& running) const { return base_.report(average_ ? *average_ : running); }
  [[nodiscard]] std::int64_t parts(const StepInfo& info, Index d) const { return base_.parts(info, d); }
  void rescale_y(double s);
  [[nodiscard]] bool weights_sum_to_one() const { return base_.weights_sum_to_one(); }
  [[nodiscard]] std::optional<double> time_half_life() const { return base_.time_half_life(); }
  void check(Index d) const;
  [[nodiscard]] bool same_settings(const PolyakAverage& other) const {
    return start_ == other.start_ && base_.same_settings(other.base_);
  }
  [[nodiscard]] static std::string name() { return "PolyakAverage"; }
  bool operator==(const PolyakAverage&) const = default;
  [[nodiscard]] const UpdateRule& base() const noexcept { return base_; }
  [[nodiscard]] std::int64_t start() const noexcept { return start_; }
  /// State: the mean so far, none before `start`, and the weight behind it.
  [[nodiscard]] const std::optional<Eta>& average() const noexcept { return average_; }
  [[nodiscard]] double averaged_weight() const noexcept { return averaged_weight_; }
  void set_state(std::optional<Eta> average, double averaged_weight);

 private:
  UpdateRule base_;
  std::int64_t start_;
  std::optional<Eta> average_ = std::nullopt;
  double averaged_weight_ = 0.0;
};

}  // namespace varimix
