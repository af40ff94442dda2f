#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>

#include "varimix/stats/expectations.hpp"

namespace varimix {

/// Where a fit stands when a rule is asked.
struct StepInfo {
  std::int64_t step = 0;       ///< batches learned before, from 0
  double weight_before = 0.0;  ///< total weight of the rows learned before
  double batch_weight = 0.0;   ///< of the rows in hand
};

/// An update rule is a small value with one function:
///   accumulate(running, batch, info) -> what is remembered.
/// It may have more, where it differs from the default:
///   emit(running) -> the eta whose model drives the next E-step (default: running),
///   report(running) -> the eta whose model users see (default: emit(running)),
///   parts(info, d) -> in how many equal parts it wants a batch (default: 1),
///   rescale_y(s) -> multiply what it carries by the gauge factor s (default: it carries nothing),
///   weights_sum_to_one() -> whether what it remembers is a mean over the data (default: true); if not the status says so,
///   check(d) -> throw std::invalid_argument if its settings, or their dimension, are wrong; d = 0: settings only.
template <class R>
concept UpdateRuleLike = std::copyable<R> &&
    requires(R rule, const Expectations& running, const Expectations& batch, const StepInfo& info) {
  { rule.accumulate(running, batch, info) } -> std::same_as<Expectations>;
};

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

  [[nodiscard]] Expectations accumulate(const Expectations& running, const Expectations& batch, const StepInfo& info) {
    return held_->accumulate(running, batch, info);
  }
  [[nodiscard]] Expectations emit(const Expectations& running) const { return held_->emit(running); }
  [[nodiscard]] Expectations report(const Expectations& running) const { return held_->report(running); }
  [[nodiscard]] std::int64_t parts(const StepInfo& info, Index d) const { return held_->parts(info, d); }
  void rescale_y(double s) { held_->rescale_y(s); }
  [[nodiscard]] bool weights_sum_to_one() const { return held_->weights_sum_to_one(); }
  void check(Index d) const { held_->check(d); }
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
    [[nodiscard]] virtual Expectations accumulate(const Expectations&, const Expectations&, const StepInfo&) = 0;
    [[nodiscard]] virtual Expectations emit(const Expectations&) const = 0;
    [[nodiscard]] virtual Expectations report(const Expectations&) const = 0;
    [[nodiscard]] virtual std::int64_t parts(const StepInfo&, Index d) const = 0;
    virtual void rescale_y(double s) = 0;
    [[nodiscard]] virtual bool weights_sum_to_one() const = 0;
    virtual void check(Index d) const = 0;
  };

  template <class R>
  struct Held final : Base {
    explicit Held(R r) : rule(std::move(r)) {}
    [[nodiscard]] std::unique_ptr<Base> clone() const override { return std::make_unique<Held>(rule); }
    [[nodiscard]] Expectations accumulate(const Expectations& running, const Expectations& batch,
                                          const StepInfo& info) override {
      return rule.accumulate(running, batch, info);
    }
    [[nodiscard]] Expectations emit(const Expectations& running) const override {
      if constexpr (requires { rule.emit(running); }) return rule.emit(running);
      return running;
    }
    [[nodiscard]] Expectations report(const Expectations& running) const override {
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
    R rule;
  };

  std::unique_ptr<Base> held_;
};

}  // namespace varimix
