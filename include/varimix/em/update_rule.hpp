#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <typeinfo>
#include <utility>

#include "varimix/stats/eta.hpp"

namespace varimix {

/// Where a fit stands when a rule is asked.
struct StepInfo {
  std::int64_t step = 0;       ///< batches learned before, from 0
  double weight_before = 0.0;  ///< total weight of the rows learned before
  double batch_weight = 0.0;   ///< of the rows in hand
  double elapsed = 0.0;        ///< time since the last row before, where rows have times
};

/// An update rule is a small value with one function:
///   accumulate(running, batch, info) -> what is remembered.
/// It may have more, where it differs from the default:
///   emit(running) -> the eta whose model drives the next E-step (default: running),
///   report(running) -> the eta whose model users see (default: emit(running)),
///   parts(info, d) -> in how many equal parts it wants a batch (default: 1),
///   rescale_y(s) -> multiply what it carries by the gauge factor s (default: it carries nothing),
///   time_half_life() -> the half-life of its memory in units of the rows' times, if it forgets by time (default: none),
///   merge(other, ancestor, combine) -> take in what another state of the rule carries, of the same settings:
///     combine(a, b, ancestor) merges statistics, and `ancestor`, which may be null, is the rule of the state that both come
///     from (default: the rule does not merge),
///   initial_weight() -> how many rows the initial model's statistics count as in what it averages (default: 0),
///   name() -> what a checkpoint calls it (default: "", a rule that a checkpoint cannot hold by itself),
///   weights_sum_to_one() -> whether what it remembers is a mean over the data (default: true); if not the status says so,
///   check(d) -> throw std::invalid_argument if its settings, or their dimension, are wrong; d = 0: settings only,
///   same_settings(other) -> whether both have the same settings, in whatever state (default: ==, else true).
/// What the first three give back must be statistics of the dimension that they were given.
template <class R>
concept UpdateRuleLike = std::copyable<R> &&
    requires(R rule, const Eta& running, const Eta& batch, const StepInfo& info) {
  { rule.accumulate(running, batch, info) } -> std::same_as<Eta>;
};

class UpdateRule;

/// `eta`, which the function `function` of a rule gave back. Throws std::invalid_argument unless it has the fields of `layout`
/// (or one more or less at the end).
[[nodiscard]] Eta checked_statistics(Eta eta, const EtaLayout& layout, const char* function);

/// Merges the statistics a and b of two states that share those of an ancestor (null: none), as their weights say.
using CombineStatistics = std::function<Eta(const Eta& a, const Eta& b, const Eta* ancestor)>;

/// Any update rule, held by value: a copy of an UpdateRule has its own state.
class UpdateRule {
 public:
  /// Throws std::invalid_argument if the rule's settings are wrong.
  template <class R>
  requires(!std::same_as<R, UpdateRule> && UpdateRuleLike<R>) UpdateRule(R rule)
      : held_(std::make_unique<Held<R>>(std::move(rule))) {  // NOLINT(google-explicit-constructor)
    held_->check(0);
  }
  UpdateRule(const UpdateRule& other) : held_(other.held_->clone()) {}
  UpdateRule(UpdateRule&&) noexcept = default;
  UpdateRule& operator=(const UpdateRule& other) {
    held_ = other.held_->clone();
    return *this;
  }
  UpdateRule& operator=(UpdateRule&&) noexcept = default;
  ~UpdateRule() = default;

  /// These three throw std::invalid_argument where the rule gives back statistics of another dimension.
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
    return checked_statistics(held_->accumulate(running, batch, info), running.layout, "accumulate");
  }
  [[nodiscard]] Eta emit(const Eta& running) const {
    return checked_statistics(held_->emit(running), running.layout, "emit");
  }
  [[nodiscard]] Eta report(const Eta& running) const {
    return checked_statistics(held_->report(running), running.layout, "report");
  }
  [[nodiscard]] std::int64_t parts(const StepInfo& info, Index d) const { return held_->parts(info, d); }
  void rescale_y(double s) { held_->rescale_y(s); }
  [[nodiscard]] bool weights_sum_to_one() const { return held_->weights_sum_to_one(); }
  void check(Index d) const { held_->check(d); }
  [[nodiscard]] std::optional<double> time_half_life() const { return held_->time_half_life(); }
  /// Whether states of this rule can be merged.
  [[nodiscard]] bool can_merge() const { return held_->can_merge(); }
  /// @pre can_merge(), and the others hold the same type of rule with the same settings.
  void merge(const UpdateRule& other, const UpdateRule* ancestor, const CombineStatistics& combine) {
    held_->merge(*other.held_, ancestor == nullptr ? nullptr : ancestor->held_.get(), combine);
  }
  /// Whether both hold a rule of the same type.
  [[nodiscard]] bool same_type(const UpdateRule& other) const noexcept {
    const Base& mine = *held_;
    const Base& theirs = *other.held_;
    return typeid(mine) == typeid(theirs);
  }
  /// Whether both hold the same type of rule with the same settings, whatever each has seen. @pre in one gauge.
  [[nodiscard]] bool same_settings(const UpdateRule& other) const {
    return same_type(other) && held_->same_settings(*other.held_);
  }
  [[nodiscard]] double initial_weight() const { return held_->initial_weight(); }
  [[nodiscard]] std::string name() const { return held_->name(); }
  /// Settings and state of the same type of rule, equal. Rules that are no values of their own (no ==) are never equal.
  bool operator==(const UpdateRule& other) const { return same_type(other) && held_->equals(*other.held_); }
  /// The rule that is held, if it is an R; else null.
  template <class R>
  [[nodiscard]] const R* get() const noexcept {
    const auto* held = dynamic_cast<const Held<R>*>(held_.get());
    return held == nullptr ? nullptr : &held->rule;
  }

