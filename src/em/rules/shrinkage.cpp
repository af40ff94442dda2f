#include "varimix/em/rules/shrinkage.hpp"

#include <cmath>
#include <utility>

#include "varimix/stats/origin.hpp"

namespace varimix {
namespace {

double share(double tau) { return tau / (1.0 + tau); }

void check_strength(double tau) { require(kNotNegative.holds(tau), "tau", kNotNegative.words, tau); }

}  // namespace

Strength::Strength(const Eta& tau) : tau_(with_origin(tau, Vector::Zero(tau.d()))) {}

Eta Strength::draw(const Eta& eta, const Eta& target) const {
  Eta shares = by_field() != nullptr ? *by_field() : Eta(target.layout, Vector::Zero(target.d()));
  if (number() != nullptr) shares.values.setConstant(*number());
  shares.values = shares.values.unaryExpr(&share);
  return blend_by_field(eta, target, shares);
}

void Strength::check(Index d) const {
  if (number() != nullptr) check_strength(*number());
  if (by_field() == nullptr) return;
  for (const double tau : by_field()->values) check_strength(tau);
  require(d == 0 || by_field()->d() == d, "tau", "of eta0's dimension " + std::to_string(d), by_field()->d());
}

void Shrinkage::Hooks::check(Index d) const {
  WrappingRuleHooks::check(d);
  tau.check(eta0.d());
}

Eta Shrinkage::Hooks::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  Eta next = base.accumulate(running, batch, info);
  return feedback ? tau.draw(next, eta0) : next;
}

Eta Shrinkage::Hooks::emit(const Eta& running) const {
  return feedback ? base.emit(running) : tau.draw(base.emit(running), eta0);
}

Eta Shrinkage::Hooks::report(const Eta& running) const {
  return feedback ? base.report(running) : tau.draw(base.report(running), eta0);
}

void Shrinkage::Hooks::merge(const Shrinkage& other, const Shrinkage* ancestor, const CombineStatistics& combine) {
  base.merge(other.base, ancestor == nullptr ? nullptr : &ancestor->base, combine);
}

}  // namespace varimix
