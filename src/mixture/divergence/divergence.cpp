#include "varimix/mixture/divergence.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <boost/math/special_functions/log1p.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "centred_gig.hpp"
#include "mixture/families.hpp"
#include "special/boost_policy.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/law_difference.hpp"

namespace varimix {
namespace {

/// Bhattacharyya's distance of two normal laws N_1, N_2 of equal covariance is their squared distance Q times this: the
/// integral of sqrt(N_1 N_2) is e^{-Q/8}.
constexpr double kBhattacharyya = 0.125;

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

/// A model in the gauge in which log Y has its mode at 0, and the moments of Y there.
struct CentredLaw {
  CentredGig y;
  Vector mu;
  Vector gamma;
  Matrix L;
  double E_inv_Y;
  double E_Y;
  double E_log_Y;
};

template <Subordinator S>
CentredLaw centred(const MeanVarianceMixture<S>& model) {
  const S& y = model.subordinator();
  const double mode = y_at_mode_of_log_y(y.gig());
  const MeanVarianceMixture<S> in_gauge = model.rescale_y(1.0 / mode);
  return {.y = CentredGig(y.gig()),
          .mu = model.mu(),
          .gamma = in_gauge.gamma(),
          .L = in_gauge.L_Sigma(),
          .E_inv_Y = y.E_inv_Y() * mode,
          .E_Y = y.E_Y() / mode,
          .E_log_Y = y.E_log_Y() - std::log(mode)};
}

template <Subordinator S>
void require_same_dimension(const MeanVarianceMixture<S>& model, const MeanVarianceMixture<S>& other) {
  require_dimension(other.d(), model.d(), "other");
}

/// Returns coefficient * moment, and 0 for a coefficient of 0, even if the moment is infinite.
double times(double coefficient, double moment) { return coefficient == 0.0 ? 0.0 : coefficient * moment; }

/// Q(t) = |u e^{-t/2} + v e^{t/2}|^2, the squared distance of two means given Y = e^t over Y. It is never formed from
/// its three terms, which cancel where u is nearly -v: so mu and gamma trade near the Gaussian limit.
class MeanDistance {
 public:
  MeanDistance(Vector u, Vector v) : u_(std::move(u)), v_(std::move(v)) {}

  [[nodiscard]] double of_inverse_y() const noexcept { return u_.squaredNorm(); }
  [[nodiscard]] double of_y() const noexcept { return v_.squaredNorm(); }
  [[nodiscard]] bool is_finite() const noexcept { return std::isfinite(of_inverse_y() + of_y()); }
  [[nodiscard]] double operator()(double t) const {
    const double root = std::exp(0.5 * t);
    return (u_ / root + v_ * root).squaredNorm();
  }
  /// Returns E[Q]; from w = kCentredNodesFrom on as the mean of
  /// |u+v|^2 cosh^2(t/2) + (u+v)'(v-u) sinh t + |v-u|^2 sinh^2(t/2), whose last two terms are small there.
  [[nodiscard]] double mean(const CentredLaw& law) const {
    if (law.y.w() >= kCentredNodesFrom) {
      const CentredMoments m = centred_moments(law.y);
      const double sinh_half_squared = 0.25 * (m.up + m.down);
      return (u_ + v_).squaredNorm() * (1.0 + sinh_half_squared) + (u_ + v_).dot(v_ - u_) * m.sinh +
             (v_ - u_).squaredNorm() * sinh_half_squared;
    }
    return times(of_inverse_y(), law.E_inv_Y) + 2.0 * u_.dot(v_) + times(of_y(), law.E_Y);
  }

 private:
  Vector u_;
  Vector v_;
};

/// The numbers that compare the normal parts of two laws: s of L_2^{-1} L_1 = U diag(s) V', and the differences of mu
/// and gamma multiplied by U' L_2^{-1}.
struct NormalParts {
  bool is_finite = false;
  Vector s;
  Vector mu;
  Vector gamma;

