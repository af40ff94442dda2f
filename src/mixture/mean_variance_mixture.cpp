#include "varimix/mixture/mean_variance_mixture.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>

#include "families.hpp"
#include "mixture_moments.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/cholesky.hpp"
#include "varimix/mixture/default_init.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/mixture/law_difference.hpp"
#include "varimix/mixture/m_step.hpp"
#include "varimix/mixture/sampling.hpp"
#include "varimix/stats/mixture_statistics.hpp"

namespace varimix {
namespace {

// The scales of a projection whose quantiles are normal doubles, far in the tails too.
constexpr double kSmallestProjection = 1e-305;
constexpr double kLargestProjection = 1e300;

const Eigen::IOFormat kBracketed(Eigen::StreamPrecision, Eigen::DontAlignCols, ", ", ", ", "[", "]", "[", "]");
const Eigen::IOFormat kVector(Eigen::StreamPrecision, Eigen::DontAlignCols, ", ", ", ", "", "", "[", "]");

template <Subordinator S>
MomentsOfX moments_of(const MeanVarianceMixture<S>& model, const Matrix& sigma) {
  return {model.gamma(), sigma, model.subordinator().gig(), model.subordinator().cumulants()};
}

/// Does what Eigen's isLowerTriangular does, which tests each number on its own. @pre They are finite.
bool is_lower_triangular(const Matrix& m) {
  double above = 0.0;
  for (Index j = 1; j < m.cols(); ++j) above += m.col(j).head(j).lpNorm<1>();
  return above == 0.0;
}

/// Returns w'gamma, or 0 if a portfolio leaves nothing of it but the roundings of its terms.
double projected_skewness(const Vector& w, const Vector& gamma) {
  const double sum = w.dot(gamma);
  const double rounding = static_cast<double>(w.size()) * kEpsilon * w.cwiseAbs().dot(gamma.cwiseAbs());
  return std::abs(sum) <= rounding ? 0.0 : sum;
}

}  // namespace

template <Subordinator S>
MeanVarianceMixture<S>::MeanVarianceMixture(Vector mu, Vector gamma, Matrix L_Sigma, S subordinator)
    : parts_(std::make_shared<Parts>(Parts{std::move(mu), std::move(gamma), std::move(L_Sigma)})),
      subordinator_(std::move(subordinator)) {
  check_parts();
}

template <Subordinator S>
void MeanVarianceMixture<S>::check_parts() const {
  require(d() > 0, "mu", "of dimension 1 or more", d());
  require_dimension(this->gamma().size(), d(), "gamma");
  require_square(this->L_Sigma(), d(), "L_Sigma");
  require_finite(this->mu(), "mu");
  require_finite(this->gamma(), "gamma");
  require_finite(this->L_Sigma(), "L_Sigma");
  if (is_lower_triangular(this->L_Sigma()) && this->L_Sigma().diagonal().minCoeff() > 0.0) return;
  require(false, "L_Sigma", "lower triangular with a positive diagonal", this->L_Sigma().format(kBracketed));
}

template <Subordinator S>
MeanVarianceMixture<S> MeanVarianceMixture<S>::with_columns(const ColumnNames& columns) const& {
  return MeanVarianceMixture(*this).with_columns(columns);
}

template <Subordinator S>
MeanVarianceMixture<S> MeanVarianceMixture<S>::with_columns(const ColumnNames& columns) && {
  if (!columns.empty() && columns.size() != d()) {
    require(false, "columns", std::to_string(d()) + " names", to_text(columns));
  }
  columns_ = columns;
  return std::move(*this);
}

template <Subordinator S>
MeanVarianceMixture<S> MeanVarianceMixture<S>::from_classical(const ClassicalParameters<S>& p) {
  const S subordinator = p.subordinator();
  require(p.mu.size() > 0, "mu", "of dimension 1 or more", p.mu.size());
  return {p.mu, p.gamma, checked_cholesky(p.sigma, p.mu.size(), "sigma"), subordinator};
}

template <Subordinator S>
MeanVarianceMixture<S> MeanVarianceMixture<S>::replace(const ClassicalChanges<S>& changes) const {
  if (changes.mu) require_dimension(changes.mu->size(), d(), "mu");
  const S subordinator = changes.subordinator(subordinator_);
  return MeanVarianceMixture(changes.mu.value_or(mu()), changes.gamma.value_or(gamma()),
                             changes.sigma ? checked_cholesky(*changes.sigma, d(), "sigma") : L_Sigma(), subordinator)
      .with_columns(columns_);
}

template <Subordinator S>
MeanVarianceMixture<S> MeanVarianceMixture<S>::default_init(const RowView& x, Missing missing) {
  Status ignored;
  return default_init(x, ignored, missing);
}

template <Subordinator S>
MeanVarianceMixture<S> MeanVarianceMixture<S>::default_init(const RowView& x, Status& out_status, Missing missing) {
  return varimix::default_init<S>(x, out_status, missing);
}

template <Subordinator S>
MeanVarianceMixture<S> MeanVarianceMixture<S>::from_expectation(const Eta& eta) {
  MStepResult<S> result = varimix::m_step<S>(eta);
  require(result.model.has_value(), "eta", "feasible: finite, with E[1/Y] E[Y] > 1 and positive definite",
          "one that violates " + result.infeasible);
  return *std::move(result.model);
}

template <Subordinator S>
MeanVarianceMixture<S> MeanVarianceMixture<S>::m_step(const Eta& eta) const {
  require_dimension(eta.d(), d(), "eta");
  return from_expectation(eta).with_columns(columns_);
}

template <Subordinator S>
double MeanVarianceMixture<S>::log_det_sigma() const {
  return 2.0 * L_Sigma().diagonal().array().log().sum();
}

template <Subordinator S>
double MeanVarianceMixture<S>::tail_weight() const {
  return std::fma(subordinator_.E_Y(), subordinator_.E_inv_Y(), -1.0);
}

// Rows that are not finite have no finite density and no finite statistics: the passes below read rows once more, to name
// the first that is not, only where a result is not finite.

template <Subordinator S>
Vector MeanVarianceMixture<S>::log_prob(const RowView& x, Missing missing) const {
  require_shape(x, d());
  Vector log_f = log_density(*this, x, missing);
  if (!log_f.allFinite()) require_rows(x, d(), "X", missing);
  return log_f;
}

template <Subordinator S>
Vector MeanVarianceMixture<S>::pdf(const RowView& x, Missing missing) const {
  // Eigen's array exponential does not fall to 0, and is not used.
  return log_prob(x, missing).unaryExpr([](double value) { return std::exp(value); });
}

template <Subordinator S>
double MeanVarianceMixture<S>::marginal_log_likelihood(const RowView& x, Missing missing) const {
  require_shape(x, d());
  const double mean = mean_log_density(*this, x, missing);
  if (!std::isfinite(mean)) require_rows(x, d(), "X", missing);
  return mean;
}

template <Subordinator S>
EStepResult MeanVarianceMixture<S>::e_step(const RowView& x, Missing missing) const {
  require_shape(x, d());
  EStepResult result = varimix::e_step(*this, x, mu(), {.log_y = LogY::kCompute, .missing = missing});
  if (!result.eta.is_finite()) require_rows(x, d(), "X", missing);
  return result;
}

template <Subordinator S>
RowPosteriors MeanVarianceMixture<S>::posterior(const RowView& x, Missing missing) const {
  require_rows(x, d(), "X", missing);
  return varimix::posterior(*this, x, missing);
}

template <Subordinator S>
Eta MeanVarianceMixture<S>::compute_eta_from_model() const {
  // About mu, E[X - mu] = gamma E[Y], E[(X-mu)/Y] = gamma, E[(X-mu)(X-mu)'/Y] = Sigma + gamma gamma' E[Y].
  const Matrix sigma = this->sigma();
  const MomentsOfX moments = moments_of(*this, sigma);
  return to_eta({.inv_y = subordinator_.E_inv_Y(),
                 .y = subordinator_.E_Y(),
                 .log_y = subordinator_.E_log_Y(),
                 .x = moments.mean(),
                 .x_inv_y = gamma(),
                 .xx_inv_y = moments.scatter_over_y()},
                mu());
}

template <Subordinator S>
RowMatrix MeanVarianceMixture<S>::rvs(Index n, const Seed& seed) const {
  require(n >= 0, "n", ">= 0", n);
  return draw_rows(*this, n, seed);
}

template <Subordinator S>
Vector MeanVarianceMixture<S>::mean() const {
  const Matrix none;
  return mu() + moments_of(*this, none).mean();
}

template <Subordinator S>
Matrix MeanVarianceMixture<S>::cov() const {
  const Matrix sigma = this->sigma();
  return moments_of(*this, sigma).covariance();
}

template <Subordinator S>
Vector MeanVarianceMixture<S>::skewness() const {
  const Matrix sigma = this->sigma();
  return moments_of(*this, sigma).skewness();
}

template <Subordinator S>
Vector MeanVarianceMixture<S>::kurtosis() const {
  const Matrix sigma = this->sigma();
  return moments_of(*this, sigma).kurtosis();
}

template <Subordinator S>
MeanVarianceMixture<S> MeanVarianceMixture<S>::project(const Vector& w) const {
  require_dimension(w.size(), d(), "w");
  require_finite(w, "w");
  const Vector whitened = L_Sigma().transpose() * w;
  double scale = whitened.norm();
  if (!std::isnormal(scale)) scale = whitened.stableNorm();  // its square left the doubles
  require(scale > 0.0, "w", "not zero", w.transpose().format(kVector));
  const bool fits = scale >= kSmallestProjection && scale <= kLargestProjection && std::isfinite(w.dot(mu())) &&
                    std::isfinite(w.dot(gamma()));
  require(fits, "w", "such that the law of w'X lies within doubles", w.transpose().format(kVector));
  return {Vector::Constant(1, w.dot(mu())), Vector::Constant(1, projected_skewness(w, gamma())),
          Matrix::Constant(1, 1, scale), subordinator_};
}

template <Subordinator S>
UnivariateLaw MeanVarianceMixture<S>::univariate_law(const char* function) const {
  require(d() == 1, "the model", std::string("one-dimensional for ") + function + " (use project)", d());
  return {subordinator_.gig(), mu()(0), gamma()(0), L_Sigma()(0, 0)};
}

template <Subordinator S>
double MeanVarianceMixture<S>::var() const {
  (void)univariate_law("var");
  return cov()(0, 0);
}

template <Subordinator S>
double MeanVarianceMixture<S>::std() const {
  (void)univariate_law("std");
  const double scale = L_Sigma()(0, 0);  // its square may leave the doubles
  const MeanVarianceMixture standard(Vector::Zero(1), gamma() / scale, Matrix::Ones(1, 1), subordinator_);
  return scale * std::sqrt(standard.cov()(0, 0));
}

template <Subordinator S>
Interval MeanVarianceMixture<S>::interval(double confidence) const {
  const UnivariateLaw law = univariate_law("interval");
  const double beyond = probability_beyond(confidence);
  return {varimix::ppf(law, beyond), varimix::isf(law, beyond)};
}

template <Subordinator S>
MeanVarianceMixture<S> MeanVarianceMixture<S>::rescale_y(double s) const& {
  require(std::isfinite(s) && s > 0.0, "s", "finite and > 0", s);
  if (s == 1.0) return *this;
  return MeanVarianceMixture(mu(), gamma() / s, L_Sigma() / std::sqrt(s), subordinator_.rescale_y(s))
      .with_columns(columns_);
}

template <Subordinator S>
MeanVarianceMixture<S> MeanVarianceMixture<S>::rescale_y(double s) && {
  const bool is_shared = parts_.use_count() > 1;
  if (is_shared || !(std::isfinite(s) && s > 0.0) || s == 1.0) return std::as_const(*this).rescale_y(s);
  parts_->gamma /= s;
  parts_->L_Sigma /= std::sqrt(s);
  check_parts();
  subordinator_ = subordinator_.rescale_y(s);
  return std::move(*this);
}

template <Subordinator S>
bool MeanVarianceMixture<S>::operator==(const MeanVarianceMixture& other) const {
  const bool same_parts = parts_ == other.parts_ || (d() == other.d() && mu() == other.mu() &&
                                                     gamma() == other.gamma() && L_Sigma() == other.L_Sigma());
  return same_parts && subordinator_ == other.subordinator_;
}

template <Subordinator S>
bool MeanVarianceMixture<S>::same_law(const MeanVarianceMixture& other, double tolerance) const {
  return d() == other.d() && law_difference(*this, other) <= tolerance;
}

template <Subordinator S>
std::ostream& operator<<(std::ostream& out, const MeanVarianceMixture<S>& model) {
  out << kFamilyName<S> << "(mu=" << model.mu().transpose().format(kVector)
      << ", gamma=" << model.gamma().transpose().format(kVector) << ", sigma=" << model.sigma().format(kBracketed);
  const auto parameters = model.subordinator().parameters();
  for (std::size_t k = 0; k < parameters.size(); ++k) out << ", " << S::kParameterNames[k] << "=" << parameters[k];
  if (!model.columns().empty()) out << ", columns=" << to_text(model.columns(), model.d());
  return out << ")";
}

#define VARIMIX_INSTANTIATE(S)           \
  template class MeanVarianceMixture<S>; \
  template std::ostream& operator<<(std::ostream&, const MeanVarianceMixture<S>&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
