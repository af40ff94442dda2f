#pragma once

#include <vector>

#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/mixture/moment_partial.hpp"

namespace varimix {

/// Returns the mixture with E[Y] = 1 that has the data's moments, in closed form. With m the mean, S the covariance,
/// q = (x-m)' S^{-1} (x-m), Mardia's b = mean(q^2) and t = mean(q S^{-1/2}(x-m)) (Mardia 1970, Biometrika 57:519),
/// an inverse Gaussian Y of variance v gives
///   t = (d+2) v S^{-1/2} gamma  and  b = d(d+2)(1+v) + 4 (d+2) v^2 gamma' S^{-1} gamma,
/// so that
///   v = b/(d(d+2)) - 1 - 4 t't / (d (d+2)^2),  gamma = S^{1/2} t / ((d+2) v),
///   Sigma = S - v gamma gamma',  mu = m - gamma.
/// Here t is shortened by the positive-part factor of James and Stein (1961), max(0, 1 - 2 d (d+2) / (n t't)): 2 (d+2)/n
/// is the variance of each t_j for n Gaussian rows (Mardia 1970). Near the Gaussian limit v is small, and the noise of t
/// divided by it would be a start far from the maximum.
/// The other families start from the same mu, gamma and Sigma, with their law of Y of mean 1 and variance v: the mean
/// and covariance are the data's, and without skewness so is b. With skewness the third cumulant of their Y changes b.
///
/// The model is always feasible. `out_status` gets
///   kTailWeightBound where v was outside [its standard error sqrt(8/(n d (d+2))) for Gaussian data,
///     kLargestInitialTailWeight];
///   kSkewnessBound where the share v gamma' S^{-1} gamma exceeded s = kLargestSkewnessShare: gamma then has that
///     share, and v = (b/(d(d+2)) - 1)/(1 + 4 s/d) keeps the kurtosis;
///   kConstantColumn where columns are constant: their standard deviation is set to 1e-8 of their value, or to 1e-8;
///   kTooFewRows for n < d + 1: correlations are taken as 0;
///   kCollinearColumns with the columns whose conditional variance given the columns before was raised to 1e-10 of
///     their variance;
///   kScaleOverflow where a standard deviation above 1e150 was taken as 1e150.
/// Throws std::invalid_argument for no rows or columns, for infinity, for NaN unless with Missing::kExact, and for columns
/// whose range, near 1e308, is no double.
/// Cost: four passes over the rows, O(n d^2).
///
/// With gaps (NaN, Missing::kExact) mean and variance of a column are those of the rows that show it, and a correlation
/// is that of the rows that show both columns, or 0 where these are fewer than d + 1. Correlations that no one matrix
/// has are shortened together until their matrix has the smallest eigenvalue kSmallestPairwiseEigenvalue. A row that
/// shows the columns o, d_o of them, counts by q_o = (x_o-m_o)' S_oo^{-1} (x_o-m_o): b/(d(d+2)) is the mean of
/// q_o^2/(d_o(d_o+2)), and S^{1/2} t/(d+2) is, a column at a time, the mean of q_o (x_o-m_o)/(d_o+2). Both are the
/// numbers above where all is shown. A column that no row shows gives kUnseenColumn: it has mean 0, no correlation, and
/// the median of the other columns' standard deviations, or 1. Without gaps the result has the bits of kError.
template <Subordinator S>
[[nodiscard]] MeanVarianceMixture<S> default_init(const RowView& x, Status& out_status,
                                                  Missing missing = Missing::kError);

/// Does the same for rows that others hold, in three passes. Rows in memory and their parts
/// elsewhere take the same passes, which differ by the rounding of sums alone. Throws what `ask` throws, and
/// std::invalid_argument for no rows.
template <Subordinator S>
[[nodiscard]] MeanVarianceMixture<S> default_init(const AskMoments& ask, Status& out_status,
                                                  Missing missing = Missing::kError);

/// Returns the family's law of Y with mean 1 and variance v > 0; for the GIG this is the inverse Gaussian.
template <Subordinator S>
[[nodiscard]] S law_of_variance(double v);

/// Returns the columns in which all rows that show them are equal. @pre x has rows, and only finite values or NaN.
[[nodiscard]] std::vector<Index> constant_columns(const RowView& x);

/// The largest tail weight that a model starts from; a single outlier among n rows would give a multiple of n.
inline constexpr double kLargestInitialTailWeight = 10.0;

/// The largest part v gamma' S^{-1} gamma of the variance along gamma that a model starts with as skewness.
inline constexpr double kLargestSkewnessShare = 0.5;

/// The smallest eigenvalue of an initial correlation matrix where the correlations of pairs, each from other rows, have
/// no matrix in common. It only has to be a start from which the likelihood leads on.
inline constexpr double kSmallestPairwiseEigenvalue = 0.01;

/// Returns the standard error of the tail weight's moment estimate for n Gaussian rows of dimension d:
/// sqrt(8 / (n d (d+2))) (Mardia 1970, section 3). Below a few of these a tail weight is not distinguishable from zero.
[[nodiscard]] double gaussian_tail_weight_error(double n, Index d);

}  // namespace varimix
