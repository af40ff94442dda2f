#pragma once

#include <iosfwd>
#include <limits>
#include <variant>

#include "varimix/core/choice.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/core/types.hpp"
#include "varimix/mixture/classical_parameters.hpp"
#include "varimix/random/key.hpp"
#include "varimix/stats/eta.hpp"
#include "varimix/subordinator/subordinator.hpp"
#include "varimix/univariate/univariate_law.hpp"

namespace varimix {

struct BatchEMOptions;
template <class M>
struct EMResult;
template <Subordinator S>
class MixtureFit;

/// What an E-step gives: the rows' expectation parameters and their mean log-likelihood.
struct EStepResult {
  Eta eta;
  double log_lik;          ///< mean of log f(x), nats per row
  Index floored_rows = 0;  ///< rows whose distance was raised to the floor
  Vector observed = {};    ///< with Missing::kExact (d): the weight of the rows that show each column; else empty
  Index peak_row = -1;     ///< the first complete row of the highest density; -1 where none has a density above 0
  double peak_log_density = -std::numeric_limits<double>::infinity();  ///< log f there
};

/// The posterior moments of Y given each row: E[1/Y|x] is the row's robust weight, E[Y|x] its volatility clock.
struct RowPosteriors {
  Vector E_inv_Y;  ///< (n)
  Vector E_Y;      ///< (n)
  Vector E_log_Y;  ///< (n)
};

/// The law of X = mu + gamma Y + sqrt(Y) Z, Z ~ N(0, Sigma), Y ~ Subordinator: a normal variance-mean mixture.
/// An immutable value. Density (McNeil, Frey and Embrechts 2015, section 6.2), with q = (x-mu)' Sigma^{-1} (x-mu),
/// Y ~ GIG(p, a, b), A = a + gamma' Sigma^{-1} gamma, z = sqrt(A (b + q)):
///   f(x) = (2 pi)^{-d/2} |Sigma|^{-1/2} c e^{(x-mu)' Sigma^{-1} gamma} 2 K_{p-d/2}(z) ((b + q)/A)^{(p-d/2)/2}.
/// Functions of rows take any RowView with d columns and throw std::invalid_argument for no rows, another number of
/// columns, infinity, or NaN; with Missing::kExact NaN is a value missing at random, and a row counts by what it shows
/// (see e_step.hpp; what is missing: missing.hpp). They use all cores and give the same bits for any number of threads.
template <Subordinator S>
class MeanVarianceMixture {
 public:
  using SubordinatorType = S;
  /// How it is fitted: varimix/mixture/mixture_fit.hpp.
  using Fit = MixtureFit<S>;

  /// From the Cholesky factor of Sigma. Throws std::invalid_argument for shapes that disagree, values not finite, or
  /// a factor that is not lower triangular with a positive diagonal.
  MeanVarianceMixture(Vector mu, Vector gamma, Matrix L_Sigma, S subordinator);
  /// Throws std::invalid_argument also for a sigma that is not symmetric (to 1e-10) or not positive definite.
  [[nodiscard]] static MeanVarianceMixture from_classical(const ClassicalParameters<S>& parameters);
  /// The model that has the data's mean, covariance, kurtosis (Mardia's) and skewness direction; see default_init.hpp.
  [[nodiscard]] static MeanVarianceMixture default_init(const RowView& x, Missing missing = Missing::kError);
  /// The same; adds to `out_status` where the data made it bend.
  [[nodiscard]] static MeanVarianceMixture default_init(const RowView& x, Status& out_status,
                                                        Missing missing = Missing::kError);
  /// Maximum likelihood of rows in memory, from their default_init: BatchEMFitter(options).fit. For who includes
  /// varimix/em/batch_em_fitter.hpp, which says what it gives and throws.
  [[nodiscard]] static EMResult<MeanVarianceMixture> fit(const RowView& x);
  [[nodiscard]] static EMResult<MeanVarianceMixture> fit(const RowView& x, const BatchEMOptions& options);
  /// The model whose expectation parameters are eta. Throws std::invalid_argument if eta is infeasible.
  [[nodiscard]] static MeanVarianceMixture from_expectation(const Eta& eta);

  [[nodiscard]] Index d() const noexcept { return mu_.size(); }
  [[nodiscard]] const Vector& mu() const noexcept { return mu_; }
  [[nodiscard]] const Vector& gamma() const noexcept { return gamma_; }
  /// Lower Cholesky factor of Sigma.
  [[nodiscard]] const Matrix& L_Sigma() const noexcept { return L_Sigma_; }
  [[nodiscard]] const S& subordinator() const noexcept { return subordinator_; }
  [[nodiscard]] Matrix sigma() const { return L_Sigma_ * L_Sigma_.transpose(); }
  [[nodiscard]] double log_det_sigma() const;
  /// E[Y]E[1/Y] - 1 >= 0, gauge-free: 0 is the Gaussian, larger is heavier tails; inf where a moment does not exist.
  [[nodiscard]] double tail_weight() const;

