#pragma once

#include <iosfwd>
#include <limits>
#include <memory>
#include <variant>

#include "varimix/core/choice.hpp"
#include "varimix/core/column_names.hpp"
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

/// The result of an E-step: the rows' expectation parameters and their mean log-likelihood.
struct EStepResult {
  Eta eta;
  double log_lik;          ///< the mean of log f(x), nats per row
  Index floored_rows = 0;  ///< rows whose distance was raised to the floor
  Vector observed = {};    ///< with Missing::kExact (d): the weight of the rows that show each column; else empty
  Index peak_row = -1;     ///< the first complete row of the highest density; -1 where none has a density above 0
  double peak_log_density = -std::numeric_limits<double>::infinity();  ///< log f of that row
};

/// The posterior moments of Y given each row: E[1/Y|x] is the row's robust weight, E[Y|x] its volatility clock.
struct RowPosteriors {
  Vector E_inv_Y;  ///< (n)
  Vector E_Y;      ///< (n)
  Vector E_log_Y;  ///< (n)
};

/// The law of X = mu + gamma Y + sqrt(Y) Z, Z ~ N(0, Sigma), Y ~ Subordinator: a normal variance-mean mixture. It is an
/// immutable value: a copy costs the same for any d. Its density (McNeil, Frey and Embrechts 2015, section 6.2), with q = (x-mu)' Sigma^{-1} (x-mu),
/// Y ~ GIG(p, a, b), c = (a/b)^{p/2} / (2 K_p(sqrt(ab))), A = a + gamma' Sigma^{-1} gamma, z = sqrt(A (b + q)), is
///   f(x) = (2 pi)^{-d/2} |Sigma|^{-1/2} c e^{(x-mu)' Sigma^{-1} gamma} 2 K_{p-d/2}(z) ((b + q)/A)^{(p-d/2)/2}.
/// Functions of rows take any RowView with d columns and throw std::invalid_argument for no rows, another number of
/// columns, infinity, or NaN. With Missing::kExact a NaN is a value missing at random, and a row counts by what it
/// shows (see e_step.hpp; missing.hpp completes rows). They use all cores; the bits do not depend on how many.
template <Subordinator S>
class MeanVarianceMixture {
 public:
  using SubordinatorType = S;
  /// The class that fits it, in varimix/mixture/mixture_fit.hpp.
  using Fit = MixtureFit<S>;

  /// Makes the law from the Cholesky factor of Sigma. Throws std::invalid_argument for shapes that disagree, values
  /// that are not finite, or a factor that is not lower triangular with a positive diagonal.
  MeanVarianceMixture(Vector mu, Vector gamma, Matrix L_Sigma, S subordinator);
  /// Makes the law from Sigma itself. Throws std::invalid_argument also for a sigma that is not symmetric (to 1e-10) or
  /// not positive definite.
  [[nodiscard]] static MeanVarianceMixture from_classical(const ClassicalParameters<S>& parameters);
  /// Returns the model that has the data's mean, covariance, kurtosis (Mardia's) and skewness direction; see
  /// default_init.hpp.
  [[nodiscard]] static MeanVarianceMixture default_init(const RowView& x, Missing missing = Missing::kError);
  /// Does the same, and adds to `out_status` where the model does not have the data's moments.
  [[nodiscard]] static MeanVarianceMixture default_init(const RowView& x, Status& out_status,
                                                        Missing missing = Missing::kError);
  /// Fits the model of maximum likelihood to rows in memory, from their default_init: BatchEMFitter(options).fit.
  /// Callers must include varimix/em/batch_em_fitter.hpp, which documents the result and the exceptions.
  [[nodiscard]] static EMResult<MeanVarianceMixture> fit(const RowView& x);
  [[nodiscard]] static EMResult<MeanVarianceMixture> fit(const RowView& x, const BatchEMOptions& options);
  /// Returns the model whose expectation parameters are eta. Throws std::invalid_argument if eta is infeasible.
  [[nodiscard]] static MeanVarianceMixture from_expectation(const Eta& eta);

  [[nodiscard]] Index d() const noexcept { return mu().size(); }
  /// Returns the names of the columns of X, if they have any. A fit takes them from its initial model; `replace`,
  /// `rescale_y` and `m_step` keep them, `project` and what is made of an eta has none.
  [[nodiscard]] const ColumnNames& columns() const noexcept { return columns_; }
  /// Return the same law with these names, or with none. Throw std::invalid_argument for another number of names than
  /// d. Functions of rows do not look at names: column j of the rows is column j of the model.
  [[nodiscard]] MeanVarianceMixture with_columns(const ColumnNames& columns) const&;
  [[nodiscard]] MeanVarianceMixture with_columns(const ColumnNames& columns) &&;
  [[nodiscard]] const Vector& mu() const noexcept { return parts_->mu; }
  [[nodiscard]] const Vector& gamma() const noexcept { return parts_->gamma; }
  /// Returns the lower Cholesky factor of Sigma.
  [[nodiscard]] const Matrix& L_Sigma() const noexcept { return parts_->L_Sigma; }
  [[nodiscard]] const S& subordinator() const noexcept { return subordinator_; }
  [[nodiscard]] Matrix sigma() const { return L_Sigma() * L_Sigma().transpose(); }
  [[nodiscard]] double log_det_sigma() const;
  /// Returns E[Y] E[1/Y] - 1 >= 0, which is gauge-free: it is 0 for a Gaussian and grows with the weight of the tails;
  /// inf where a moment does not exist.
  [[nodiscard]] double tail_weight() const;

