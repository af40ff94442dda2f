#include "fisher_information.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/posterior.hpp"
#include "sphere_moments.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix {
namespace {

constexpr int kNodes = 64;
// The sum ends where the density of log q has fallen by this many nats from its mode.
constexpr double kNegligible = 36.0;
constexpr double kFarthest = 700.0;  // |log q| of a double

/// Nodes of the sum: q with its weight, the posterior moments there, and the moments of t.
struct Nodes {
  std::array<double, kNodes> s, q, kappa, log_weight, w, y, log_y;
  std::array<SphereMoments, kNodes> t;
};

/// The law of the squared distance q of a row, in the gauge of the shape.
class RadialLaw {
 public:
  RadialLaw(const ShapePoint& shape, double g, Index d)
      : g_(g),
        d_(d),
        half_d_(0.5 * static_cast<double>(d)),
        posterior_{.order = shape.law.p - half_d_,
                   .a = shape.law.a + g * g,
                   .b = shape.law.b,
                   .z_prior = std::sqrt(shape.law.a * shape.law.b),
                   .log_constant = 0.0},
        a_(shape.law.a) {}

  /// Fills in all that depends on s = log q, for the first `count` nodes; log_weight is the log density of s.
  void evaluate(std::size_t count, Nodes& nodes) const;
  /// Returns d/ds of the log density of s, (d + kappa E[t] - q E[1/Y|q]) / 2, at an evaluated node.
  [[nodiscard]] double slope(const Nodes& nodes, std::size_t i) const;

 private:
  /// Sets out_exponent[i] to log(q) d/2 + log m(kappa), less z where u = a (b + q) >= kScaledNormalizerFrom, for nodes
  /// whose s, q, kappa and t are set. m, the mean of e^{kappa t} over the sphere but for a constant, is
  /// kappa^{-nu} I_nu(kappa), nu = d/2 - 1, and I_nu = 1 / (kappa (K_{nu+1} + K_nu I_{nu+1} / I_nu)).
  void exponents(std::size_t count, const Nodes& nodes, double* out_exponent) const;