  /// log f(x) of every row (n); relative to max(1, |log f|) 1e-12 for E[Y] gamma' Sigma^{-1} gamma up to 1e8, beyond it
  /// the rounding of x - mu tells (test MeanVarianceMixtureAccuracy.*). Large shapes lose nothing: 1e-13 for |p| from 40 to 1e300,
  /// p of the law of Y (test LargeOrderAccuracy.*), unless d/2 lies within 40 of p: then 1e-15 |p| (log |p| + |log E[Y]|).
  /// -inf above 1e154 standard deviations.
  [[nodiscard]] Vector log_prob(const RowView& x, Missing missing = Missing::kError) const;
  [[nodiscard]] Vector pdf(const RowView& x, Missing missing = Missing::kError) const;
  /// Mean of log f(x) over the rows, nats per row; with Missing::kExact over those that show something. NaN, a mean that does
  /// not exist, where one row has density 0 and another an infinite one.
  [[nodiscard]] double marginal_log_likelihood(const RowView& x, Missing missing = Missing::kError) const;
  /// Posterior moments of Y given each row, gathered in eta about the origin mu, with the mean log-likelihood.
  [[nodiscard]] EStepResult e_step(const RowView& x, Missing missing = Missing::kError) const;
  /// E[1/Y|x], E[Y|x] and E[log Y|x] of every row, Y | x ~ GIG(p - d/2, a + gamma' Sigma^{-1} gamma, b + q); those of Y for a row
  /// that shows nothing. Infinite where a moment does not exist, at a row that is mu where the density is unbounded.
  [[nodiscard]] RowPosteriors posterior(const RowView& x, Missing missing = Missing::kError) const;
  /// The maximiser of the expected complete log-likelihood given eta, in eta's gauge. Throws as from_expectation,
  /// and for an eta of another dimension.
  [[nodiscard]] MeanVarianceMixture m_step(const Eta& eta) const;
  /// eta of the model itself, about the origin mu; weight 0.
  [[nodiscard]] Eta compute_eta_from_model() const;

  /// n draws, one a row, keyed by (seed, row): the first k rows do not depend on n. Throws for n < 0.
  [[nodiscard]] RowMatrix rvs(Index n, const Seed& seed) const;
  /// Moments that diverge are infinite, those that do not exist NaN. Only a NormalInverseGamma (and a GeneralizedHyperbolic
  /// with a = 0, alpha = -p) has such; with its alpha, of a t with nu = 2 alpha:
  /// E[X]: of a column with gamma_j = 0 mu_j for alpha > 1/2, NaN below; else infinite for alpha <= 1.
  [[nodiscard]] Vector mean() const;
  /// E[Y] Sigma + Var(Y) gamma gamma'. What gamma_j = 0 multiplies is left out, so that a symmetric t has the variances
  /// nu/(nu-2) Sigma_jj for alpha > 1; other columns have infinite variances for alpha <= 2. Off the diagonal: infinite
  /// of the sign of gamma_j gamma_k where a variance of Y is; beside a column with gamma_k = 0 finite for alpha > 3/2,
  /// between two such columns for alpha > 1, and NaN below.
  [[nodiscard]] Matrix cov() const;
  /// Skewness of every coordinate. With gamma_j = 0: 0 for alpha > 3/2, else NaN; with skewness infinite for
  /// 2 < alpha <= 3, NaN for alpha <= 2.
  [[nodiscard]] Vector skewness() const;
  /// Excess kurtosis of every coordinate. With gamma_j = 0: infinite for 1 < alpha <= 2, NaN for alpha <= 1; with skewness
  /// infinite for 2 < alpha <= 4, NaN for alpha <= 2.
  [[nodiscard]] Vector kurtosis() const;

