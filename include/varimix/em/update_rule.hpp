#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "varimix/em/rule_members.hpp"
#include "varimix/mixture/natural_step.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// The progress of a fit when it calls a hook.
struct StepInfo {
  std::int64_t step = 0;       ///< batches learned before, from 0
  double weight_before = 0.0;  ///< total weight of the rows learned before
  double batch_weight = 0.0;   ///< weight of the rows in hand
  double elapsed = 0.0;        ///< time from the last row learned before to the last row in hand, if rows have times
  /// The weight (d) of the rows in hand that show each column, where values may be missing; else empty.
  std::vector<double> observed = {};
};

/// The rows that a fit's model stands for.
struct KnownRows {
  double rows = 0.0;  ///< as many rows of equal weight determine a model as well
  Vector shown = {};  ///< the share (d) of them that show each column; empty if all do
};

class UpdateRule;

/// Merges, by their weights, the statistics a and b of two states that share the statistics of an ancestor (null:
/// none).
using CombineStatistics = std::function<Eta(const Eta& a, const Eta& b, const Eta* ancestor)>;

/// The hooks of an update rule are the functions that a fit calls. All but accumulate have defaults, here or in
/// RuleHooks, and a rule overrides those in which it differs. The first three must return statistics of the layout that
/// they were given.
class UpdateHooks {
 public:
  UpdateHooks() = default;
  virtual ~UpdateHooks() = default;
  /// Returns the new running eta, made from the running eta and that of the batch.
  [[nodiscard]] virtual Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) = 0;
  /// Returns the eta whose model drives the next E-step.
  [[nodiscard]] virtual Eta emit(const Eta& running) const { return running; }
  /// Returns the eta whose model users see.
  [[nodiscard]] virtual Eta report(const Eta& running) const { return emit(running); }
  /// Returns the weights of a natural-gradient step of the model. A rule that returns some moves the model itself:
  /// `accumulate` is then given the statistics of the model that has moved, and `emit` and `report` are not called.
  /// Whether it does never changes. Others, which return nothing, blend statistics.
  [[nodiscard]] virtual std::optional<NaturalStep> natural_step(const StepInfo& /*info*/, Index /*d*/) const {
    return std::nullopt;
  }
  /// Returns the rows for which the model that a rule has moved stands; nothing if the rule does not know.
  [[nodiscard]] virtual std::optional<KnownRows> known_rows() const { return std::nullopt; }
  /// Returns the share (d) of the rows remembered that have shown each column; empty if all have, or the rule does not
  /// count them.
  [[nodiscard]] virtual Vector shares_shown() const { return {}; }
  /// Returns the number of equal parts in which the rule wants to take a batch.
  [[nodiscard]] virtual std::int64_t parts(const StepInfo& /*info*/, Index /*d*/) const { return 1; }
  /// Returns the half-life of the rule's memory in units of the rows' times; nothing if it does not forget by time.
  [[nodiscard]] virtual std::optional<double> time_half_life() const { return std::nullopt; }
  /// Returns how many rows the statistics of the initial model count as in the rule's average.
  [[nodiscard]] virtual double initial_weight() const { return 0.0; }
  /// Returns false if the statistics that the rule remembers are no mean over the data; the status then says so.
  [[nodiscard]] virtual bool weights_sum_to_one() const { return true; }
  /// Returns true if two states of the rule can be merged.
  [[nodiscard]] virtual bool can_merge() const { return false; }

  /// Throws std::invalid_argument if the settings or the state of the rule are wrong or of another dimension than d;
  /// d = 0 stands for any dimension.
  virtual void check(Index d) const = 0;
  /// Changes the statistics in the rule, settings and state, to those of sY in place of Y.
  virtual void rescale_y(double s) = 0;
  /// Returns true if `other` is of the same type with the same settings, whatever their states. @pre Both are in one
  /// gauge.
  [[nodiscard]] virtual bool same_settings(const UpdateHooks& other) const = 0;
  /// Returns the name of the rule in checkpoints and messages; "" if it has none.
  [[nodiscard]] virtual std::string name() const = 0;

 protected:
  UpdateHooks(const UpdateHooks&) = default;
  UpdateHooks& operator=(const UpdateHooks&) = default;

 private:
  friend class UpdateRule;
  [[nodiscard]] virtual std::unique_ptr<UpdateHooks> clone() const = 0;
  [[nodiscard]] virtual bool equals(const UpdateHooks& other) const = 0;
  [[nodiscard]] virtual bool same_type(const UpdateHooks& other) const = 0;
  [[nodiscard]] virtual Index d() const = 0;
  [[nodiscard]] virtual bool emits_what_it_remembers() const = 0;
  [[nodiscard]] virtual bool reports_what_it_emits() const = 0;
  [[nodiscard]] virtual const UpdateRule* base_rule() const = 0;
  virtual void merge_held(const UpdateHooks& other, const UpdateHooks* ancestor, const CombineStatistics& combine) = 0;
};

