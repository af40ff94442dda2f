#include "varimix/inference/standard_errors.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "conjugate_gradients.hpp"
#include "defined_functionals.hpp"
#include "dense_information.hpp"
#include "information.hpp"
#include "limits.hpp"
#include "long_run_covariance.hpp"
#include "mixture/families.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// An estimate further from the maximum than this many standard errors is no maximum.
constexpr double kLargestDistance = 0.1;

/// Rows whose influences are held at the same time.
constexpr Index kSliceRows = 8192;

void check(const RowView& x, Index d, const std::vector<Functional>& functionals, const InferenceOptions& options,
           std::span<const double> weights) {
  require(options.cov_type != CovType::kEwma && options.cov_type != CovType::kBootstrap, "cov_type",
          "one of rows: nonrobust, opg, robust or hac", word(options.cov_type));
  require_rows(x, d, "X", options.missing);
  require(x.rows() >= 2, "X", "of 2 rows or more", x.rows());
  check_weights(weights, x.rows());
  check_functionals(functionals);
  if (options.cov_type != CovType::kHac) return;
  require(weights.empty(), "weights", "none for cov_type 'hac', which reads rows in their order", "some");
  require(options.cosines >= 1 && options.cosines < x.rows(), "cosines", "at least 1 and fewer than the rows",
          options.cosines);
  if (options.lags) {
    require(*options.lags >= 0 && *options.lags < x.rows(), "lags", "from 0 to the number of rows less 1",
            *options.lags);
  }
}

/// The standard errors of functionals whose gradients are known.
template <Inferable M>
class Errors {
 public:
  Errors(const Information<M>& information, const RowView& x, std::span<const double> weights,
         const InferenceOptions& options, StandardErrors& out)
      : information_(information), x_(x), weights_(weights), options_(options), out_(out) {}

  /// @param gradients  one a column.
  void compute(const Matrix& gradients) {
    if (gradients.rows() <= kMostDense) {
      dense(gradients);
    } else {
      by_iteration(gradients);
    }
  }

 private:
  [[nodiscard]] std::string direction_text(const Vector& direction) const;

  void refuse(InferenceNote note, std::string detail) {
    out_.notes.push_back({note, std::move(detail)});
    out_.bse = Vector();
    out_.cov_params.reset();
  }

  /// Returns the covariance of the sums over all rows of the columns' influences, v'score.
  [[nodiscard]] Matrix covariance_of_sums(const Matrix& directions) const {
    LongRunOptions options{.rows = x_.rows()};
    if (options_.cov_type == CovType::kHac) {
      options.lags = options_.lags;
      if (!options_.lags) options.cosines = options_.cosines;
    }
    LongRunCovariance sums(options, directions.cols());
    for (Index first = 0; first < x_.rows(); first += kSliceRows) {
      const Index count = std::min(kSliceRows, x_.rows() - first);
      Matrix influences(count, directions.cols());
      for (Index k = 0; k < directions.cols(); ++k) {
        influences.col(k) = information_.along(directions.col(k), first, count);
      }
      const Vector weights = weights_.empty() ? Vector() : Vector(Vector::Map(weights_.data() + first, count));
      sums.add(influences, weights);
    }
    return sums.covariance();
  }

  void dense(const Matrix& gradients);
  void by_iteration(const Matrix& gradients);

  const Information<M>& information_;
  const RowView& x_;
  std::span<const double> weights_;
  const InferenceOptions& options_;
  StandardErrors& out_;
};

/// Names the coordinates in which a direction is largest.
template <Inferable M>
std::string Errors<M>::direction_text(const Vector& direction) const {
  constexpr Index kShown = 3;
  Vector size = direction.cwiseAbs();
  std::string text = "the direction is";
  for (Index k = 0; k < std::min(kShown, size.size()); ++k) {
    Index largest = 0;
    if (!(size.maxCoeff(&largest) > 0.0)) break;
    text += (k == 0 ? " " : ", ") + information_.coordinates().name(largest) + " (" +
            std::to_string(direction(largest) / direction.cwiseAbs().maxCoeff()) + ")";
    size(largest) = 0.0;
  }
  return text;
}

