#pragma once

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "conjugate_gradients.hpp"
#include "dense_information.hpp"
#include "information.hpp"
#include "long_run_covariance.hpp"
#include "varimix/inference/standard_errors.hpp"

namespace varimix {

/// Rows whose influences are held at the same time.
inline constexpr Index kSliceRows = 8192;

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

}  // namespace varimix
