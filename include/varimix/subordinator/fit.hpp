#pragma once

#include <span>
#include <vector>

#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"
#include "varimix/subordinator/inverse_gaussian.hpp"

namespace varimix {

/// A maximum-likelihood fit of a law of Y to positive data.
template <class S>
struct DataFit {
  S law;
  ShapeLimit limit;
  double log_likelihood;  ///< the sum of w_i log f(y_i)
  double total_weight;    ///< the sum of the weights; n where there are none
};

/// The moments on which the likelihood of positive data depends, in the unit in which the mean of log y is 0.
struct DataMoments {
  double unit;  ///< e^{mean of log y}
  double inv_y, y, log_y;
  double total_weight;
};

/// Returns the weighted means of (1/y, y, log y) by compensated sums: each is within a few roundings whatever n is, and
/// none overflows where the data's range max(y) / min(y) is a double. A datum of weight 0 counts as absent, to the bit.
/// Throws std::invalid_argument, naming the element, unless every y is finite and > 0 and every weight finite and >= 0;
/// or if there are no data, the weights are not as many as the data, or all weights are zero.
[[nodiscard]] DataMoments data_moments(std::span<const double> y, std::span<const double> weights = {});

/// Returns the law of S under which positive data are most likely, over the parameters that are not held.
/// The likelihood of data that are all equal, or of one datum, has no maximum: the shape is capped and the limit is
/// kGaussian. A GIG whose order p the data do not determine has limit kOrderNotIdentified: there
/// n log(E[Y] E[1/Y]) < 6, and the standard error of p is above the bound a0 of |p|, a0 - 1 = 1/(E[Y] E[1/Y] - 1).
/// Throws as data_moments does, and as the constructor of S does for held values outside their domain.
/// Cost: two passes over the data. The result does not depend on the number of threads.
template <Subordinator S>
[[nodiscard]] DataFit<S> fit_subordinator(std::span<const double> y, std::span<const double> weights = {},
                                          const HeldParameters<S>& held = {});

extern template DataFit<Gamma> fit_subordinator(std::span<const double>, std::span<const double>,
                                                const HeldParameters<Gamma>&);
extern template DataFit<InverseGamma> fit_subordinator(std::span<const double>, std::span<const double>,
                                                       const HeldParameters<InverseGamma>&);
extern template DataFit<InverseGaussian> fit_subordinator(std::span<const double>, std::span<const double>,
                                                          const HeldParameters<InverseGaussian>&);
extern template DataFit<GeneralizedInverseGaussian> fit_subordinator(std::span<const double>, std::span<const double>,
                                                                     const HeldParameters<GeneralizedInverseGaussian>&);

}  // namespace varimix
