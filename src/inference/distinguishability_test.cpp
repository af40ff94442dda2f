#include "varimix/inference/distinguishability_test.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "dense_information.hpp"
#include "errors_of_gradients.hpp"
#include "information.hpp"
#include "limits.hpp"
#include "mixture/families.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// What the rows tell of one law.
struct LawAtRows {
  Vector log_density;
  std::function<Matrix(Index first, Index count)> scores;  // (count, p)
  Matrix inverse_information;                              // (p, p), of a row
  bool is_gaussian = false;
  bool is_irregular = false;
  bool is_maximum = true;
};

/// A fit to rows with its information, which refers to it.
template <class M>
struct FitOfRows {
  FitOfRows(const M& model, const FitConstraints& held, RowView rows)
      : x(std::move(rows)), fit(model, held), information(fit, model, x, {}) {}
  RowView x;
  typename M::Fit fit;
  Information<M> information;
};

template <class M>
FitConstraints held_at(const M& model, const LawOfRows& law, Missing missing, bool& out_is_gaussian) {
  FitConstraints held{.fixed = law.fixed, .missing = missing};
  const typename M::Fit fit(model, held);
  const EStepResult rows = fit.e_step(model, law.x, {});
  Status status;
  fit.add_limits(fit.as_m_step(model), rows.eta, rows.eta.weight, status);
  out_is_gaussian = status.has(StatusCode::kGaussianLimit);
  InferenceOptions options;
  options.fixed = law.fixed;
  if (out_is_gaussian) held.fixed = all_but_location_and_dispersion<M>(options);
  return held;
}

template <class M>
void require_information(const M& model, const std::string& name, bool& out_is_irregular) {
  const std::vector<Index> collinear = collinear_columns(model);
  require(collinear.empty(), name, "a law of columns that are not linearly dependent", list_columns(collinear));
  const auto irregular = irregularity(model);
  require(!irregular || irregular->has_errors, name, "a law with a finite information",
          irregular ? irregular->detail : "");
  out_is_irregular = irregular.has_value();
}

/// Adds the inverse of the mean information of a row, and whether the rows' likelihood is at its maximum.
template <class M>
void add_information(const Information<M>& information, const std::string& name, LawAtRows& out) {
  const auto n = static_cast<double>(out.log_density.size());
  const Index p = information.coordinates().size();
  require(p <= kMostDense, name, "a law with at most " + std::to_string(kMostDense) + " free parameters", p);
  const DenseInformation matrix([&](const Vector& v) { return information.product(v); }, p);
  require(matrix.not_positive().size() == 0, name, "a law at which the information of the rows is positive definite",
          "one with the least scaled eigenvalue " + std::to_string(matrix.least_eigenvalue()));
  out.inverse_information = n * matrix.solve(Matrix::Identity(p, p));
  const Vector score = information.score(Vector::Zero(p));
  const double squared = score.dot(out.inverse_information * score) / n;
  out.is_maximum = squared <= kLargestDistance * kLargestDistance;
}

Vector log_density_of(const auto& fit, const auto& model, const RowView& x, const std::string& name) {
  constexpr double kLargest = 1e150;  // the square of a difference is finite
  Vector values = fit.log_density(model, x);
  for (Index i = 0; i < values.size(); ++i) {
    if (std::abs(values(i)) <= kLargest) continue;
    require(false, "the log density of " + name + " in row " + std::to_string(i), "finite and within 1e150", values(i));
  }
  return values;
}

template <class M>
LawAtRows law_at_rows(const M& model, const LawOfRows& law, Missing missing, const std::string& name) {
  require_rows(law.x, model.d(), "X", missing);
  LawAtRows out;
  require_information(model, name, out.is_irregular);
  const FitConstraints held = held_at(model, law, missing, out.is_gaussian);
  const auto fitted = std::make_shared<FitOfRows<M>>(model, held, law.x);
  out.log_density = log_density_of(fitted->fit, model, law.x, name);
  if (fitted->information.coordinates().size() > 0) add_information(fitted->information, name, out);
  out.scores = [fitted](Index first, Index count) {
    const Index p = fitted->information.coordinates().size();
    Matrix scores(count, p);
    for (Index k = 0; k < p; ++k) scores.col(k) = fitted->information.along(Vector::Unit(p, k), first, count);
    return scores;
  };
  return out;
}

