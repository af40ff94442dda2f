#pragma once

#include <optional>
#include <string>
#include <vector>

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// The values, in some gauge of Y, of the parameters that a fit leaves as they are.
template <Subordinator S>
struct FixedParameters {
  std::optional<Vector> mu = std::nullopt;
  std::optional<Vector> gamma = std::nullopt;
  std::optional<Matrix> L_Sigma = std::nullopt;
  HeldParameters<S> shape = {};

  /// True if nothing is fixed.
  [[nodiscard]] bool empty() const;
  /// True if Sigma, or a gamma other than 0, is fixed: they tie the unit of Y.
  [[nodiscard]] bool tie_scale() const;
  /// True if a fixed value depends on the gauge, as all do but mu, gamma = 0, and the shapes alpha and p.
  [[nodiscard]] bool depend_on_gauge() const;
  /// Returns the same constraint for the law with sY in place of Y.
  [[nodiscard]] FixedParameters rescale_y(double s) const;
};

/// Returns the parameters in `names` - "mu", "gamma", "sigma", or one of the family's law of Y ("lam", "alpha", ...) -
/// fixed at the values of `model`; `symmetric` fixes gamma at 0.
/// Throws std::invalid_argument for another name, and for "gamma" together with `symmetric` where the model's is not 0.
template <Subordinator S>
[[nodiscard]] FixedParameters<S> fix_parameters(const MeanVarianceMixture<S>& model,
                                                const std::vector<std::string>& names, bool symmetric);

/// Returns the s for which the law of sY has the first fixed shape parameter that depends on the gauge; 1 if none does.
template <Subordinator S>
[[nodiscard]] double scale_to_fixed(const S& law, const FixedParameters<S>& fixed);

/// Returns how many parameters of a law of dimension d a fit is free to choose: those of mu, gamma, Sigma and the law
/// of Y that are not fixed, less one for the gauge where no fixed value depends on it.
template <Subordinator S>
[[nodiscard]] Index free_parameters(Index d, const FixedParameters<S>& fixed);

/// Returns `model` with the fixed values in their places, bit for bit.
template <Subordinator S>
[[nodiscard]] MeanVarianceMixture<S> with_fixed(const MeanVarianceMixture<S>& model, const FixedParameters<S>& fixed);

}  // namespace varimix
