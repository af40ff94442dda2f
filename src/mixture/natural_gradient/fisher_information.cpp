#include "fisher_information.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "kernels/posterior.hpp"
#include "sphere_moments.hpp"
#include "subordinator/monotone_root.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix {
namespace {

constexpr int kNodes = 64;
// The sum ends where the density of log q has fallen by this many nats from its mode.
constexpr double kNegligible = 36.0;

/// Nodes of the sum: q with its weight, the posterior moments there, and the moments of t.
struct Nodes {
  std::array<double, kNodes> s, q, log_weight, w, y, log_y;
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

  /// Fills in all that depends on s = log q, for the first `count` nodes.
  void evaluate(std::size_t count, Nodes& nodes) const;
  /// Returns d/ds of the log density of s, (d + kappa E[t] - q E[1/Y|q]) / 2, at one point.
  [[nodiscard]] double slope(double s) const;
  [[nodiscard]] double log_density(double s) const;

 private:
  /// Sets out_exponent[i] to log(q) d/2 + log m(kappa) - z for nodes whose s, q and t are set. m, the mean of
  /// e^{kappa t} over the sphere but for a constant, is kappa^{-nu} I_nu(kappa), nu = d/2 - 1, and
  /// I_nu = 1 / (kappa (K_{nu+1} + K_nu I_{nu+1} / I_nu)).
  void exponents(std::size_t count, const Nodes& nodes, double* out_exponent) const;

  double g_;
  Index d_;
  double half_d_;
  kernels::PosteriorLaw posterior_;
  double a_;
  std::unique_ptr<Nodes> scratch_ = std::make_unique<Nodes>();
};

void RadialLaw::exponents(std::size_t count, const Nodes& nodes, double* out_exponent) const {
  const double nu = half_d_ - 1.0;
  std::array<double, kNodes> kappa{};
  std::array<double, kNodes> log_k{};  // log(e^kappa K_nu(kappa))
  std::array<double, kNodes> ratio{};  // K_{nu+1} / K_nu
  for (std::size_t i = 0; i < count; ++i) kappa[i] = g_ * std::sqrt(nodes.q[i]);
  if (g_ > 0.0) bessel_k(nu, {kappa.data(), count}, {.log_scaled = log_k.data(), .ratio_plus = ratio.data()});
  for (std::size_t i = 0; i < count; ++i) {
    const double z = std::sqrt(posterior_.a * (posterior_.b + nodes.q[i]));
    // kappa - z, of which both may be large and close to each other
    const double difference = z > 0.0 ? -(a_ * nodes.q[i] + posterior_.a * posterior_.b) / (kappa[i] + z) : 0.0;
    out_exponent[i] = half_d_ * nodes.s[i] + difference;
    if (g_ > 0.0) {
      out_exponent[i] -= (nu + 1.0) * std::log(kappa[i]) + log_k[i] + std::log(ratio[i] + nodes.t[i].bessel_ratio);
    }
  }
}

void RadialLaw::evaluate(std::size_t count, Nodes& nodes) const {
  std::array<double, kNodes> exponent{};
  for (std::size_t i = 0; i < count; ++i) {
    nodes.q[i] = std::exp(nodes.s[i]);
    nodes.t[i] = sphere_moments(g_ * std::sqrt(nodes.q[i]), d_);
  }
  exponents(count, nodes, exponent.data());
  kernels::posterior(posterior_, nullptr, static_cast<Index>(count), nodes.q.data(), exponent.data(),
                     {nodes.log_weight.data(), nodes.w.data(), nodes.y.data(), nodes.log_y.data()});
}

double RadialLaw::slope(double s) const {
  Nodes& at = *scratch_;
  at.s[0] = s;
  evaluate(1, at);
  return half_d_ + 0.5 * (g_ * std::sqrt(at.q[0]) * at.t[0].bessel_ratio - at.q[0] * at.w[0]);
}

double RadialLaw::log_density(double s) const {
  Nodes& at = *scratch_;
  at.s[0] = s;
  evaluate(1, at);
  return at.log_weight[0];
}

/// Returns nodes over the whole law with their weights, which sum to 1.
Nodes nodes_of(const RadialLaw& law) {
  constexpr double kFarthest = 700.0;  // |log q| of a double
  constexpr double kFirstStep = 1.0;
  const double mode = increasing_root([&](double s) { return -law.slope(s); }, 0.0, kFirstStep, -kFarthest, kFarthest);
  constexpr double kDifference = 1e-3;
  const double curvature = (law.slope(mode - kDifference) - law.slope(mode + kDifference)) / (2.0 * kDifference);
  const double width = 1.0 / std::sqrt(std::max(curvature, 1e-4));
  const double top = law.log_density(mode);
  const auto end = [&](double sign) {
    const auto fall = [&](double x) { return top - law.log_density(mode + sign * width * std::sinh(x)) - kNegligible; };
    const double farthest = std::asinh((kFarthest - std::abs(mode)) / width);
    constexpr double kTypicalEnd = 3.0;
    double x = kTypicalEnd;
    while (x < farthest && fall(x) < 0.0) x += 0.5;
    while (x > 0.5 && fall(x - 0.5) > 0.0) x -= 0.5;
    return sign * std::min(x, farthest);
  };
  const double first = end(-1.0);
  const double step = (end(1.0) - first) / (kNodes - 1);
  Nodes nodes{};
  std::array<double, kNodes> jacobian{};
  for (int i = 0; i < kNodes; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const double x = first + i * step;
    nodes.s[k] = mode + width * std::sinh(x);
    jacobian[k] = std::cosh(x);
  }
  law.evaluate(kNodes, nodes);
  double sum = 0.0;
  for (std::size_t k = 0; k < kNodes; ++k) {
    nodes.log_weight[k] = jacobian[k] * std::exp(nodes.log_weight[k] - top);
    sum += nodes.log_weight[k];
  }
  for (double& weight : nodes.log_weight) weight /= sum;
  return nodes;
}

/// A polynomial in v = 1 - t of degree 2.
struct Quadratic {
  double c0, c1, c2;
};

double mean_product(const Quadratic& a, const Quadratic& b, const SphereMoments& m) {
  return a.c0 * b.c0 + (a.c0 * b.c1 + a.c1 * b.c0) * m.v1 + (a.c0 * b.c2 + a.c1 * b.c1 + a.c2 * b.c0) * m.v2 +
         (a.c1 * b.c2 + a.c2 * b.c1) * m.v3 + a.c2 * b.c2 * m.v4;
}

}  // namespace