  double g_;
  Index d_;
  double half_d_;
  kernels::PosteriorLaw posterior_;
  double a_;
};

void RadialLaw::exponents(std::size_t count, const Nodes& nodes, double* out_exponent) const {
  const double nu = half_d_ - 1.0;
  const auto& kappa = nodes.kappa;
  std::array<double, kNodes> log_k;  // log(e^kappa K_nu(kappa))
  std::array<double, kNodes> ratio;  // K_{nu+1} / K_nu
  if (g_ > 0.0) bessel_k(nu, {kappa.data(), count}, {.log_scaled = log_k.data(), .ratio_plus = ratio.data()});
  for (std::size_t i = 0; i < count; ++i) {
    const double u = posterior_.a * (posterior_.b + nodes.q[i]);
    // kappa, or kappa - z, of which both may be large and close to each other
    const double difference = u < kScaledNormalizerFrom
                                  ? kappa[i]
                                  : -(a_ * nodes.q[i] + posterior_.a * posterior_.b) / (kappa[i] + std::sqrt(u));
    out_exponent[i] = half_d_ * nodes.s[i] + difference;
    if (g_ > 0.0) {
      out_exponent[i] -= (nu + 1.0) * std::log(kappa[i]) + log_k[i] + std::log(ratio[i] + nodes.t[i].bessel_ratio);
    }
  }
}

void RadialLaw::evaluate(std::size_t count, Nodes& nodes) const {
  std::array<double, kNodes> exponent;
  for (std::size_t i = 0; i < count; ++i) {
    nodes.q[i] = std::exp(nodes.s[i]);
    nodes.kappa[i] = g_ * std::sqrt(nodes.q[i]);
  }
  sphere_moments({nodes.kappa.data(), count}, d_, nodes.t.data());
  exponents(count, nodes, exponent.data());
  kernels::posterior(posterior_, nullptr, static_cast<Index>(count), nodes.q.data(), exponent.data(),
                     {nodes.log_weight.data(), nodes.w.data(), nodes.y.data(), nodes.log_y.data()});
}

double RadialLaw::slope(const Nodes& nodes, std::size_t i) const {
  return half_d_ + 0.5 * (nodes.kappa[i] * nodes.t[i].bessel_ratio - nodes.q[i] * nodes.w[i]);
}

/// The mode of s, the log density there and the width of the peak, 1 / sqrt(curvature).
struct Peak {
  double mode, log_density, width;
};

/// Finds the peak by Newton's method within a bracket, to a hundredth of its width: the nodes are laid out by it.
Peak peak_of(const RadialLaw& law, double guess, Nodes& scratch) {
  constexpr int kMostSteps = 100;
  constexpr double kDifference = 1e-3;
  constexpr double kLongestStep = 3.0;
  constexpr double kPrecision = 0.01;
  constexpr double kLeastCurvature = 1e-4;
  double low = -kFarthest;
  double high = kFarthest;
  Peak peak{.mode = guess, .log_density = 0.0, .width = 1.0};
  for (int k = 0; k < kMostSteps; ++k) {
    scratch.s[0] = peak.mode;
    scratch.s[1] = peak.mode + kDifference;
    law.evaluate(2, scratch);
    const double slope = law.slope(scratch, 0);
    const double curvature = std::max((slope - law.slope(scratch, 1)) / kDifference, kLeastCurvature);
    peak.log_density = scratch.log_weight[0];
    peak.width = 1.0 / std::sqrt(curvature);
    if (std::abs(slope / curvature) < kPrecision * peak.width) break;
    (slope > 0.0 ? low : high) = peak.mode;
    const double next = peak.mode + std::clamp(slope / curvature, -kLongestStep, kLongestStep);
    peak.mode = next > low && next < high ? next : 0.5 * (low + high);
  }
  return peak;
}

/// Returns, for the left and the right of the peak, the least x of 1.5, 2, 2.5, ... where the density of
/// s = mode -+ width sinh(x) is negligible. Several are looked at together, which costs little more than one.
std::array<double, 2> ends_of(const RadialLaw& law, const Peak& peak, Nodes& scratch) {
  constexpr double kStep = 0.5;
  constexpr std::size_t kAhead = 4;
  const double farthest = std::asinh((kFarthest - std::abs(peak.mode)) / peak.width);
  std::array<double, 2> end = {1.5, 1.5};
  std::array<bool, 2> is_found = {false, false};
  while (!is_found[0] || !is_found[1]) {
    for (std::size_t i = 0; i < 2 * kAhead; ++i) {
      const std::size_t side = i / kAhead;
      const double x = std::min(end[side] + kStep * static_cast<double>(i % kAhead), farthest);
      scratch.s[i] = peak.mode + (side == 0 ? -1.0 : 1.0) * peak.width * std::sinh(x);
    }
    law.evaluate(2 * kAhead, scratch);
    for (std::size_t i = 0; i < 2 * kAhead; ++i) {
      const std::size_t side = i / kAhead;
      is_found[side] =
          is_found[side] || peak.log_density - scratch.log_weight[i] >= kNegligible || !(end[side] < farthest);
      if (!is_found[side]) end[side] += kStep;
    }
  }
  return {std::min(end[0], farthest), std::min(end[1], farthest)};
}

/// Returns nodes over the whole law with their weights, which sum to 1.
Nodes nodes_of(const RadialLaw& law, double guess_of_mode) {
  Nodes nodes;
  const Peak peak = peak_of(law, guess_of_mode, nodes);
  const auto [left, right] = ends_of(law, peak, nodes);
  const double step = (left + right) / (kNodes - 1);
  std::array<double, kNodes> jacobian;
  for (std::size_t k = 0; k < kNodes; ++k) {
    const double x = step * static_cast<double>(k) - left;
    nodes.s[k] = peak.mode + peak.width * std::sinh(x);
    jacobian[k] = std::cosh(x);
  }
  law.evaluate(kNodes, nodes);
  double sum = 0.0;
  for (std::size_t k = 0; k < kNodes; ++k) {
    nodes.log_weight[k] = jacobian[k] * std::exp(nodes.log_weight[k] - peak.log_density);
    sum += nodes.log_weight[k];
  }
  for (double& weight : nodes.log_weight) weight /= sum;
  return nodes;
}

/// The moments of v = 1 - t as a form on polynomials in v of degree 2: the mean of their product.
Eigen::Matrix3d product_moments(const SphereMoments& t) {
  Eigen::Matrix3d moments;
  moments << 1.0, t.v1, t.v2, t.v1, t.v2, t.v3, t.v2, t.v3, t.v4;
  return moments;
}

}  // namespace

