#include "varimix/mixture/normal_mixture.hpp"

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

namespace varimix {
namespace {

const Eigen::IOFormat kBracketed(Eigen::StreamPrecision, Eigen::DontAlignCols, ", ", ", ", "[", "]", "[", "]");
const Eigen::IOFormat kVector(Eigen::StreamPrecision, Eigen::DontAlignCols, ", ", ", ", "", "", "[", "]");

std::string of_size(Index d) { return "of dimension " + std::to_string(d); }

template <Subordinator S>
MomentsOfX moments_of(const NormalMixture<S>& model, const Matrix& sigma) {
  return {model.gamma(), sigma, model.subordinator().gig(), model.subordinator().cumulants()};
}

/// w'gamma, of which a portfolio may leave nothing but the roundings of its terms: that is 0.
double projected_skewness(const Vector& w, const Vector& gamma) {
  const double sum = w.dot(gamma);
  const double rounding = static_cast<double>(w.size()) * kEpsilon * w.cwiseAbs().dot(gamma.cwiseAbs());
  return std::abs(sum) <= rounding ? 0.0 : sum;
}

}  // namespace

template <Subordinator S>
NormalMixture<S>::NormalMixture(Vector mu, Vector gamma, Matrix L_Sigma, S subordinator)
    : mu_(std::move(mu)),
      gamma_(std::move(gamma)),
      L_Sigma_(std::move(L_Sigma)),
      subordinator_(std::move(subordinator)) {
  require(d() > 0, "mu", "of dimension 1 or more", d());
  require(gamma_.size() == d(), "gamma", of_size(d()), gamma_.size());
  require(L_Sigma_.rows() == d() && L_Sigma_.cols() == d(), "L_Sigma", "a d x d matrix with d = " + std::to_string(d()),
          std::to_string(L_Sigma_.rows()) + " x " + std::to_string(L_Sigma_.cols()));
  require_finite(mu_, "mu");
  require_finite(gamma_, "gamma");
  require_finite(L_Sigma_, "L_Sigma");
  require(L_Sigma_.isLowerTriangular(0.0) && L_Sigma_.diagonal().minCoeff() > 0.0, "L_Sigma",
          "lower triangular with a positive diagonal", L_Sigma_.format(kBracketed));
}

template <Subordinator S>
NormalMixture<S> NormalMixture<S>::from_classical(const ClassicalParameters<S>& p) {
  const S subordinator = p.subordinator();
  require(p.mu.size() > 0, "mu", "of dimension 1 or more", p.mu.size());
  return {p.mu, p.gamma, checked_cholesky(p.sigma, p.mu.size(), "sigma"), subordinator};
}

template <Subordinator S>
NormalMixture<S> NormalMixture<S>::replace(const ClassicalChanges<S>& changes) const {
  if (changes.mu) require(changes.mu->size() == d(), "mu", of_size(d()), changes.mu->size());
  const S subordinator = changes.subordinator(subordinator_);
  return {changes.mu.value_or(mu_), changes.gamma.value_or(gamma_),
          changes.sigma ? checked_cholesky(*changes.sigma, d(), "sigma") : L_Sigma_, subordinator};
}

template <Subordinator S>
NormalMixture<S> NormalMixture<S>::default_init(const RowView& x, Missing missing) {
  Status ignored;
  return default_init(x, ignored, missing);
}

template <Subordinator S>
NormalMixture<S> NormalMixture<S>::default_init(const RowView& x, Status& out_status, Missing missing) {
  return varimix::default_init<S>(x, out_status, missing);
}

template <Subordinator S>
NormalMixture<S> NormalMixture<S>::from_expectation(const Expectations& eta) {
  MStepResult<S> result = varimix::m_step<S>(eta);
  require(result.model.has_value(), "eta", "feasible: finite, with E[1/Y] E[Y] > 1 and positive definite",
          "one that violates " + std::string(result.infeasible));
  return *std::move(result.model);
}

template <Subordinator S>
NormalMixture<S> NormalMixture<S>::m_step(const Expectations& eta) const {
  require(eta.d() == d(), "eta", of_size(d()), eta.d());
  return from_expectation(eta);
}

template <Subordinator S>
double NormalMixture<S>::log_det_sigma() const {
  return 2.0 * L_Sigma_.diagonal().array().log().sum();
}

template <Subordinator S>
double NormalMixture<S>::tail_weight() const {
  return std::fma(subordinator_.E_Y(), subordinator_.E_inv_Y(), -1.0);
}

template <Subordinator S>
Vector NormalMixture<S>::log_prob(const RowView& x, Missing missing) const {
  require_rows(x, d(), "X", missing);
  return log_density(*this, x, missing);
}

template <Subordinator S>
Vector NormalMixture<S>::pdf(const RowView& x, Missing missing) const {
  // Not Eigen's array exponential, which does not fall to zero.
  return log_prob(x, missing).unaryExpr([](double value) { return std::exp(value); });
}

template <Subordinator S>
double NormalMixture<S>::marginal_log_likelihood(const RowView& x, Missing missing) const {
  require_rows(x, d(), "X", missing);
  return mean_log_density(*this, x, missing);
}

template <Subordinator S>
EStepResult NormalMixture<S>::e_step(const RowView& x, Missing missing) const {
  require_rows(x, d(), "X", missing);
  return varimix::e_step(*this, x, mu_, {.log_y = LogY::kCompute, .missing = missing});
}

template <Subordinator S>
Expectations NormalMixture<S>::compute_eta_from_model() const {
  // About the origin mu: E[X - mu] = gamma E[Y], E[(X-mu)/Y] = gamma, E[(X-mu)(X-mu)'/Y] = Sigma + gamma gamma' E[Y].
  Expectations eta;
  eta.origin = mu_;
  eta.inv_y = subordinator_.E_inv_Y();
  eta.y = subordinator_.E_Y();
  eta.log_y = subordinator_.E_log_Y();
  const Matrix sigma = this->sigma();
  const MomentsOfX moments = moments_of(*this, sigma);
  eta.x = moments.mean();
  eta.x_inv_y = gamma_;
  eta.xx_inv_y = symmetrized(moments.scatter_over_y());
  return eta;
}

template <Subordinator S>
RowMatrix NormalMixture<S>::rvs(Index n, const Seed& seed) const {
  require(n >= 0, "n", ">= 0", n);
  return draw_rows(*this, n, seed);
}

template <Subordinator S>
Vector NormalMixture<S>::mean() const {
  const Matrix none;
  return mu_ + moments_of(*this, none).mean();
}

template <Subordinator S>
Matrix NormalMixture<S>::cov() const {
  const Matrix sigma = this->sigma();
  return moments_of(*this, sigma).covariance();
}

template <Subordinator S>
Vector NormalMixture<S>::skewness() const {
  const Matrix sigma = this->sigma();
  return moments_of(*this, sigma).skewness();
}

template <Subordinator S>
Vector NormalMixture<S>::kurtosis() const {
  const Matrix sigma = this->sigma();
  return moments_of(*this, sigma).kurtosis();
}

template <Subordinator S>
NormalMixture<S> NormalMixture<S>::project(const Vector& w) const {
  require(w.size() == d(), "w", of_size(d()), w.size());
  require_finite(w, "w");
  const Vector whitened = L_Sigma_.transpose() * w;
  double scale = whitened.norm();
  if (!std::isnormal(scale)) scale = whitened.stableNorm();  // its square left the doubles
  require(scale > 0.0, "w", "not zero", w.transpose().format(kVector));
  require(std::isfinite(scale) && std::isfinite(w.dot(mu_)) && std::isfinite(w.dot(gamma_)), "w",
          "small enough that the law of w'X lies within doubles", w.transpose().format(kVector));
  return {Vector::Constant(1, w.dot(mu_)), Vector::Constant(1, projected_skewness(w, gamma_)),
          Matrix::Constant(1, 1, scale), subordinator_};
}

template <Subordinator S>
UnivariateLaw NormalMixture<S>::univariate_law(const char* function) const {
  require(d() == 1, "the model", std::string("one-dimensional for ") + function + " (use project)", d());
  return {subordinator_.gig(), mu_(0), gamma_(0), L_Sigma_(0, 0)};
}

template <Subordinator S>
NormalMixture<S> NormalMixture<S>::rescale_y(double s) const {
  require(std::isfinite(s) && s > 0.0, "s", "finite and > 0", s);
  return {mu_, gamma_ / s, L_Sigma_ / std::sqrt(s), subordinator_.rescale_y(s)};
}

template <Subordinator S>
bool NormalMixture<S>::operator==(const NormalMixture& other) const {
  return d() == other.d() && mu_ == other.mu_ && gamma_ == other.gamma_ && L_Sigma_ == other.L_Sigma_ &&
         subordinator_ == other.subordinator_;
}

template <Subordinator S>
bool NormalMixture<S>::same_law(const NormalMixture& other, double tolerance) const {
  return d() == other.d() && law_difference(*this, other) <= tolerance;
}

template <Subordinator S>
std::ostream& operator<<(std::ostream& out, const NormalMixture<S>& model) {
  out << kFamilyName<S> << "(mu=" << model.mu().transpose().format(kVector)
      << ", gamma=" << model.gamma().transpose().format(kVector) << ", sigma=" << model.sigma().format(kBracketed);
  const auto parameters = model.subordinator().parameters();
  for (std::size_t k = 0; k < parameters.size(); ++k) out << ", " << S::kParameterNames[k] << "=" << parameters[k];
  return out << ")";
}

#define VARIMIX_INSTANTIATE(S)     \
  template class NormalMixture<S>; \
  template std::ostream& operator<<(std::ostream&, const NormalMixture<S>&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