  /// Returns log f(x) of every row (n), -inf for rows beyond 1e154 standard deviations.
  /// Accuracy, relative to max(1, |log f|): 1e-12 for E[Y] gamma' Sigma^{-1} gamma up to 1e8, beyond which the rounding
  /// of x - mu shows (test MeanVarianceMixtureAccuracy.*). Large shapes lose nothing: 1e-13 for |p| from 40 to 1e300, p
  /// the order of Y (test LargeOrderAccuracy.*), unless d/2 lies within 40 of p: then 1e-15 |p| (log |p| + |log E[Y]|).
  [[nodiscard]] Vector log_prob(const RowView& x, Missing missing = Missing::kError) const;
  [[nodiscard]] Vector pdf(const RowView& x, Missing missing = Missing::kError) const;
  /// Returns the mean of log f(x) over the rows, nats per row; with Missing::kExact over those that show something.
  /// Where one row has density 0 and another an infinite one the mean does not exist: NaN.
  [[nodiscard]] double marginal_log_likelihood(const RowView& x, Missing missing = Missing::kError) const;
  /// Returns the posterior moments of Y given each row, gathered in eta about the origin mu, and the mean
  /// log-likelihood.
  [[nodiscard]] EStepResult e_step(const RowView& x, Missing missing = Missing::kError) const;
  /// Returns E[1/Y|x], E[Y|x] and E[log Y|x] of every row, Y | x ~ GIG(p - d/2, a + gamma' Sigma^{-1} gamma, b + q). A
  /// row that shows nothing has the moments of Y. A moment that does not exist is infinite; this
  /// happens at a row that is mu where the density is unbounded.
  [[nodiscard]] RowPosteriors posterior(const RowView& x, Missing missing = Missing::kError) const;
  /// Returns the maximiser of the expected complete log-likelihood given eta, in eta's gauge. Throws as
  /// from_expectation does, and for an eta of another dimension.
  [[nodiscard]] MeanVarianceMixture m_step(const Eta& eta) const;
  /// Returns eta of the model itself, about the origin mu, with weight 0.
  [[nodiscard]] Eta compute_eta_from_model() const;

  /// Returns n draws, one a row, keyed by (seed, row): the first k rows do not depend on n. Throws for n < 0.
  [[nodiscard]] RowMatrix rvs(Index n, const Seed& seed) const;
  /// Returns E[X]. Here and below, moments that diverge are infinite, and those that do not exist are NaN. Only a
  /// NormalInverseGamma has such, a skewed t with nu = 2 alpha (or a GeneralizedHyperbolic with a = 0, alpha = -p).
  /// With gamma_j = 0, E[X_j] is mu_j for alpha > 1/2, and NaN below; with gamma_j != 0 it is infinite for alpha <= 1.
  [[nodiscard]] Vector mean() const;
  /// Returns E[Y] Sigma + Var(Y) gamma gamma'. What gamma_j = 0 multiplies is left out, so that a symmetric t has the
  /// variances E[Y] Sigma_jj, nu/(nu-2) Sigma_jj for beta = alpha, for alpha > 1; other columns have infinite variances
  /// for alpha <= 2. Off the diagonal an entry is infinite, of the sign of gamma_j gamma_k, where Var(Y) is and neither
  /// factor is 0. With one of them 0 it is finite for alpha > 3/2, with both 0 for alpha > 1, and NaN below.
  [[nodiscard]] Matrix cov() const;
  /// Returns the skewness of every coordinate. With gamma_j = 0 it is 0 for alpha > 3/2, else NaN; with gamma_j != 0 it
  /// is infinite for 2 < alpha <= 3, NaN for alpha <= 2.
  [[nodiscard]] Vector skewness() const;
  /// Returns the excess kurtosis of every coordinate. With gamma_j = 0 it is infinite for 1 < alpha <= 2, NaN for
  /// alpha <= 1; with gamma_j != 0 it is infinite for 2 < alpha <= 4, NaN for alpha <= 2.
  [[nodiscard]] Vector kurtosis() const;