InformationBlocks fisher_information(const ShapePoint& shape, double g, Index d, Tails leave_out) {
  const double across = static_cast<double>(d) - 1.0;
  const Nodes nodes = nodes_of(RadialLaw(shape, g, d), std::log(static_cast<double>(d) + g * g));
  const Index shapes = shape.slope.cols();
  const Index size = first_shape(d) + shapes;
  InformationBlocks blocks;
  using Square = Eigen::Matrix<double, kMostScalars, kMostScalars>;
  Square scalars = Square::Zero();
  Eigen::Matrix<double, kMostScalars, 3> score;  // each a polynomial in v
  score.setZero();
  double below = 0.0;
  for (std::size_t k = 0; k < kNodes; ++k) {
    const double reached = below + nodes.log_weight[k];
    const double weight = std::min(reached, 1.0 - leave_out.above) - std::max(below, leave_out.below);
    below = reached;
    if (weight <= 0.0) continue;
    const double q = nodes.q[k];
    const double z = std::sqrt(q);
    const double w = nodes.w[k];
    const double y = nodes.y[k];
    const double y_g = g > 0.0 ? y * g : 0.0;  // E[Y|q] may be infinite
    const double lag = w * z - g;
    score.row(0) << lag, -w * z, 0.0;
    score.row(1) << z - y_g, -z, 0.0;
    score.row(2) << 0.5 * (y_g * g - 2.0 * g * z + w * q - 1.0), -lag * z, 0.5 * w * q;
    if (d > 1) score.row(3) << -0.5 * across, w * q, -0.5 * w * q;
    for (Index j = 0; j < shapes; ++j) score(first_shape(d) + j, 0) = shape.score({w, y, nodes.log_y[k]}, j);
    const SphereMoments& t = nodes.t[k];
    scalars.noalias() += score * (weight * product_moments(t)) * score.transpose();
    if (d == 1) continue;
    // r = q (2 v - v^2) over d - 1, times the products of (w, 1, w z t - g), w z t - g = lag - w z v
    const double r0 = weight * q * t.across / across;
    const double r1 = weight * q * (2.0 * t.v2 - t.v3) / across;
    const double r2 = weight * q * (2.0 * t.v3 - t.v4) / across;
    const double first = lag * r0 - w * z * r1;
    Eigen::Matrix3d& v = blocks.vectors;
    v(0, 0) += w * w * r0;
    v(1, 0) += w * r0;
    v(1, 1) += r0;
    v(2, 0) += w * first;
    v(2, 1) += first;
    v(2, 2) += lag * (lag * r0 - 2.0 * w * z * r1) + w * z * w * z * r2;
    blocks.traceless += weight * w * w * q * q * t.across_squared / (2.0 * across * (across + 2.0));
  }
  blocks.scalars = Square(scalars.selfadjointView<Eigen::Lower>()).topLeftCorner(size, size);
  blocks.vectors = Eigen::Matrix3d(blocks.vectors.selfadjointView<Eigen::Lower>());
  if (d < 3) blocks.traceless = 0.0;
  return blocks;
}

InformationBlocks complete_information(const ShapePoint& shape, Index d, double largest_moment) {
  const double inv_y = std::min(shape.mean(0), largest_moment);
  const double y = std::min(shape.mean(1), largest_moment);
  const Index shapes = shape.slope.cols();
  InformationBlocks blocks;
  blocks.scalars = ScalarMatrix::Zero(first_shape(d) + shapes, first_shape(d) + shapes);
  blocks.scalars.topLeftCorner<2, 2>() << inv_y, 1.0, 1.0, y;
  blocks.scalars(2, 2) = 0.5;
  if (d > 1) blocks.scalars(3, 3) = 0.5 * (static_cast<double>(d) - 1.0);
  blocks.scalars.bottomRightCorner(shapes, shapes) = shape.information;
  if (d > 1) {
    blocks.vectors << inv_y, 1.0, 0.0, 1.0, y, 0.0, 0.0, 0.0, 1.0;
    blocks.traceless = d > 2 ? 0.5 : 0.0;
  }
  return blocks;
}

}  // namespace varimix
