#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "varimix/em/update_rule.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// What a shrunk eta is drawn to, and how strongly: emits tau/(1+tau) eta0 + 1/(1+tau) base, field by field in the
/// uncentred fields. tau is a number >= 0, or an eta whose fields are the strengths of those fields, element by element.
/// The memory is the base rule's and is never overwritten, so that tau = 0 is the base rule and the stationary value
/// does not depend on its step size. With feedback the shrunk value is what is remembered (the reference package's
/// recursion), which forgets the data as the step falls.
class Shrinkage {
 public:
  /// Throws std::invalid_argument for a strength < 0 or not finite, or an eta0 that is not finite.
  Shrinkage(UpdateRule base, const Eta& eta0, double tau = 0.5, bool feedback = false);
  Shrinkage(UpdateRule base, Eta eta0, const Eta& tau, bool feedback = false);
  /// One whose strengths are given as shares tau/(1+tau), with the number that they came from, if it was one: as saved.
  [[nodiscard]] static Shrinkage from_share(UpdateRule base, const Eta& eta0, Eta share, std::optional<double> tau,
                                            bool feedback);
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info);
  [[nodiscard]] Eta emit(const Eta& running) const;
  [[nodiscard]] Eta report(const Eta& running) const;
  [[nodiscard]] std::int64_t parts(const StepInfo& info, Index d) const { return base_.parts(info, d); }
  void rescale_y(double s);
  [[nodiscard]] bool weights_sum_to_one() const { return base_.weights_sum_to_one(); }
  void check(Index d) const;
  [[nodiscard]] std::optional<double> time_half_life() const { return base_.time_half_life(); }
  [[nodiscard]] bool can_merge() const { return base_.can_merge(); }
  /// Merges the base rules; throws std::invalid_argument where the targets or strengths are not the same.
  void merge(const Shrinkage& other, const Shrinkage* ancestor, const CombineStatistics& combine);
  [[nodiscard]] bool same_settings(const Shrinkage& other) const;
  [[nodiscard]] double initial_weight() const { return base_.initial_weight(); }
  [[nodiscard]] static std::string name() { return "Shrinkage"; }
  bool operator==(const Shrinkage&) const = default;
  [[nodiscard]] const UpdateRule& base() const noexcept { return base_; }
  [[nodiscard]] const Eta& eta0() const noexcept { return eta0_; }
  /// tau / (1 + tau) of every uncentred field.
  [[nodiscard]] const Eta& share() const noexcept { return share_; }
  /// tau where it was given as a number.
  [[nodiscard]] std::optional<double> tau() const noexcept { return tau_; }
  [[nodiscard]] bool feedback() const noexcept { return feedback_; }

 private:
  [[nodiscard]] Eta shrink(const Eta& eta) const;
  UpdateRule base_;
  Eta eta0_;
  Eta share_;  // tau / (1 + tau) of every field
  std::optional<double> tau_ = std::nullopt;
  bool feedback_;
};

}  // namespace varimix