  /// The law of w'X, one-dimensional; a w'gamma that is but the rounding of its terms (d kEpsilon of their sizes) is 0.
  /// Throws std::invalid_argument unless w is finite, of dimension d, and not zero.
  [[nodiscard]] MeanVarianceMixture project(const Vector& w) const;
  /// The parameters that the functions of univariate_law.hpp take, for many points at once. Throws std::invalid_argument
  /// naming `function` unless d = 1.
  [[nodiscard]] UnivariateLaw univariate_law(const char* function = "univariate_law") const;
  /// Of a one-dimensional model (else std::invalid_argument), one point each, as univariate_law.hpp says: P(X <= x),
  /// P(X > x), their logarithms, the x with P(X <= x) = q and with P(X > x) = q, value at risk and expected shortfall.
  [[nodiscard]] double cdf(double x) const { return varimix::cdf(univariate_law("cdf"), x); }
  [[nodiscard]] double sf(double x) const { return varimix::sf(univariate_law("sf"), x); }
  [[nodiscard]] double log_cdf(double x) const { return varimix::log_cdf(univariate_law("log_cdf"), x); }
  [[nodiscard]] double log_sf(double x) const { return varimix::log_sf(univariate_law("log_sf"), x); }
  [[nodiscard]] double ppf(double q) const { return varimix::ppf(univariate_law("ppf"), q); }
  [[nodiscard]] double isf(double q) const { return varimix::isf(univariate_law("isf"), q); }
  [[nodiscard]] double value_at_risk(double level) const {
    return varimix::value_at_risk(univariate_law("value_at_risk"), level);
  }
  [[nodiscard]] double expected_shortfall(double level) const {
    return varimix::expected_shortfall(univariate_law("expected_shortfall"), level);
  }
  /// Of a one-dimensional model (else std::invalid_argument): cov(), its root, ppf(1/2), and the points between which X lies
  /// with probability `confidence`, half of the rest on either side.
  [[nodiscard]] double var() const;
  [[nodiscard]] double std() const;
  [[nodiscard]] double median() const { return varimix::ppf(univariate_law("median"), 0.5); }
  [[nodiscard]] Interval interval(double confidence) const;

  /// A copy with some parameters replaced; checked as from_classical.
  [[nodiscard]] MeanVarianceMixture replace(const ClassicalChanges<S>& changes) const;
  /// The same law of X with sY in place of Y: (mu, gamma/s, Sigma/s).
  [[nodiscard]] MeanVarianceMixture rescale_y(double s) const;
  /// Exact equality of all parameters.
  bool operator==(const MeanVarianceMixture& other) const;
  /// True if the two laws agree in mu, gamma, Sigma and the law of Y to `tolerance`, all in one gauge and relative to the
  /// scales of this one (law_difference): parameters of different gauges may be the same law.
  [[nodiscard]] bool same_law(const MeanVarianceMixture& other, double tolerance) const;

 private:
  Vector mu_;
  Vector gamma_;
  Matrix L_Sigma_;
  S subordinator_;
};

using NormalInverseGaussian = MeanVarianceMixture<InverseGaussian>;
using VarianceGamma = MeanVarianceMixture<Gamma>;
/// The skewed t; Student's t with 2 alpha degrees of freedom for gamma = 0.
using NormalInverseGamma = MeanVarianceMixture<InverseGamma>;
using GeneralizedHyperbolic = MeanVarianceMixture<GeneralizedInverseGaussian>;

/// The families, in the order in which they are tried; their words are the names that users know them by.
enum class Family { kNormalInverseGaussian, kVarianceGamma, kNormalInverseGamma, kGeneralizedHyperbolic };
template <>
inline constexpr std::array<std::string_view, 4> kWords<Family> = {"NormalInverseGaussian", "VarianceGamma",
                                                                   "NormalInverseGamma", "GeneralizedHyperbolic"};
/// The family of a law of Y.
template <Subordinator S>
inline constexpr Family kFamily = std::same_as<S, InverseGaussian> ? Family::kNormalInverseGaussian
                                  : std::same_as<S, Gamma>         ? Family::kVarianceGamma
                                  : std::same_as<S, InverseGamma>  ? Family::kNormalInverseGamma
                                                                   : Family::kGeneralizedHyperbolic;
template <Subordinator S>
inline constexpr const char* kFamilyName = word(kFamily<S>).data();  // a literal: ends with 0
/// What checkpoints and summaries call a model of type M; every model that is fitted specialises it.
template <class M>
inline constexpr const char* kModelName = nullptr;
template <Subordinator S>
inline constexpr const char* kModelName<MeanVarianceMixture<S>> = kFamilyName<S>;

/// A model of a family that is chosen at run time.
using AnyMeanVarianceMixture =
    std::variant<NormalInverseGaussian, VarianceGamma, NormalInverseGamma, GeneralizedHyperbolic>;

/// "NormalInverseGaussian(mu=[...], gamma=[...], sigma=[[...]], mu_ig=..., lam=...)", and so for each family.
template <Subordinator S>
std::ostream& operator<<(std::ostream& out, const MeanVarianceMixture<S>& model);

}  // namespace varimix
