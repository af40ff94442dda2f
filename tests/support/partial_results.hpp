#pragma once

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <utility>

#include "core/aligned_doubles.hpp"
#include "gaps.hpp"
#include "kernels/partial_rows.hpp"
#include "mixture/missing/partial_law.hpp"
#include "models.hpp"

namespace varimix::tests {

using LongVector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;
using LongMatrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;

inline JointLaw some_joint_law(Matrix cholesky) {
  const Index d = cholesky.rows();
  JointLaw law(gaussian_rows(1, d, 4).transpose(), std::move(cholesky));
  law.gamma = law.cholesky * gaussian_rows(1, d, 3).transpose();
  law.gig = {-0.5, 1.25, 0.75};
  return law;
}

/// Rows with gaps about the law's origin.
inline RowMatrix some_partial_rows(const JointLaw& law, Index n, double share) {
  RowMatrix x = gaussian_rows(n, law.d(), 7) * law.cholesky.transpose();
  x.rowwise() += law.mu.transpose();
  return with_gaps(std::move(x), share, 5);
}

/// Multiplies columns of a law and of rows by 2^900 and 2^-900 in turn.
inline void scale_columns(JointLaw& inout_law, RowMatrix& inout_x) {
  for (Index j = 0; j < inout_law.d(); ++j) {
    const int exponent = j % 2 == 0 ? 900 : -900;
    for (double* value : {&inout_law.mu(j), &inout_law.gamma(j)}) *value = std::ldexp(*value, exponent);
    for (Index k = 0; k <= j; ++k) inout_law.cholesky(j, k) = std::ldexp(inout_law.cholesky(j, k), exponent);
    for (Index i = 0; i < inout_x.rows(); ++i) inout_x(i, j) = std::ldexp(inout_x(i, j), exponent);
  }
}

/// Columns of rows with gaps, and arrays for what a kernel computes for them, `lines` numbers of each.
struct PartialResults {
  PartialResults(const JointLaw& joint, const RowMatrix& x, Index lines, Index offset)
      : law(joint),
        columns(Matrix::Constant(lines + 8, x.cols(), kGap)),
        mean(RowMatrix::Zero(x.cols(), lines)),
        gamma(mean),
        covariance(lines * x.cols() * x.cols()) {
    columns.middleRows(offset, x.rows()) = x;
    for (Vector* numbers : {&q, &projection, &misalignment, &gamma_squared, &log_det_root}) {
      *numbers = Vector::Zero(columns.rows());
    }
  }
  [[nodiscard]] kernels::PartialRows results_from(Index i) {
    return {{q.data() + i, projection.data() + i, misalignment.data() + i},
            gamma_squared.data() + i,
            log_det_root.data() + i};
  }
  [[nodiscard]] kernels::MissingColumns described() {
    return {mean.cols(), mean.data(), gamma.data(), covariance.data()};
  }
  PartialLaw law;
  Matrix columns;
  Vector q, projection, misalignment, gamma_squared, log_det_root;
  RowMatrix mean, gamma;
  AlignedDoubles covariance;
};

/// The law of what a row misses given what it shows, in long doubles and with an inverse.
struct Reference {
  Reference(const JointLaw& joint, const Vector& row) {
    const auto [o, m] = split(row);
    const LongMatrix factor = joint.cholesky.cast<long double>();
    const LongMatrix sigma = factor * factor.transpose();
    const LongMatrix sigma_oo = sigma(o, o);
    const LongMatrix root = sigma_oo.llt().matrixL();
    const LongVector shift = (row(o) - joint.mu(o)).cast<long double>();
    v = root.triangularView<Eigen::Lower>().solve(shift);
    h = root.triangularView<Eigen::Lower>().solve(LongVector(joint.gamma(o).cast<long double>()));
    log_det_root = root.diagonal().array().log().sum();
    const LongMatrix B = sigma(m, o) * sigma_oo.inverse();
    mean = B * shift;
    gamma = joint.gamma(m).cast<long double>() - B * LongVector(joint.gamma(o).cast<long double>());
    covariance = sigma(m, m) - B * LongMatrix(sigma(o, m));
  }
  LongVector v, h, mean, gamma;
  LongMatrix covariance;
  long double log_det_root;
};

/// Expects what was computed for row i; `tolerance` is that of quantities of size 1.
inline void expect_row(const JointLaw& joint, const Vector& row, const PartialResults& actual, Index i,
                       double tolerance = 1e-13) {
  const Reference expected(joint, row);
  const auto& [v, h, mean, gamma, covariance, log_det_root] = expected;
  const long double q = v.squaredNorm();
  const long double square = h.squaredNorm();
  const double root_a = std::sqrt(joint.gig.a);
  const double root_b = std::sqrt(joint.gig.b);
  const long double misalignment = (root_b * h - root_a * v).squaredNorm() + square * q - h.dot(v) * h.dot(v);
  EXPECT_NEAR(actual.q(i), static_cast<double>(q), tolerance * static_cast<double>(q));
  EXPECT_NEAR(actual.projection(i), static_cast<double>(h.dot(v)), tolerance * static_cast<double>(1.0L + q + square));
  EXPECT_NEAR(actual.misalignment(i), static_cast<double>(misalignment),
              tolerance * static_cast<double>((1.0L + square) * (1.0L + q)));
  EXPECT_NEAR(actual.gamma_squared(i), static_cast<double>(square), tolerance * static_cast<double>(square));
  EXPECT_NEAR(actual.log_det_root(i), static_cast<double>(log_det_root), tolerance * static_cast<double>(row.size()));
  const auto missing = split(row).missing;
  Index pair = 0;
  for (Index k = 0; k < static_cast<Index>(missing.size()); ++k) {
    const Index j = missing[static_cast<std::size_t>(k)];
    const double unit = actual.law.unit(j);
    EXPECT_NEAR(unit * actual.mean(k, i), static_cast<double>(mean(k)),
                tolerance * unit * static_cast<double>(1.0L + q));
    EXPECT_NEAR(unit * actual.gamma(k, i), static_cast<double>(gamma(k)),
                tolerance * unit * static_cast<double>(1.0L + square));
    for (Index l = 0; l <= k; ++l) {
      const double units = unit * actual.law.unit(missing[static_cast<std::size_t>(l)]);
      const double element = units * actual.covariance[static_cast<std::size_t>(pair++ * actual.mean.cols() + i)];
      EXPECT_NEAR(element, static_cast<double>(covariance(k, l)), tolerance * units);
    }
  }
}

}  // namespace varimix::tests