/// The base of the hooks of a rule R. An update rule is a value R, which holds its settings and its state, and beside
/// it R::Hooks, which inherits this class and so sees the members of R:
///     struct HalfUpdate {
///       double share = 0.5;
///       struct Hooks;
///     };
///     struct HalfUpdate::Hooks : RuleHooks<HalfUpdate> {
///       using RuleHooks::RuleHooks;
///       Eta accumulate(const Eta& running, const Eta& batch, const StepInfo&) override { return blend(running, batch, share); }
///     };
/// A rule that lists its members (HasRuleMembers) has everything else from the list. A rule without a list is compared
/// by ==, if it has that, and holds nothing that the gauge changes unless it overrides rescale_y.
template <class R>
class RuleHooks : public UpdateHooks, public R {
 public:
  explicit RuleHooks(R rule) : R(std::move(rule)) {}

  void check(Index d) const override {
    if constexpr (HasMembers<R>) {
      static_assert(HasRuleMembers<R>, "a rule that lists its members has a kName");
      static_assert(lists_all_members<R>(), "a member is not in the list");
    }
    if constexpr (HasRuleMembers<R>) {
      for_each_member<R>(
          [this, d](const auto& each) { check_member(rule().*each.pointer, each.name, each.domain, d); });
    }
  }
  void rescale_y(double s) override {
    if constexpr (HasRuleMembers<R>) {
      for_each_member<R>([this, s](const auto& each) { rescale_member(static_cast<R&>(*this).*each.pointer, s); });
    }
  }
  [[nodiscard]] bool same_settings(const UpdateHooks& other) const override {
    if (!same_type(other)) return false;
    if constexpr (HasRuleMembers<R>) {
      return all_members(rule(), rule_of(other), [](const auto& my_value, const auto& their_value, const auto& each) {
        return !each.is_setting || same_setting(my_value, their_value);
      });
    } else {
      return !std::equality_comparable<R> || equals(other);
    }
  }
  [[nodiscard]] std::string name() const override {
    if constexpr (requires { R::kName; }) return R::kName;
    return "";
  }

 protected:
  /// Takes in the state of another rule of the same settings; `ancestor`, which may be null, is the rule of the state
  /// that both come from. A rule that overrides this returns true from can_merge.
  virtual void merge(const R& /*other*/, const R* /*ancestor*/, const CombineStatistics& /*combine*/) {}
  [[nodiscard]] const R& rule() const noexcept { return *this; }
  [[nodiscard]] static const R& rule_of(const UpdateHooks& hooks) { return dynamic_cast<const RuleHooks&>(hooks); }

 private:
  [[nodiscard]] std::unique_ptr<UpdateHooks> clone() const final {
    return std::make_unique<typename R::Hooks>(dynamic_cast<const typename R::Hooks&>(*this));
  }
  [[nodiscard]] bool equals(const UpdateHooks& other) const final {
    if constexpr (std::equality_comparable<R>) {
      return rule() == rule_of(other);
    } else if constexpr (HasRuleMembers<R>) {
      return all_members(rule(), rule_of(other),
                         [](const auto& mine, const auto& theirs, const auto& /*member*/) { return mine == theirs; });
    } else {
      return false;
    }
  }
  [[nodiscard]] bool same_type(const UpdateHooks& other) const final {
    return dynamic_cast<const RuleHooks*>(&other) != nullptr;
  }
  [[nodiscard]] Index d() const final;
  [[nodiscard]] bool emits_what_it_remembers() const final {
    return std::same_as<decltype(&R::Hooks::emit), decltype(&UpdateHooks::emit)>;  // it is not overridden
  }
  [[nodiscard]] bool reports_what_it_emits() const final {
    return std::same_as<decltype(&R::Hooks::report), decltype(&UpdateHooks::report)>;
  }
  [[nodiscard]] const UpdateRule* base_rule() const final;
  void merge_held(const UpdateHooks& other, const UpdateHooks* ancestor, const CombineStatistics& combine) final {
    merge(rule_of(other), ancestor == nullptr ? nullptr : &rule_of(*ancestor), combine);
  }
};

/// A value that is an update rule.
template <class R>
concept UpdateRuleLike = std::derived_from<typename R::Hooks, RuleHooks<R>>;

/// Any update rule, held by value: a copy of an UpdateRule has its own state.
class UpdateRule {
 public:
  /// Throws std::invalid_argument if the rule's settings are wrong.
  template <UpdateRuleLike R>
  UpdateRule(R rule)  // NOLINT(google-explicit-constructor)
      : hooks_(std::make_unique<typename R::Hooks>(std::move(rule))) {
    check(0);
    moves_model_ = hooks_->natural_step({}, 1).has_value();
  }
  UpdateRule(const UpdateRule& other)
      : hooks_(other.hooks_ ? other.hooks_->clone() : nullptr), moves_model_(other.moves_model_) {}
  UpdateRule(UpdateRule&&) noexcept = default;
  UpdateRule& operator=(const UpdateRule& other) {
    hooks_ = other.hooks_ ? other.hooks_->clone() : nullptr;
    moves_model_ = other.moves_model_;
    return *this;
  }
  UpdateRule& operator=(UpdateRule&&) noexcept = default;
  ~UpdateRule() = default;

