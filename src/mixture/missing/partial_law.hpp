#pragma once

#include <cstdint>
#include <vector>

#include "kernels/partial_rows.hpp"
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

/// A joint law as kernels::partial_rows reads it, with each column in a unit of its own.
class PartialLaw {
 public:
  explicit PartialLaw(const JointLaw& joint);
  /// Returns the law, which this object must outlive. With `centred` the misalignments are those that large orders need
  /// (LargeOrderPosterior).
  [[nodiscard]] kernels::PartialRowLaw kernel(bool centred) const noexcept;
  /// Returns the unit of column j, a power of two.
  [[nodiscard]] double unit(Index j) const { return unit_(j); }

 private:
  Index d_;
  double root_a_, root_b_;
  Vector mu_, unit_, inverse_unit_, log_unit_, gamma_;
  Matrix cholesky_;  // (2d, d)
  std::vector<std::uint8_t> takes_logarithm_;
};

}  // namespace varimix
