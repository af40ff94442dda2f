#pragma once

#include <string>
#include <variant>

#include "varimix/em/update_rule.hpp"

namespace varimix {

/// The strength with which statistics are drawn to a target: one number tau >= 0 for all, or an eta that holds a
/// strength for each element of the uncentred fields.
class Strength {
 public:
  Strength(double tau) : tau_(tau) {}  // NOLINT(google-explicit-constructor): {.tau = 0.5}
  Strength(const Eta& tau);            // NOLINT(google-explicit-constructor)
  /// Returns tau if it is one number, else null.
  [[nodiscard]] const double* number() const noexcept { return std::get_if<double>(&tau_); }
  /// Returns tau if it is an eta of strengths, else null.
  [[nodiscard]] const Eta* by_field() const noexcept { return std::get_if<Eta>(&tau_); }
  /// Returns (1 - s) eta + s target with s = tau / (1 + tau), element by element in the uncentred fields.
  [[nodiscard]] Eta draw(const Eta& eta, const Eta& target) const;
  /// Returns s for each element of the fields of `like`.
  [[nodiscard]] Eta shares(const Eta& like) const;
  /// Throws std::invalid_argument for a strength that is < 0 or not finite, and for an eta of strengths whose dimension
  /// is not d (0: any).
  void check(Index d) const;
  bool operator==(const Strength&) const = default;

 private:
  std::variant<double, Eta> tau_;
};

/// Emits tau/(1+tau) eta0 + 1/(1+tau) base: the base rule's eta drawn to a target, field by field in the uncentred
/// fields. The memory is the base rule's and is never overwritten, so that tau = 0 gives the base rule and the
/// stationary value does not depend on its step size. With feedback the shrunk value is remembered instead (the
/// reference package's recursion), which forgets the data as the step falls.
/// Over a rule that moves the model, the statistics of every batch are drawn to eta0 before their score is taken: the
/// model moves to the maximum of mean log-likelihood + tau E0[complete log-likelihood], which is the same stationary
/// value.
struct Shrinkage {
  UpdateRule base;
  Eta eta0;  ///< the target, finite
  Strength tau = 0.5;
  bool feedback = false;
  static constexpr const char* kName = "Shrinkage";
  static constexpr const char* kDoc =
      "Emits tau/(1+tau) eta0 + 1/(1+tau) base: the base rule's eta drawn towards eta0.\n\n"
      "tau is a number >= 0, or an Eta whose fields are the strengths of those fields. The memory is the\n"
      "base rule's and is never overwritten. feedback=True remembers the shrunk value instead, as the\n"
      "reference package does, which forgets the data as the step falls.";
  static constexpr auto kMembers =
      std::tuple(required_setting("base", &Shrinkage::base), required_setting("eta0", &Shrinkage::eta0),
                 setting("tau", &Shrinkage::tau), setting("feedback", &Shrinkage::feedback));
  bool operator==(const Shrinkage&) const = default;
  struct Hooks;
};

struct Shrinkage::Hooks : WrappingRuleHooks<Shrinkage> {
  using WrappingRuleHooks::WrappingRuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) override;
  [[nodiscard]] Eta emit(const Eta& running) const override;
  [[nodiscard]] Eta report(const Eta& running) const override;
  [[nodiscard]] std::optional<NaturalStep> natural_step(const StepInfo& info, Index d) const override;
  [[nodiscard]] double initial_weight() const override { return base.initial_weight(); }
  [[nodiscard]] bool can_merge() const override { return base.can_merge(); }
  void check(Index d) const override;

 protected:
  void merge(const Shrinkage& other, const Shrinkage* ancestor, const CombineStatistics& combine) override;
};

}  // namespace varimix