  NormalParts(const CentredLaw& one, const CentredLaw& two) {
    const auto factor = two.L.triangularView<Eigen::Lower>();
    const Matrix ratio = factor.solve(one.L);
    const Vector mu_whitened = factor.solve(one.mu - two.mu);
    const Vector gamma_whitened = factor.solve(one.gamma - two.gamma);
    is_finite = ratio.allFinite() && mu_whitened.allFinite() && gamma_whitened.allFinite();
    if (!is_finite) return;
    // A QR step before would spoil small singular values.
    const Eigen::JacobiSVD<Matrix, Eigen::NoQRPreconditioner> svd(ratio, Eigen::ComputeFullU | Eigen::ComputeFullV);
    s = svd.singularValues();
    mu = svd.matrixU().transpose() * mu_whitened;
    gamma = svd.matrixU().transpose() * gamma_whitened;
  }

  /// Returns Q in the metric of Sigma_2.
  [[nodiscard]] MeanDistance distance_to_second() const { return {mu, gamma}; }
  /// Returns Q in the metric of (Sigma_1 + Sigma_2)/2 = L_2 U diag((1 + s^2)/2) U' L_2'.
  [[nodiscard]] MeanDistance distance_to_middle() const {
    const Vector deviation = s.unaryExpr([](double value) { return std::hypot(1.0, value) * std::sqrt(0.5); });
    return {mu.cwiseQuotient(deviation), gamma.cwiseQuotient(deviation)};
  }
};

double log_cosh(double x) {
  const double size = std::abs(x);
  if (size > 1.0) return size - kLogTwo + std::log1p(std::exp(-2.0 * size));
  const double sinh_half = std::sinh(0.5 * size);
  return std::log1p(2.0 * sinh_half * sinh_half);
}

/// Returns x - log(1 + x) for x = s^2 - 1.
double square_minus_one_minus_log(double s) {
  const double x = (s - 1.0) * (s + 1.0);
  return std::abs(x) < 0.5 ? -boost::math::log1pmx(x, InfinityOnOverflow()) : x - 2.0 * std::log(s);
}

bool may_be_summed(const CentredLaw& one, const CentredLaw& two) {
  return std::min(one.y.w(), two.y.w()) >= kLeastSummedCurvature;
}

/// Returns the integral over t of term(t, l_1, l_2, l_2 - l_1) by the trapezoidal rule, l the log densities of t. Their
/// difference comes from that of the parameters, which keeps its digits where it is small:
/// h_1 - h_2 is -(a_1 - a_2)(e^t - 1 - t)/2 - (b_1 - b_2)(e^{-t} - 1 + t)/2.
template <class Term>
double sum_over_log_y(const CentredGig& one, const CentredGig& two, Term&& term) {
  const double half_a = 0.5 * (one.a() - two.a());
  const double half_b = 0.5 * (one.b() - two.b());
  const double of_normalisers = one.log_integral() - two.log_integral();
  const double step = centred_step(std::max(one.w(), two.w()));
  double sum = 0.0;
  for_each_log_y(
      step, 0.0, [&](double t) { return std::max(one.exponent(t), two.exponent(t)); },
      [&](double t, double /*h*/) {
        const double log_ratio = half_a * exp_minus_one_minus(t) + half_b * exp_minus_one_minus(-t) + of_normalisers;
        sum += term(t, one.exponent(t) - one.log_integral(), two.exponent(t) - two.log_integral(), log_ratio);
      });
  return step * sum;
}

/// Returns -log of the integral over y of sqrt(g_1 g_2) e^{-Q/8}, g the densities of Y.
double y_exponent(const CentredLaw& one, const CentredLaw& two, const MeanDistance& q) {
  constexpr double kOfNaturalParameters = 0.25;  // Q/8 adds |v|^2/4 to a and |u|^2/4 to b
  const GigParameters middle{0.5 * (one.y.p() + two.y.p()), 0.5 * (one.y.a() + two.y.a()),
                             0.5 * (one.y.b() + two.y.b())};
  const GigParameters tilted{middle.p, middle.a + kOfNaturalParameters * q.of_y(),
                             middle.b + kOfNaturalParameters * q.of_inverse_y()};
  const double t = std::log(y_at_mode_of_log_y(tilted));
  const double loss_at_mode = kBhattacharyya * q(t) - CentredGig(middle).exponent(t);
  return 0.5 * (one.y.log_integral() + two.y.log_integral()) - CentredGig(tilted).log_integral() + loss_at_mode;
}

/// Returns 1 less that integral, for close laws: the integral of
/// (sqrt(g_1) - sqrt(g_2))^2 / 2 + sqrt(g_1 g_2) (1 - e^{-Q/8}).
double y_hellinger(const CentredLaw& one, const CentredLaw& two, const MeanDistance& q) {
  return sum_over_log_y(one.y, two.y, [&](double t, double log_one, double log_two, double log_ratio) {
    const double root_one = std::exp(0.5 * log_one);
    const double root_two = std::exp(0.5 * log_two);
    const double difference = std::abs(log_ratio) < 1.0 ? root_one * std::expm1(0.5 * log_ratio) : root_two - root_one;
    return 0.5 * difference * difference - root_one * root_two * std::expm1(-kBhattacharyya * q(t));
  });
}

/// Returns the divergence of the laws of Y.
double y_divergence(const CentredLaw& one, const CentredLaw& two) {
  const double half_a = 0.5 * (two.y.a() - one.y.a());
  const double half_b = 0.5 * (two.y.b() - one.y.b());
  const double of_normalisers = two.y.log_integral() - one.y.log_integral();
  if (one.y.w() >= kCentredNodesFrom) {
    const CentredMoments m = centred_moments(one.y);
    return of_normalisers + half_a * m.up + half_b * m.down;
  }
  return of_normalisers + one.y.w() - two.y.w() + times(one.y.p() - two.y.p(), one.E_log_Y) + times(half_a, one.E_Y) +
         times(half_b, one.E_inv_Y);
}

/// Returns the same for close laws: the mean of e^r - 1 - r, r = l_2 - l_1, whose first two terms vanish.
double close_y_divergence(const CentredLaw& one, const CentredLaw& two) {
  return sum_over_log_y(one.y, two.y, [](double /*t*/, double log_one, double log_two, double r) {
    if (std::abs(r) < 1.0) return std::exp(log_one) * exp_minus_one_minus(r);
    return std::exp(log_two) - std::exp(log_one) * (1.0 + r);
  });
}

double joint_squared_hellinger(const CentredLaw& one, const CentredLaw& two) {
  const NormalParts normal(one, two);
  if (!normal.is_finite) return 1.0;
  const MeanDistance q = normal.distance_to_middle();
  if (!q.is_finite()) return 1.0;
  const double of_sigma = 0.5 * normal.s.unaryExpr([](double s) { return log_cosh(std::log(s)); }).sum();
  const double exponent = of_sigma + y_exponent(one, two, q);
  if (exponent < kCloseLaws && may_be_summed(one, two)) {
    return -std::expm1(-of_sigma) + std::exp(-of_sigma) * y_hellinger(one, two, q);
  }
  return exponent > 0.0 ? -std::expm1(-exponent) : 0.0;  // a rounding may take it below 0
}

double joint_kl_divergence(const CentredLaw& one, const CentredLaw& two) {
  const NormalParts normal(one, two);
  if (!normal.is_finite) return kUnbounded;
  const double of_sigma = 0.5 * normal.s.unaryExpr([](double s) { return square_minus_one_minus_log(s); }).sum();
  double of_y = y_divergence(one, two);
  if (of_y < kCloseLaws && may_be_summed(one, two)) of_y = close_y_divergence(one, two);
  const double of_means = 0.5 * normal.distance_to_second().mean(one);
  return of_sigma + std::max(0.0, of_means) + std::max(0.0, of_y);  // roundings may take them below 0
}

}  // namespace

template <Subordinator S>
double squared_hellinger(const MeanVarianceMixture<S>& model, const MeanVarianceMixture<S>& other) {
  require_same_dimension(model, other);
  return joint_squared_hellinger(centred(model), centred(other));
}

template <Subordinator S>
double kl_divergence(const MeanVarianceMixture<S>& model, const MeanVarianceMixture<S>& other) {
  require_same_dimension(model, other);
  return joint_kl_divergence(centred(model), centred(other));
}

#define VARIMIX_INSTANTIATE(S)                                                                     \
  template double squared_hellinger(const MeanVarianceMixture<S>&, const MeanVarianceMixture<S>&); \
  template double kl_divergence(const MeanVarianceMixture<S>&, const MeanVarianceMixture<S>&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