template <Inferable M>
void Errors<M>::dense(const Matrix& gradients) {
  const Index size = gradients.rows();
  const bool outer = options_.cov_type == CovType::kOpg;
  const DenseInformation matrix =
      outer ? DenseInformation(covariance_of_sums(Matrix::Identity(size, size)))
            : DenseInformation([&](const Vector& v) { return information_.product(v); }, size);
  if (matrix.not_positive().size() > 0) {
    refuse(InferenceNote::kNotDefinite, "its least scaled eigenvalue is " + std::to_string(matrix.least_eigenvalue()) +
                                            ", " + direction_text(matrix.not_positive()));
    return;
  }
  const Matrix solved = matrix.solve(gradients);
  const Vector score = information_.score(Vector::Zero(size));
  out_.distance_to_maximum = std::sqrt(std::max(0.0, score.dot(Vector(matrix.solve(score)))));
  Matrix cov;
  if (options_.cov_type == CovType::kNonrobust || outer) {
    cov = gradients.transpose() * solved;
  } else if (solved.cols() <= size) {
    cov = covariance_of_sums(solved);
  } else {
    cov = solved.transpose() * covariance_of_sums(Matrix::Identity(size, size)) * solved;
  }
  out_.cov_params = 0.5 * (cov + cov.transpose());
  out_.bse = out_.cov_params->diagonal().cwiseMax(0.0).cwiseSqrt();
}

template <Inferable M>
void Errors<M>::by_iteration(const Matrix& gradients) {
  const bool outer = options_.cov_type == CovType::kOpg;
  const auto product = [&](const Vector& v) { return outer ? information_.outer_product(v) : information_.product(v); };
  const auto precondition = [&](const Vector& v) { return information_.precondition(v); };
  const auto solve = [&](const Vector& b, const std::string& name) -> std::optional<Vector> {
    Solution found = conjugate_gradients(product, precondition, b);
    if (found.not_positive.size() > 0) {
      refuse(InferenceNote::kNotDefinite, direction_text(found.not_positive));
    } else if (!found.converged) {
      refuse(InferenceNote::kNotSolved, name + ", " + std::to_string(found.products) + " iterations");
    } else {
      return std::move(found.x);
    }
    return std::nullopt;
  };
  const Vector score = information_.score(Vector::Zero(gradients.rows()));
  const std::optional<Vector> to_maximum = solve(score, "the way to the maximum");
  if (!to_maximum) return;
  out_.distance_to_maximum = std::sqrt(std::max(0.0, score.dot(*to_maximum)));
  out_.bse = Vector(gradients.cols());
  for (Index k = 0; k < gradients.cols(); ++k) {
    const std::optional<Vector> x = solve(gradients.col(k), out_.names[static_cast<std::size_t>(k)]);
    if (!x) return;
    const bool by_model = options_.cov_type == CovType::kNonrobust || outer;
    const double variance = by_model ? gradients.col(k).dot(*x) : covariance_of_sums(*x)(0, 0);
    out_.bse(k) = std::sqrt(std::max(0.0, variance));
  }
}

