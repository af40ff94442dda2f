#include "varimix/em/shrinkage.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "varimix/core/require.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {
namespace {

double share(double tau) {
  require(std::isfinite(tau) && tau >= 0.0, "tau", "finite and >= 0", tau);
  return tau / (1.0 + tau);
}

/// Statistics of the layout of `like`, all of them `value`.
Eta uniform(const Eta& like, double value) {
  Eta out(like.layout, Vector::Zero(like.d()));
  out.values.setConstant(value);
  return out;
}

/// tau / (1 + tau), number by number.
Eta shares(const Eta& tau) {
  Eta out = with_origin(tau, Vector::Zero(tau.d()));
  out.values = out.values.unaryExpr(&share);
  return out;
}

}  // namespace

Shrinkage::Shrinkage(UpdateRule base, const Eta& eta0, double tau, bool feedback)
    : Shrinkage(std::move(base), eta0, uniform(eta0, tau), feedback) {
  tau_ = tau;
}

Shrinkage::Shrinkage(UpdateRule base, Eta eta0, const Eta& tau, bool feedback)
    : base_(std::move(base)), eta0_(std::move(eta0)), share_(shares(tau)), feedback_(feedback) {
  require(eta0_.is_finite(), "eta0", "finite", std::string("one whose ") + eta0_.first_not_finite() + " is not");
  require(share_.d() == eta0_.d(), "tau", "of eta0's dimension " + std::to_string(eta0_.d()), share_.d());
}

Shrinkage Shrinkage::from_share(UpdateRule base, const Eta& eta0, Eta share, std::optional<double> tau, bool feedback) {
  const Index d = eta0.d();
  require(share.d() == d && share.is_finite(), "share", "finite, of eta0's dimension " + std::to_string(d), share.d());
  Shrinkage rule(std::move(base), eta0, 0.0, feedback);
  rule.share_ = std::move(share);
  rule.tau_ = tau;
  return rule;
}

bool Shrinkage::same_settings(const Shrinkage& other) const {
  return share_ == other.share_ && feedback_ == other.feedback_ && is_near(eta0_, other.eta0_) &&
         base_.same_settings(other.base_);
}

void Shrinkage::merge(const Shrinkage& other, const Shrinkage* ancestor, const CombineStatistics& combine) {
  base_.merge(other.base_, ancestor == nullptr ? nullptr : &ancestor->base_, combine);
}

void Shrinkage::check(Index d) const {
  require(d == 0 || eta0_.d() == d, "eta0", "of dimension " + std::to_string(d), eta0_.d());
  base_.check(d);
}

void Shrinkage::rescale_y(double s) {
  eta0_ = varimix::rescale_y(eta0_, s);
  base_.rescale_y(s);
}

Eta Shrinkage::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  Eta next = base_.accumulate(running, batch, info);
  return feedback_ ? shrink(next) : next;
}

Eta Shrinkage::emit(const Eta& running) const { return feedback_ ? base_.emit(running) : shrink(base_.emit(running)); }

Eta Shrinkage::report(const Eta& running) const {
  return feedback_ ? base_.report(running) : shrink(base_.report(running));
}

Eta Shrinkage::shrink(const Eta& eta) const { return blend_by_field(eta, eta0_, share_); }

}  // namespace varimix