  /// Returns the one-dimensional law of w'X. A w'gamma within the rounding of its terms (d kEpsilon of their sizes)
  /// counts as 0.
  /// Throws std::invalid_argument unless w is finite, of dimension d, and not zero.
  [[nodiscard]] MeanVarianceMixture project(const Vector& w) const;
  /// Returns the parameters that the functions of univariate_law.hpp take, for many points at once. Throws
  /// std::invalid_argument naming `function` unless d = 1.
  [[nodiscard]] UnivariateLaw univariate_law(const char* function = "univariate_law") const;
  /// Return, at one point and as univariate_law.hpp says, P(X <= x), P(X > x), their logarithms, the x with
  /// P(X <= x) = q and that with P(X > x) = q, value at risk and expected shortfall. Throw std::invalid_argument unless
  /// d = 1.
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
  /// Return cov(), its root, ppf(1/2), and the points between which X lies with probability `confidence`, half of the
  /// rest on either side. Throw std::invalid_argument unless d = 1.
  [[nodiscard]] double var() const;
  [[nodiscard]] double std() const;
  [[nodiscard]] double median() const { return varimix::ppf(univariate_law("median"), 0.5); }
  [[nodiscard]] Interval interval(double confidence) const;

  /// Returns a copy with some parameters replaced. Throws as from_classical does.
  [[nodiscard]] MeanVarianceMixture replace(const ClassicalChanges<S>& changes) const;
  /// Return the same law of X with sY in place of Y: (mu, gamma/s, Sigma/s).
  [[nodiscard]] MeanVarianceMixture rescale_y(double s) const&;
  [[nodiscard]] MeanVarianceMixture rescale_y(double s) &&;
  /// True if all parameters are exactly equal; names do not count.
  bool operator==(const MeanVarianceMixture& other) const;
  /// True if the two laws agree in mu, gamma, Sigma and the law of Y to `tolerance`, all in one gauge and relative to
  /// the scales of this one (law_difference): parameters of different gauges may be the same law.
  [[nodiscard]] bool same_law(const MeanVarianceMixture& other, double tolerance) const;

 private:
  /// The parameters of size d; copies of a model share them.
  struct Parts {
    Vector mu;
    Vector gamma;
    Matrix L_Sigma;
  };
  void check_parts() const;

  std::shared_ptr<Parts> parts_;  // changed only by the last copy, as it ends
  S subordinator_;
  ColumnNames columns_;
};

using NormalInverseGaussian = MeanVarianceMixture<InverseGaussian>;
using VarianceGamma = MeanVarianceMixture<Gamma>;
/// The skewed t; Student's t with 2 alpha degrees of freedom for gamma = 0.
using NormalInverseGamma = MeanVarianceMixture<InverseGamma>;
using GeneralizedHyperbolic = MeanVarianceMixture<GeneralizedInverseGaussian>;

/// The families, in the order in which they are tried. Their words are the names by which users know them.
enum class Family { kNormalInverseGaussian, kVarianceGamma, kNormalInverseGamma, kGeneralizedHyperbolic };
template <>
inline constexpr std::array<std::string_view, 4> kWords<Family> = {"NormalInverseGaussian", "VarianceGamma",
                                                                   "NormalInverseGamma", "GeneralizedHyperbolic"};
/// The family of a law of Y; a law without one does not compile.
template <Subordinator S>
inline constexpr std::nullptr_t kFamily = nullptr;
template <>
inline constexpr Family kFamily<InverseGaussian> = Family::kNormalInverseGaussian;
template <>
inline constexpr Family kFamily<Gamma> = Family::kVarianceGamma;
template <>
inline constexpr Family kFamily<InverseGamma> = Family::kNormalInverseGamma;
template <>
inline constexpr Family kFamily<GeneralizedInverseGaussian> = Family::kGeneralizedHyperbolic;
template <Subordinator S>
inline constexpr const char* kFamilyName = word(kFamily<S>).data();  // a literal, which ends with 0
/// The name of a model of type M in checkpoints and summaries; every model that is fitted specialises it.
template <class M>
inline constexpr const char* kModelName = nullptr;
template <Subordinator S>
inline constexpr const char* kModelName<MeanVarianceMixture<S>> = kFamilyName<S>;

/// A model of a family that is chosen at run time.
using AnyMeanVarianceMixture =
    std::variant<NormalInverseGaussian, VarianceGamma, NormalInverseGamma, GeneralizedHyperbolic>;

/// Writes "NormalInverseGaussian(mu=[...], gamma=[...], sigma=[[...]], mu_ig=..., lam=...)", and so for each family, all
/// numbers of it; where the columns have names, these follow: ", columns=['a', 'b'])".
template <Subordinator S>
std::ostream& operator<<(std::ostream& out, const MeanVarianceMixture<S>& model);

}  // namespace varimix