/// Does the same for a model of any family; on a face of its family with the law of the face.
LawAtRows law_at_rows(const LawOfRows& law, Missing missing, const std::string& name) {
  return std::visit(
      [&](const auto& model) {
        const std::optional<AnyMeanVarianceMixture> face = law_of_face(model);
        if (!face) return law_at_rows(model, law, missing, name);
        const bool is_t = std::holds_alternative<NormalInverseGamma>(*face);
        const Family family = is_t ? Family::kNormalInverseGamma : Family::kVarianceGamma;
        LawAtRows out = law_at_rows({*face, law.x, fixed_on_face(law.fixed, family)}, missing, name);
        out.is_irregular = true;
        return out;
      },
      law.model);
}

/// Returns the mean of the products of all scores of a row.
Matrix outer_products(const LawAtRows& a, const LawAtRows& b) {
  const Index n = a.log_density.size();
  const Index p = a.inverse_information.rows();
  const Index q = b.inverse_information.rows();
  Matrix sum = Matrix::Zero(p + q, p + q);
  for (Index first = 0; first < n; first += kSliceRows) {
    const Index count = std::min(kSliceRows, n - first);
    Matrix scores(count, p + q);
    scores << a.scores(first, count), b.scores(first, count);
    sum += scores.transpose() * scores;
  }
  return sum / static_cast<double>(n);
}

/// Returns the weights of the null law, falling.
Vector weights_of(const LawAtRows& a, const LawAtRows& b) {
  const Index p = a.inverse_information.rows();
  const Index q = b.inverse_information.rows();
  if (p + q == 0) return {};
  const Eigen::SelfAdjointEigenSolver<Matrix> products(outer_products(a, b));
  const Vector roots = products.eigenvalues().cwiseMax(0.0).cwiseSqrt();  // rounding leaves them just below 0
  const Matrix root = products.eigenvectors() * roots.asDiagonal() * products.eigenvectors().transpose();
  Matrix inverse = Matrix::Zero(p + q, p + q);
  inverse.topLeftCorner(p, p) = a.inverse_information;
  inverse.bottomRightCorner(q, q) = -b.inverse_information;
  const Eigen::SelfAdjointEigenSolver<Matrix> values(root * inverse * root, Eigen::EigenvaluesOnly);
  Vector weights = values.eigenvalues().cwiseAbs2();
  std::sort(weights.begin(), weights.end(), std::greater<>());
  return weights;
}

DistinguishabilityStatus status_of(const LawAtRows& a, const LawAtRows& b) {
  if (a.is_gaussian && b.is_gaussian) return DistinguishabilityStatus::kGaussianLimit;
  if (a.is_irregular || b.is_irregular) return DistinguishabilityStatus::kIrregular;
  return a.is_maximum && b.is_maximum ? DistinguishabilityStatus::kOk : DistinguishabilityStatus::kNotAMaximum;
}

}  // namespace

DistinguishabilityTest distinguishability_test(const LawOfRows& a, const LawOfRows& b, Missing missing) {
  require_shape(a.x, std::visit([](const auto& model) { return model.d(); }, a.model), "X");
  require(a.x.rows() >= 2, "X", "two rows or more", a.x.rows());
  require(b.x.rows() == a.x.rows(), "rows of model_b", "as many as those of model_a, " + std::to_string(a.x.rows()),
          b.x.rows());
  const LawAtRows of_a = law_at_rows(a, missing, "model_a");
  const LawAtRows of_b = law_at_rows(b, missing, "model_b");
  const Vector difference = of_a.log_density - of_b.log_density;
  const auto n = static_cast<double>(difference.size());
  DistinguishabilityTest test{.status = status_of(of_a, of_b), .rows = difference.size()};
  test.statistic = (difference.array() - difference.mean()).square().sum();
  test.variance = test.statistic / n;
  if (test.status == DistinguishabilityStatus::kGaussianLimit) return test;
  test.weights = weights_of(of_a, of_b);
  test.p_value = weighted_chi_square_sf(test.statistic, test.weights);
  return test;
}

}  // namespace varimix