/// Adds what the fit's own limits say of standard errors. Returns false where they leave none.
template <Inferable M>
bool add_limits(const typename M::Fit& fit, const M& model, const RowView& x, std::span<const double> weights,
                const EStepResult& rows, StandardErrors& out) {
  Status status;
  fit.add_limits(fit.as_m_step(model), rows.eta, rows.eta.weight, status);
  fit.add_spikes(rows, x, weights, -1, status);
  const auto detail_of = [&](StatusCode code) {
    for (const StatusEntry& entry : status.entries()) {
      if (entry.code == code) return entry.detail;
    }
    return std::string();
  };
  if (status.has(StatusCode::kGaussianLimit)) {
    out.notes.push_back({InferenceNote::kGaussianLimit, detail_of(StatusCode::kGaussianLimit)});
  }
  if (const auto irregular = irregularity(model)) {
    out.notes.push_back({InferenceNote::kIrregular, irregular->detail});
    if (!irregular->has_errors) return false;
  }
  if (status.has(StatusCode::kModeTrap)) {
    out.notes.push_back({InferenceNote::kSpike, detail_of(StatusCode::kModeTrap)});
    return false;
  }
  if (const std::vector<Index> collinear = collinear_columns(model); !collinear.empty()) {
    out.notes.push_back({InferenceNote::kDispersionFloor, list_columns(collinear)});
    return false;
  }
  return true;
}

FitConstraints constraints(const InferenceOptions& options) {
  return {.symmetric = options.symmetric,
          .fixed = options.fixed,
          .alpha_min = options.alpha_min,
          .regularization = Regularization::kNone,
          .missing = options.missing};
}

template <Inferable M>
void add_errors(const M& model, const RowView& x, const std::vector<Functional>& functionals,
                std::span<const double> weights, StandardErrors& out) {
  typename M::Fit fit(model, constraints(out.options));
  require(out.options.cov_type != CovType::kOpg || x.rows() >= fit.free_parameters(), "X",
          "of as many rows as there are free parameters, " + std::to_string(fit.free_parameters()) + ", for 'opg'",
          x.rows());
  const EStepResult rows = fit.e_step(model, x, weights);
  out.total_weight = rows.eta.weight;
  out.log_likelihood = rows.eta.weight * rows.log_lik;
  const bool may_have_errors = add_limits(fit, model, x, weights, rows, out);
  InferenceOptions held = out.options;
  if (out.has(InferenceNote::kGaussianLimit)) {
    held.fixed = all_but_location_and_dispersion<M>(held);
    fit = typename M::Fit(model, constraints(held));
  }
  const Information<M> information(fit, model, x, weights);
  out.free_parameters = information.coordinates().size();
  const Matrix gradients = keep_defined(model, information.coordinates(), functionals, out);
  if (!may_have_errors || gradients.cols() == 0) return;
  Errors<M>(information, x, weights, out.options, out).compute(gradients);
  if (std::find(out.names.begin(), out.names.end(), "p") != out.names.end()) {
    out.notes.push_back({InferenceNote::kOrder, ""});
  }
  if (out.distance_to_maximum && *out.distance_to_maximum > kLargestDistance) {
    out.notes.push_back(
        {InferenceNote::kNotAMaximum, std::to_string(*out.distance_to_maximum) + " standard errors away"});
  }
}

}  // namespace

template <Inferable M>
StandardErrors standard_errors(const M& model, const RowView& x, const std::vector<Functional>& functionals,
                               const InferenceOptions& options, std::span<const double> weights) {
  check(x, model.d(), functionals, options, weights);
  StandardErrors out;
  out.options = options;
  out.rows = x.rows();
  if (const std::optional<AnyMeanVarianceMixture> face = law_of_face(model)) {
    const Family family = face->index() == static_cast<std::size_t>(Family::kNormalInverseGamma)
                              ? Family::kNormalInverseGamma
                              : Family::kVarianceGamma;
    out.notes.push_back({InferenceNote::kFace, std::string(word(family))});
    out.options.fixed = fixed_on_face(options.fixed, family);
    out.family = family;
    std::visit([&](const auto& law) { add_errors(law, x, functionals_on_face(functionals, law), weights, out); },
               *face);
  } else {
    out.family = kFamily<typename M::SubordinatorType>;
    add_errors(model, x, functionals, weights, out);
  }
  return out;
}

#define VARIMIX_INSTANTIATE(M)                                                                      \
  template StandardErrors standard_errors(const M&, const RowView&, const std::vector<Functional>&, \
                                          const InferenceOptions&, std::span<const double>);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
