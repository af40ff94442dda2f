#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/posterior.hpp"
#include "special/gig_mode.hpp"
#include "varimix/core/types.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// A model of any family, about an origin.
struct JointLaw {
  template <Subordinator S>
  JointLaw(const MeanVarianceMixture<S>& model, const Vector& origin)
      : mu(model.mu() - origin),
        gamma(model.gamma()),
        cholesky(model.L_Sigma()),
        gig(model.subordinator().gig()),
        log_constant(model.subordinator().log_constant()),
        mode(gig.p, gig.a, gig.b) {}
  /// Makes the Gaussian N(mu, L L'), which serves for distances only.
  JointLaw(Vector location, Matrix factor)
      : mu(std::move(location)),
        gamma(Vector::Zero(mu.size())),
        cholesky(std::move(factor)),
        gig{0.0, 0.0, 0.0},
        mode(0.0, 0.0, 0.0) {}

  [[nodiscard]] Index d() const noexcept { return mu.size(); }

  Vector mu, gamma;
  Matrix cholesky;  // the factor of Sigma
  GigParameters gig;
  double log_constant = 0.0;  // the constant of the law of Y
  GigMode mode;               // the mode of the law of Y
};

/// The choice between the law of the shown columns alone and, beside it, that of the rest given them.
enum class Rest { kLeaveOut, kDescribe };

/// The law of the columns o that a pattern shows, and of the missing ones m given them. With
/// q = (x_o - mu_o)' Sigma_oo^{-1} (x_o - mu_o) and B = Sigma_mo Sigma_oo^{-1},
///   Y | x_o ~ GIG(p - |o|/2, a + gamma_o' Sigma_oo^{-1} gamma_o, b + q),
///   X_m | x_o, Y ~ N(mu_m + B (x_o - mu_o) + Y (gamma_m - B gamma_o), Y (Sigma_mm - B Sigma_om)).
/// All of it comes from one factor of Sigma with its rows in the order o, m: reflections of the columns of L, a row at
/// a time, give P L Q = [[L_o, 0], [U', F]] with L_o L_o' = Sigma_oo, U' = B L_o and F F' = Sigma_mm - B Sigma_om.
/// Sigma is not formed: its conditional variances may be as small as roundings of its entries.
/// The object is a workspace: `take` overwrites it and allocates nothing.
class PatternLaw {
 public:
  explicit PatternLaw(Index d);
  /// Takes the pattern that shows the columns with shows[j] != 0, at least one. Cost: O(d_o^2 + d d_o d_m) for d_o
  /// shown and d_m missing columns.
  void take(const JointLaw& joint, std::span<const std::uint8_t> shows, Rest rest);

  using Map = Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>;
  [[nodiscard]] Map factor() const { return {factor_.data(), d(), d(), Eigen::OuterStride<>(d())}; }
  [[nodiscard]] Index d() const noexcept { return factor_.cols(); }
  [[nodiscard]] Index shown() const noexcept { return static_cast<Index>(observed.size()); }

  std::vector<Index> observed, missing;
  Vector mu_shown;             // (d), the first d_o used
  Vector whitened_gamma;       // (d), the first d_o used: L_o^{-1} gamma_o
  double gamma_squared = 0.0;  // gamma_o' Sigma_oo^{-1} gamma_o
  double log_det_root = 0.0;   // log det L_o
  kernels::PosteriorLaw law;   // the law of Y given x_o

  // These are set only with Rest::kDescribe.
  Vector conditional_gamma;  // (d), the first d_m used: gamma_m - B gamma_o
  Matrix covariance;         // (d, d), the first d_m x d_m used, lower triangle: Sigma_mm - B Sigma_om
  /// Returns the entry (k, j) of U'. Row k of U' times L_o^{-1}(x_o - mu_o), plus mu of the k-th missing column, is
  /// that column's conditional mean at Y = 0.
  [[nodiscard]] double loading(Index k, Index j) const { return factor_(shown() + k, j); }

 private:
  void triangularise(Index rows);
  void describe_rest(const JointLaw& joint);

  Matrix factor_;  // its rows are o, then m
  std::vector<double> reflected_;
};

}  // namespace varimix
