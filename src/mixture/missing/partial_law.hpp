#pragma once

#include <cstdint>
#include <vector>

#include "kernels/distance.hpp"
#include "kernels/partial_rows.hpp"
#include "kernels/posterior.hpp"
#include "kernels/precision_rows.hpp"
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

/// The choice whether rows with few gaps may go by the precision, which costs O(d^3).
enum class Precision { kLeaveOut, kCompute };

/// Returns the size of the lower triangle of so many columns.
[[nodiscard]] constexpr Index triangle_of(Index columns) noexcept { return columns * (columns + 1) / 2; }

/// A joint law as kernels::partial_rows and kernels::precision_rows read it, with each column in a unit of its own.
class PartialLaw {
 public:
  explicit PartialLaw(const JointLaw& joint, Precision precision = Precision::kCompute);
  /// Returns the law, which this object must outlive. With `centred` the misalignments are those that large orders need
  /// (LargeOrderPosterior).
  [[nodiscard]] kernels::PartialRowLaw kernel(bool centred) const noexcept;
  /// The same with the precision. @pre few_missing() > 0.
  [[nodiscard]] kernels::PrecisionLaw precision_kernel(bool centred) const noexcept;
  /// The same for complete rows. @pre few_missing() > 0.
  [[nodiscard]] kernels::RowLaw complete_kernel(bool centred) const noexcept;
  /// Returns gamma' Sigma^{-1} gamma. @pre few_missing() > 0.
  [[nodiscard]] double gamma_squared() const noexcept { return direction_.squaredNorm(); }
  /// Returns log det of the factor of Sigma.
  [[nodiscard]] double log_det_root() const noexcept { return log_det_root_; }
  /// Returns how many columns a row may miss that goes by kernels::precision_rows. None where rows have so few columns
  /// that many have the same pattern, and share its factor; nor where a column has more than 1 - 1e-4 of its variance
  /// explained by the others: results would lose more than four digits of sixteen.
  [[nodiscard]] Index few_missing() const noexcept { return has_precision_ ? kernels::kMostMissing : 0; }
  /// Returns the unit of column j, a power of two.
  [[nodiscard]] double unit(Index j) const { return unit_(j); }
  [[nodiscard]] const double* units() const noexcept { return unit_.data(); }

 private:
  void take_precision();

  Index d_;
  double root_a_, root_b_, log_det_root_;
  Vector mu_, unit_, inverse_unit_, log_unit_, gamma_;
  Matrix cholesky_;  // (2d, d)
  std::vector<std::uint8_t> takes_logarithm_;
  bool has_precision_ = false;
  Matrix factor_;     // L, not in units
  Vector direction_;  // L^{-1} gamma
  Vector inverse_pivot_, precision_gamma_;
  Matrix precision_;
};

}  // namespace varimix
