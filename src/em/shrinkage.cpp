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

Expectations uniform_strengths(double tau, Index d) {
  return Expectations::from_raw(tau, tau, tau, Vector::Constant(d, tau), Vector::Constant(d, tau),
                                Matrix::Constant(d, d, tau));
}

/// tau / (1 + tau), field by field.
Expectations shares(const Expectations& tau) {
  Expectations out = tau;
  out.origin = Vector::Zero(tau.d());
  out.inv_y = share(tau.inv_y);
  out.y = share(tau.y);
  out.log_y = share(tau.log_y.value_or(0.0));
  out.x = tau.E_X().unaryExpr(&share);
  out.x_inv_y = tau.E_X_inv_Y().unaryExpr(&share);
  out.xx_inv_y = tau.E_XXT_inv_Y().unaryExpr(&share);
  return out;
}

}  // namespace

Shrinkage::Shrinkage(UpdateRule base, const Expectations& eta0, double tau, bool feedback)
    : Shrinkage(std::move(base), eta0, uniform_strengths(tau, eta0.d()), feedback) {
  tau_ = tau;
}

Shrinkage::Shrinkage(UpdateRule base, Expectations eta0, const Expectations& tau, bool feedback)
    : base_(std::move(base)), eta0_(std::move(eta0)), share_(shares(tau)), feedback_(feedback) {
  require(eta0_.is_finite(), "eta0", "finite", std::string("one whose ") + eta0_.first_not_finite() + " is not");
  require(share_.d() == eta0_.d(), "tau", "of eta0's dimension " + std::to_string(eta0_.d()), share_.d());
}

Shrinkage Shrinkage::from_share(UpdateRule base, const Expectations& eta0, Expectations share,
                                std::optional<double> tau, bool feedback) {
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

Expectations Shrinkage::accumulate(const Expectations& running, const Expectations& batch, const StepInfo& info) {
  Expectations next = base_.accumulate(running, batch, info);
  return feedback_ ? shrink(next) : next;
}

Expectations Shrinkage::emit(const Expectations& running) const {
  return feedback_ ? base_.emit(running) : shrink(base_.emit(running));
}

Expectations Shrinkage::report(const Expectations& running) const {
  return feedback_ ? base_.report(running) : shrink(base_.report(running));
}

/// r_f = k_f eta0_f + (1 - k_f) eta_f for every uncentred field f, expressed about eta's origin o. With e = eta0 - eta
/// about o the shifts leave only differences of shares: k_5 - k_1 in E[X/Y], and in E[XX'/Y]
///   k_6 e_6 + [(k_6 - k_5) e_5 + (k_6 - k_5) o e_1] o' + its transpose + ... , written out below.
Expectations Shrinkage::shrink(const Expectations& eta) const {
  const Expectations target = with_origin(eta0_, eta.origin);
  const Vector& o = eta.origin;
  const Index d = eta.d();
  const double e1 = target.inv_y - eta.inv_y;
  const Vector e5 = target.x_inv_y - eta.x_inv_y;
  const Matrix e6 = target.xx_inv_y - eta.xx_inv_y;
  const double k1 = share_.inv_y;
  const Vector& k5 = share_.x_inv_y;
  const Matrix& k6 = share_.xx_inv_y;

  Expectations out = eta;
  out.inv_y += k1 * e1;
  out.y += share_.y * (target.y - eta.y);
  if (eta.log_y && target.log_y) out.log_y = *eta.log_y + *share_.log_y * (*target.log_y - *eta.log_y);
  out.x += share_.x.cwiseProduct(target.x - eta.x);
  out.x_inv_y += k5.cwiseProduct(e5) + (k5.array() - k1).matrix().cwiseProduct(o) * e1;
  for (Index j = 0; j < d; ++j) {
    for (Index k = 0; k < d; ++k) {
      out.xx_inv_y(j, k) += k6(j, k) * e6(j, k) + (k6(j, k) - k5(j)) * e5(j) * o(k) +
                            (k6(j, k) - k5(k)) * o(j) * e5(k) + (k6(j, k) - k5(j) - k5(k) + k1) * e1 * o(j) * o(k);
    }
  }
  out.xx_inv_y = symmetrized(out.xx_inv_y);
  return out;
}

}  // namespace varimix
