#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "varimix/core/choice.hpp"
#include "varimix/core/missing.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/types.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// Whether the law of the test can be relied on.
enum class DistinguishabilityStatus {
  kOk,
  kGaussianLimit,  ///< neither law is told from a Gaussian, where all families are one: there is no test, p = 1
  kIrregular,      ///< a VarianceGamma with alpha < 1 + d/4, or a GeneralizedHyperbolic on a face
  kNotAMaximum,    ///< the likelihood of these rows is not at its maximum at a law
};
template <>
inline constexpr std::array<std::string_view, 4> kWords<DistinguishabilityStatus> = {"ok", "gaussian_limit",
                                                                                     "irregular", "not_a_maximum"};

/// A law that was fitted to rows.
struct LawOfRows {
  AnyMeanVarianceMixture model;         ///< the maximum of the rows' likelihood, with what is held
  RowView x;                            ///< the rows, in the order of the model's columns
  std::vector<std::string> fixed = {};  ///< the parameters that the fit held (fix_parameters)
};

/// The test that two laws differ at the law of the rows; every number is finite.
struct DistinguishabilityTest {
  DistinguishabilityStatus status = DistinguishabilityStatus::kOk;
  double statistic = 0.0;  ///< n omega^2
  double p_value = 1.0;    ///< P(sum of weights * chi-square of 1 > statistic)
  double variance = 0.0;   ///< omega^2, of a row's log f_a - log f_b
  Vector weights = {};     ///< of the null law, falling; one for each free parameter of both laws
  Index rows = 0;
};

/// Tests that two laws cannot be distinguished at the law of the rows, omega^2 = 0: the first step of Vuong (1989,
/// Econometrica 57:307, theorems 3.3 and 4.1), without which the z of vuong_test is not normal. With s_a, s_b the scores of
/// a row, H_a, H_b minus the mean Hessians of its log densities, B the mean of (s_a, s_b)(s_a, s_b)', and D the block
/// diagonal matrix of H_a^{-1} and -H_b^{-1}, n omega^2 goes to the sum of w_j chi-square_1 where f_a = f_b, w_j the squares
/// of the eigenvalues of B^{1/2} D B^{1/2}. Rows are independent; their law need be in neither family.
///
/// It is for laws that may overlap or nest and are regular where they are equal. Families of different laws of Y, of which
/// none nests, meet in the Gaussian limit alone, where their shapes are not identified: a law that is not told from a
/// Gaussian there counts as one, with location and dispersion free; where both are, the status is kGaussianLimit.
/// Throws std::invalid_argument, naming model_a or model_b: for rows that are not finite or of another dimension, other
/// numbers of rows, fewer than 2; a density that is 0 or infinite at a row; columns that are collinear; more than
/// kMostDense free parameters; and an information that is infinite or not positive definite.
/// Accuracy: p_value as weighted_chi_square_sf for the weights, which have errors of 1e-7.
/// Cost: 2 p E-steps and 2 p passes over the rows, p the number of free parameters of both.   Memory: O(n + p^2).
[[nodiscard]] DistinguishabilityTest distinguishability_test(const LawOfRows& a, const LawOfRows& b,
                                                             Missing missing = Missing::kError);

/// Returns P(sum of weights_j X_j > x), X_j independent chi-square variables of one degree of freedom, by Laplace's
/// inversion of its moment generating function M(s) = prod (1 - 2 w_j s)^{-1/2}: the trapezoidal rule on a parabola through
/// the saddle point of e^{-sx} M(s) / s. A variable without a weight above 0 is 0.
/// Throws std::invalid_argument for weights that are negative or not finite, and x that is NaN.
/// Accuracy: 1e-12; above the mean 1e-11 relative to p.   Cost: some hundred complex products of all weights.
[[nodiscard]] double weighted_chi_square_sf(double x, const Vector& weights);

}  // namespace varimix