  /// These call the hooks of the same names. The first three throw std::invalid_argument if the hook returns statistics
  /// of another layout.
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info);
  [[nodiscard]] Eta emit(const Eta& running) const;
  [[nodiscard]] Eta report(const Eta& running) const;
  /// Returns true if the rule has no `emit` of its own: what it emits is the running eta.
  [[nodiscard]] bool emits_what_it_remembers() const { return hooks_->emits_what_it_remembers(); }
  /// Returns true if the rule has no `report` of its own, which then is `emit`.
  [[nodiscard]] bool reports_what_it_emits() const { return hooks_->reports_what_it_emits(); }
  [[nodiscard]] std::int64_t parts(const StepInfo& info, Index d) const { return hooks_->parts(info, d); }
  [[nodiscard]] std::optional<NaturalStep> natural_step(const StepInfo& info, Index d) const {
    return hooks_->natural_step(info, d);
  }
  [[nodiscard]] std::optional<KnownRows> known_rows() const { return hooks_->known_rows(); }
  [[nodiscard]] Vector shares_shown() const { return hooks_->shares_shown(); }
  /// Returns true if the rule moves the model itself, by natural-gradient steps.
  [[nodiscard]] bool moves_model() const noexcept { return moves_model_; }
  /// These two throw std::invalid_argument for a half-life that is not finite and > 0, and a weight that is not finite and >= 0.
  [[nodiscard]] std::optional<double> time_half_life() const;
  [[nodiscard]] double initial_weight() const;
  [[nodiscard]] bool weights_sum_to_one() const { return hooks_->weights_sum_to_one(); }
  void check(Index d) const { hooks_->check(d); }
  void rescale_y(double s) { hooks_->rescale_y(s); }
  [[nodiscard]] std::string name() const { return hooks_->name(); }
  [[nodiscard]] bool can_merge() const { return hooks_->can_merge(); }
  /// Takes in the state of another rule. @pre can_merge(), and all hold the same type of rule with the same settings.
  void merge(const UpdateRule& other, const UpdateRule* ancestor, const CombineStatistics& combine) {
    hooks_->merge_held(*other.hooks_, ancestor == nullptr ? nullptr : ancestor->hooks_.get(), combine);
  }
  [[nodiscard]] bool same_type(const UpdateRule& other) const { return hooks_->same_type(*other.hooks_); }
  [[nodiscard]] bool same_settings(const UpdateRule& other) const { return hooks_->same_settings(*other.hooks_); }
  /// Returns true for the same type of rule with equal settings and state. Rules of a type without == are never equal.
  bool operator==(const UpdateRule& other) const { return same_type(other) && hooks_->equals(*other.hooks_); }
  /// Returns the dimension of the first statistics that the rule holds, itself or in a rule that it wraps; 0 if it
  /// holds none.
  [[nodiscard]] Index d() const { return hooks_->d(); }
  /// Returns the rule that this one wraps; null if it wraps none.
  [[nodiscard]] const UpdateRule* base() const { return hooks_->base_rule(); }
  /// Returns the rule that is held, if it is an R; else null.
  template <class R>
  [[nodiscard]] const R* get() const noexcept {
    return dynamic_cast<const RuleHooks<R>*>(hooks_.get());
  }

 private:
  std::unique_ptr<UpdateHooks> hooks_;
  bool moves_model_ = false;
};

/// Returns the name of a rule as messages have it.
[[nodiscard]] std::string called(const UpdateRule& rule);

/// The base of the hooks of a rule that wraps another rule, its member `base`. These four hooks are those of `base`.
template <class R>
class WrappingRuleHooks : public RuleHooks<R> {
 public:
  using RuleHooks<R>::RuleHooks;
  void check(Index d) const override {
    static_assert(HasRuleMembers<R>, "a rule that wraps another lists its members, `base` among them");
    RuleHooks<R>::check(d);
  }
  [[nodiscard]] std::int64_t parts(const StepInfo& info, Index d) const override { return this->base.parts(info, d); }
  [[nodiscard]] Vector shares_shown() const override { return this->base.shares_shown(); }
  [[nodiscard]] std::optional<double> time_half_life() const override { return this->base.time_half_life(); }
  [[nodiscard]] bool weights_sum_to_one() const override { return this->base.weights_sum_to_one(); }
};

template <class R>
Index RuleHooks<R>::d() const {
  Index d = 0;
  if constexpr (HasRuleMembers<R>) {
    for_each_member<R>([this, &d](const auto& each) {
      if (d == 0) d = dimension_of_member(rule().*each.pointer);
    });
  }
  return d;
}

template <class R>
const UpdateRule* RuleHooks<R>::base_rule() const {
  if constexpr (requires(const R& rule) {
                  { rule.base } -> std::same_as<const UpdateRule&>;
                }) {
    return &rule().base;
  } else {
    return nullptr;
  }
}

}  // namespace varimix