InformationBlocks fisher_information(const ShapePoint& shape, double g, Index d, Tails leave_out) {
  const Nodes nodes = nodes_of(RadialLaw(shape, g, d));
  const Index shapes = shape.slope.cols();
  const double across = static_cast<double>(d) - 1.0;
  InformationBlocks blocks;
  blocks.scalars = ScalarMatrix::Zero(first_shape(d) + shapes, first_shape(d) + shapes);
  std::array<Quadratic, kMostScalars> score{};
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
    score[0] = {lag, -w * z, 0.0};
    score[1] = {z - y_g, -z, 0.0};
    score[2] = {0.5 * (y_g * g - 2.0 * g * z + w * q - 1.0), -lag * z, 0.5 * w * q};
    if (d > 1) score[3] = {-0.5 * across, w * q, -0.5 * w * q};
    for (Index j = 0; j < shapes; ++j) {
      const double of_psi = shape.score({w, y, nodes.log_y[k]}, j);
      score[static_cast<std::size_t>(first_shape(d) + j)] = {of_psi, 0.0, 0.0};
    }
    const SphereMoments& t = nodes.t[k];
    for (Index i = 0; i < blocks.scalars.rows(); ++i) {
      for (Index j = 0; j <= i; ++j) {
        blocks.scalars(i, j) +=
            weight * mean_product(score[static_cast<std::size_t>(i)], score[static_cast<std::size_t>(j)], t);
      }
    }
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
  blocks.scalars = ScalarMatrix(blocks.scalars.selfadjointView<Eigen::Lower>());
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
