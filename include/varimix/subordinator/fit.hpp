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
  double log_likelihood;  ///< sum of w_i log f(y_i)
  double total_weight;    ///< n where there are no weights
};

/// What the likelihood of positive data depends on, in the unit in which the mean of log y is 0.
struct DataMoments {
  double unit;  ///< e^{mean of log y}
  double inv_y, y, log_y;
  double total_weight;
};

/// Weighted means of (1/y, y, log y) by compensated sums: each is within a few roundings whatever n is, and none
/// overflows where the data's range max(y) / min(y) is a double. A zero weight is an absent datum, bit for bit.
/// Throws std::invalid_argument, naming the element, unless every y is finite and > 0 and every weight finite and >= 0;
/// if there are no data, or weights of another number, or all are zero.
[[nodiscard]] DataMoments data_moments(std::span<const double> y, std::span<const double> weights = {});

/// The law of S under which positive data are most likely, over the parameters that are not held.
/// Data that are all equal, or one datum, have no maximum: the shape is capped and the limit is kGaussian. A GIG whose
/// order the data do not determine (n log(E[Y] E[1/Y]) < 6: its standard error is that of the bound |p| < a0) has limit
/// kOrderNotIdentified.
/// Throws as data_moments does, and as the constructor for held values outside their domain.
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
