#pragma once

#include <vector>

#include "varimix/mixture/fixed_parameters.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

// Below, `columns` are columns of X, in any order. The functions throw std::invalid_argument unless there is at least one,
// all lie within 0, ..., d - 1, and none comes twice.

/// Returns the law of these columns, in this order: that of the same family with the same law of Y, with mu, gamma and
/// Sigma of these columns. They keep their names. Cost: O(d^2 k), k the number of columns; Sigma is not squared.
template <Subordinator S>
[[nodiscard]] MeanVarianceMixture<S> marginal(const MeanVarianceMixture<S>& model, const std::vector<Index>& columns);

/// Returns the statistics of these columns.
[[nodiscard]] Eta marginal(const Eta& eta, const std::vector<Index>& columns);

/// Returns what is fixed of these columns; where neither mu nor gamma nor Sigma is, they are not looked at.
template <Subordinator S>
[[nodiscard]] FixedParameters<S> marginal(const FixedParameters<S>& fixed, const std::vector<Index>& columns);

/// Returns the law in which these columns have the law `part`, and the others, given them and Y, the law that they have in
/// `whole`. With o these columns, m the others, and B = Sigma_mo Sigma_oo^{-1}, it keeps of `whole`
///   B,  mu_m - B mu_o,  gamma_m - B gamma_o,  and  Sigma_mm - B Sigma_om.
/// Its law of Y and its gauge are those of `part`; the last two are for Y / unit in place of Y, if `unit` says how large Y of
/// `part` is beside that of `whole`. It has the names of `whole`.
/// With `given`, some of these columns or none, the others keep the law that they have in `whole` given those and Y, and their
/// covariances with what the rest of these columns has beside those, in its standard units. Then `part` may have another law of
/// the rest, and leaves the law of the others and `given` as it would be without the rest.
/// Throws std::invalid_argument also for a part of another dimension than the number of columns, for `given` that are not
/// among the columns or come twice, and unless unit is finite and > 0.
/// Source: the factorisation f(x_o, x_m | y) = f(x_o | y) f(x_m | x_o, y) of a Gaussian law.
template <Subordinator S>
[[nodiscard]] MeanVarianceMixture<S> with_marginal(const MeanVarianceMixture<S>& whole,
                                                   const MeanVarianceMixture<S>& part,
                                                   const std::vector<Index>& columns, double unit = 1.0);
template <Subordinator S>
[[nodiscard]] MeanVarianceMixture<S> with_marginal(const MeanVarianceMixture<S>& whole,
                                                   const MeanVarianceMixture<S>& part,
                                                   const std::vector<Index>& columns, const std::vector<Index>& given,
                                                   double unit);

}  // namespace varimix
