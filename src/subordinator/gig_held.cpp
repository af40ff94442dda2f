#include "gig_held.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "gamma_functions.hpp"
#include "gamma_shape.hpp"
#include "monotone_root.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/special/bessel_k.hpp"

// The likelihood is concave in (p, a, b), so that each held subset leaves a concave problem. With one free parameter
// its maximum is the root of a monotone function. With two, an inner root meets E[1/Y], and the slope in p of the
// likelihood so maximised, E[log Y] of the data less that of the law, falls in p.
namespace varimix {
namespace {

using Law = GeneralizedInverseGaussian;
using LawFit = ShapeFit<Law>;

constexpr double kLowestLogZ = -340.0;  // z^2, a and b are doubles; below this the law is a face to rounding
constexpr double kHighestLogZ = 340.0;

/// Returns the law on the face of the sign of p.
LawFit face_of(const YMoments& m, double p) {
  if (p > 0.0) return {Law(p, 2.0 * p / m.y, 0.0), ShapeLimit::kGammaFace};
  return {Law(p, 0.0, -2.0 * p / m.inv_y), ShapeLimit::kInverseGammaFace};
}

/// Fits a and b where p alone is held: E[Y] E[1/Y] = R+ R- falls in z, from |p| / (|p| - 1) (+inf for |p| <= 1) to 1.
LawFit with_order(const YMoments& m, double p) {
  const double tail_weight = std::fma(m.inv_y, m.y, -1.0);
  if (tail_weight < kGaussianTailWeight) return {gig_of_shape(p, kLargestShape, m), ShapeLimit::kGaussian};
  if (1.0 / tail_weight <= std::abs(p) - 1.0) return face_of(m, p);
  const double goal = std::log1p(tail_weight);
  const auto excess = [&](double x) {
    const BesselK k = bessel_k(p, std::exp(x));
    return goal - std::log(k.ratio_minus) - std::log(k.ratio_plus);
  };
  const double guess = std::log1p(1.0 / tail_weight);
  const double x = increasing_root(excess, guess, 1.0, kLowestLogZ, kHighestLogZ);
  if (x > kLowestLogZ) return {gig_of_shape(p, std::exp(x), m)};
  if (p != 0.0) return face_of(m, p);
  return {gig_of_shape(p, std::exp(x), m), ShapeLimit::kParameterBound};
}

/// Returns the b that meets E[1/Y] where p and a are held: a R-/z falls in z, from a / (2 (p - 1)) (+inf for p <= 1) to
/// 0. Returns 0 where no b > 0 meets it. The equation is log(R-/z) = log(E[1/Y]/a), whose left side is nearly -log z or
/// constant.
double b_of(double inv_y, double p, double a) {
  if (p > 1.0 && a / (2.0 * (p - 1.0)) <= inv_y) return 0.0;
  const double goal = std::log(inv_y) - std::log(a);
  const auto excess = [&](double x) { return goal - std::log(bessel_k(p, std::exp(x)).ratio_minus) + x; };
  // R-/z is about 1/(q + hypot(q, z)), q = p - 1/2.
  const double inverse = std::exp(-std::clamp(goal, -kHighestLogZ, kHighestLogZ));
  const double square = inverse - 2.0 * p + 1.0;
  const double guess = 0.5 * (std::log(inverse) + std::log(std::max(square, 0.1 / (1.0 + inverse))));
  const double x = increasing_root(excess, guess, 0.1, kLowestLogZ, kHighestLogZ);
  return x > kLowestLogZ ? std::exp(2.0 * x - std::log(a)) : 0.0;
}

LawFit with_order_and_a(const YMoments& m, double p, double a) {
  if (a == 0.0) return {Law(p, 0.0, 2.0 * -p / m.inv_y)};
  const double b = b_of(m.inv_y, p, a);
  if (b == 0.0 && !(p > 0.0)) return {Law(p, a, std::numeric_limits<double>::min() * 2.0), ShapeLimit::kParameterBound};
  return {Law(p, a, b), b == 0.0 ? ShapeLimit::kGammaFace : ShapeLimit::kNone};
}

/// Fits p and b where a alone is held. b = 0 is the maximum where E[1/Y] of the Gamma law with the rate a/2 is at most
/// the data's.
LawFit with_a(const YMoments& m, double a) {
  if (a == 0.0) {
    const GammaShape shape = gamma_maximum_likelihood(m.inv_y, -m.log_y, {});
    return {Law(-shape.alpha, 0.0, 2.0 * shape.beta), shape.limit};
  }
  const GammaShape face = gamma_maximum_likelihood(m.y, m.log_y, {std::nullopt, 0.5 * a});
  if (face.alpha > 1.0 && a / (2.0 * (face.alpha - 1.0)) <= m.inv_y) {
    return {Law(face.alpha, a, 0.0), ShapeLimit::kGammaFace};
  }
  const auto excess = [&](double p) { return Law(p, a, b_of(m.inv_y, p, a)).E_log_Y() - m.log_y; };
  const double highest = std::min(face.alpha, kLargestShape);
  const double p = increasing_root(excess, std::min(0.5 * face.alpha, highest), 1.0, -kLargestShape, highest);
  LawFit fit = with_order_and_a(m, p, a);
  if (p <= -kLargestShape) fit.limit = ShapeLimit::kGaussian;
  return fit;
}

/// Fits p where a and b are held: E[log Y] rises in p.
LawFit with_a_and_b(const YMoments& m, double a, double b) {
  if (b == 0.0) {
    const GammaShape shape = gamma_maximum_likelihood(m.y, m.log_y, {std::nullopt, 0.5 * a});
    return {Law(shape.alpha, a, 0.0), shape.limit};
  }
  if (a == 0.0) {
    const GammaShape shape = gamma_maximum_likelihood(m.inv_y, -m.log_y, {std::nullopt, 0.5 * b});
    return {Law(-shape.alpha, 0.0, b), shape.limit};
  }
  const auto excess = [&](double p) { return Law(p, a, b).E_log_Y() - m.log_y; };
  const double p = increasing_root(excess, 0.0, 1.0, -kLargestGigOrder, kLargestGigOrder);
  return {Law(p, a, b), std::abs(p) < kLargestGigOrder ? ShapeLimit::kNone : ShapeLimit::kParameterBound};
}

/// Turns a fit to 1/Y into one to Y: where Y ~ GIG(p, a, b), 1/Y is GIG(-p, b, a).
LawFit mirrored(const LawFit& fit) {
  ShapeLimit limit = fit.limit;
  if (limit == ShapeLimit::kGammaFace) limit = ShapeLimit::kInverseGammaFace;
  return {Law(-fit.law.p(), fit.law.b(), fit.law.a()), limit};
}

}  // namespace

Law gig_of_shape(double p, double z, const YMoments& m) {
  // u = sqrt(b/a) solves E[Y]/u - E[1/Y] u = R+ - R- = 2p/z.
  const double order = std::abs(p);
  const double sum = order + std::hypot(order, z * std::sqrt(m.inv_y) * std::sqrt(m.y));
  if (p >= 0.0) return {p, sum / m.y, z * (z / sum) * m.y};
  return {p, z * (z / sum) * m.inv_y, sum / m.inv_y};
}

LawFit gig_maximum_with_held(const YMoments& m, const std::array<std::optional<double>, 3>& held) {
  const auto& [p, a, b] = held;
  // The constructor checks what is held before any work; 1 or -1 stands in for what is not.
  (void)Law(p.value_or(a.value_or(1.0) == 0.0 ? -1.0 : 1.0), a.value_or(1.0), b.value_or(1.0));
  const YMoments mirror = {m.y, m.inv_y, -m.log_y};
  if (p && a && b) return {Law(*p, *a, *b)};
  if (a && b) return with_a_and_b(m, *a, *b);
  if (p && a) return with_order_and_a(m, *p, *a);
  if (p && b) return mirrored(with_order_and_a(mirror, -*p, *b));
  if (p) return with_order(m, *p);
  return a ? with_a(m, *a) : mirrored(with_a(mirror, *b));
}

}  // namespace varimix
