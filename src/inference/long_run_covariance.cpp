#include "long_run_covariance.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <numbers>

namespace varimix {

LongRunCovariance::LongRunCovariance(const LongRunOptions& options, Index size)
    : options_(options),
      products_(Matrix::Zero(size, size)),
      cosine_sums_(Matrix::Zero(size, options.cosines.value_or(0))),
      window_sum_(Vector::Zero(size)) {}

void LongRunCovariance::add(const Matrix& vectors, const Vector& weights) {
  if (options_.cosines) {
    const auto n = static_cast<double>(options_.rows);
    Matrix cosines(vectors.rows(), *options_.cosines);
    for (Index j = 0; j < cosines.cols(); ++j) {
      for (Index t = 0; t < cosines.rows(); ++t) {
        cosines(t, j) =
            std::cos(std::numbers::pi * static_cast<double>(j + 1) * (static_cast<double>(seen_ + t) + 0.5) / n);
      }
    }
    cosine_sums_ += vectors.transpose() * cosines;
  } else if (options_.lags) {
    for (Index t = 0; t < vectors.rows(); ++t) add_to_window(vectors.row(t).transpose());
  } else if (weights.size() > 0) {
    products_ += vectors.transpose() * weights.asDiagonal() * vectors;
  } else {
    products_.selfadjointView<Eigen::Lower>().rankUpdate(vectors.transpose());
  }
  seen_ += vectors.rows();
}

void LongRunCovariance::add_to_window(const Vector& next) {
  window_.push_back(next);
  window_sum_ += next;
  if (static_cast<Index>(window_.size()) > *options_.lags + 1) {
    window_sum_ -= window_.front();
    window_.pop_front();
  }
  products_.selfadjointView<Eigen::Lower>().rankUpdate(window_sum_);
}

Matrix LongRunCovariance::covariance() const {
  if (options_.cosines) {
    // n/B sum of P P' with P = sqrt(2/n) sum of v cos
    return 2.0 / static_cast<double>(*options_.cosines) * cosine_sums_ * cosine_sums_.transpose();
  }
  Matrix products = products_;
  if (options_.lags) {
    Vector rest = window_sum_;
    for (const Vector& first : window_) {  // the windows that reach over the end
      rest -= first;
      products.selfadjointView<Eigen::Lower>().rankUpdate(rest);
    }
    products /= static_cast<double>(*options_.lags + 1);
  }
  return products.selfadjointView<Eigen::Lower>();
}

}  // namespace varimix
