#include "varimix/em/rules/shrinkage.hpp"

#include <cmath>
#include <utility>

#include "least_share.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix {
namespace {

double share(double tau) { return tau / (1.0 + tau); }

/// Returns the least share of the target in what the statistics have of each column alone.
Vector shares_of_columns(const Eta& shares) {
  const Matrix squares = shares.E_XXT_inv_Y();
  return shares.E_X().cwiseMin(shares.E_X_inv_Y()).cwiseMin(Vector(squares.diagonal()));
}

void check_strength(double tau) { require(kNotNegative.holds(tau), "tau", kNotNegative.words, tau); }

}  // namespace

Strength::Strength(const Eta& tau) : tau_(with_origin(tau, Vector::Zero(tau.d()))) {}

Eta Strength::shares(const Eta& like) const {
  Eta shares = by_field() != nullptr ? *by_field() : Eta(like.layout, Vector::Zero(like.d()));
  if (number() != nullptr) shares.values.setConstant(*number());
  shares.values = shares.values.unaryExpr(&share);
  return shares;
}

Eta Strength::draw(const Eta& eta, const Eta& target) const { return blend_by_field(eta, target, shares(target)); }

void Strength::check(Index d) const {
  if (number() != nullptr) check_strength(*number());
  if (by_field() == nullptr) return;
  for (const double tau : by_field()->values) check_strength(tau);
  require(d == 0 || by_field()->d() == d, "tau", "of eta0's dimension " + std::to_string(d), by_field()->d());
}

void Shrinkage::Hooks::check(Index d) const {
  WrappingRuleHooks::check(d);
  tau.check(eta0.d());
  require(!feedback || !base.moves_model(), "feedback", "False over a rule that moves the model", "True");
}

std::optional<NaturalStep> Shrinkage::Hooks::natural_step(const StepInfo& info, Index d) const {
  std::optional<NaturalStep> step = base.natural_step(info, d);
  if (!step) return step;
  NaturalTarget target{eta0, tau.shares(eta0)};
  if (target.share.values.isZero(0.0)) return step;
  const Vector drawn = shares_of_columns(target.share);
  for (Index j = 0; j < step->shown.size(); ++j) {
    double& shown = step->shown(j);
    if (shown > 0.0 || drawn(j) >= kLeastShare) shown += drawn(j) * (1.0 - shown);  // it tells in every row
  }
  step->target = std::move(target);
  return step;
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