 private:
  struct Base {
    virtual ~Base() = default;
    [[nodiscard]] virtual std::unique_ptr<Base> clone() const = 0;
    [[nodiscard]] virtual Eta accumulate(const Eta&, const Eta&, const StepInfo&) = 0;
    [[nodiscard]] virtual Eta emit(const Eta&) const = 0;
    [[nodiscard]] virtual Eta report(const Eta&) const = 0;
    [[nodiscard]] virtual std::int64_t parts(const StepInfo&, Index d) const = 0;
    virtual void rescale_y(double s) = 0;
    [[nodiscard]] virtual bool weights_sum_to_one() const = 0;
    virtual void check(Index d) const = 0;
    [[nodiscard]] virtual std::optional<double> time_half_life() const = 0;
    [[nodiscard]] virtual bool can_merge() const = 0;
    virtual void merge(const Base& other, const Base* ancestor, const CombineStatistics& combine) = 0;
    [[nodiscard]] virtual double initial_weight() const = 0;
    [[nodiscard]] virtual std::string name() const = 0;
    [[nodiscard]] virtual bool equals(const Base& other) const = 0;
    [[nodiscard]] virtual bool same_settings(const Base& other) const = 0;
  };

  template <class R>
  struct Held final : Base {
    explicit Held(R r) : rule(std::move(r)) {}
    [[nodiscard]] std::unique_ptr<Base> clone() const override { return std::make_unique<Held>(rule); }
    [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) override {
      return rule.accumulate(running, batch, info);
    }
    [[nodiscard]] Eta emit(const Eta& running) const override {
      if constexpr (requires { rule.emit(running); }) return rule.emit(running);
      return running;
    }
    [[nodiscard]] Eta report(const Eta& running) const override {
      if constexpr (requires { rule.report(running); }) return rule.report(running);
      return emit(running);
    }
    [[nodiscard]] std::int64_t parts(const StepInfo& info, Index d) const override {
      if constexpr (requires { rule.parts(info, d); }) return rule.parts(info, d);
      return 1;
    }
    void rescale_y(double s) override {
      if constexpr (requires { rule.rescale_y(s); }) rule.rescale_y(s);
    }
    [[nodiscard]] bool weights_sum_to_one() const override {
      if constexpr (requires { rule.weights_sum_to_one(); }) return rule.weights_sum_to_one();
      return true;
    }
    void check(Index d) const override {
      if constexpr (requires { rule.check(d); }) rule.check(d);
    }
    [[nodiscard]] std::optional<double> time_half_life() const override {
      if constexpr (requires { rule.time_half_life(); }) return rule.time_half_life();
      return std::nullopt;
    }
    static constexpr bool kMerges =
        requires(R mine, const R& other, const R* ancestor, const CombineStatistics& combine) {
      mine.merge(other, ancestor, combine);
    };
    [[nodiscard]] bool can_merge() const override {
      if constexpr (requires { rule.can_merge(); }) return rule.can_merge();
      return kMerges;
    }
    void merge(const Base& other, const Base* ancestor, const CombineStatistics& combine) override {
      if constexpr (kMerges) rule.merge(rule_of(other), ancestor == nullptr ? nullptr : &rule_of(*ancestor), combine);
    }
    [[nodiscard]] double initial_weight() const override {
      if constexpr (requires { rule.initial_weight(); }) return rule.initial_weight();
      return 0.0;
    }
    [[nodiscard]] std::string name() const override {
      if constexpr (requires { rule.name(); }) return rule.name();
      return "";
    }
    [[nodiscard]] bool equals(const Base& other) const override {
      if constexpr (std::equality_comparable<R>) return rule == rule_of(other);
      return false;
    }
    [[nodiscard]] bool same_settings(const Base& other) const override {
      if constexpr (requires { rule.same_settings(rule); }) return rule.same_settings(rule_of(other));
      return !std::equality_comparable<R> || equals(other);
    }
    [[nodiscard]] static const R& rule_of(const Base& base) { return dynamic_cast<const Held&>(base).rule; }
    R rule;
  };

  std::unique_ptr<Base> held_;
};

}  // namespace varimix
