#include <gtest/gtest.h>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "mixture/natural_gradient/fisher_information.hpp"
#include "mixture/natural_gradient/information_blocks.hpp"
#include "mixture/natural_gradient/shape_coordinates.hpp"
#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/integrate.hpp"
#include "support/paths.hpp"
#include "support/shape_points.hpp"
#include "varimix/core/types.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"
#include "varimix/subordinator/inverse_gaussian.hpp"

namespace varimix::tests {
namespace {

constexpr double kInformationError = 1e-6;  // that fisher_information promises

std::vector<double> numbers(const std::string& field) {
  std::istringstream stream(field);
  std::vector<double> values;
  for (double value = 0.0; stream >> value;) values.push_back(value);
  return values;
}

const std::map<std::string, std::function<ShapePoint(const std::vector<double>&)>> kPointAt = {
    {"NormalInverseGaussian", point_at<InverseGaussian>},
    {"VarianceGamma", point_at<Gamma>},
    {"NormalInverseGamma", point_at<InverseGamma>},
    {"GeneralizedHyperbolic", point_at<GeneralizedInverseGaussian>}};

/// A line of the table.
struct Row {
  Row(const Table& table, std::size_t row)
      : shape(kPointAt.at(table.text(row, "family"))(numbers(table.text(row, "psi")))),
        g(table.number(row, "g")),
        d(static_cast<Index>(table.number(row, "d"))),
        place(table.text(row, "family") + " psi = " + table.text(row, "psi") + " g = " + table.text(row, "g") +
              " d = " + table.text(row, "d")) {}
  ShapePoint shape;
  double g;
  Index d;
  std::string place;
};

/// Adds the errors of a block in the scale of its diagonal.
void add_errors(const Matrix& actual, const std::vector<double>& lower, const std::string& place, Worst& inout_worst) {
  ASSERT_EQ(lower.size(), static_cast<std::size_t>(actual.rows() * (actual.rows() + 1) / 2)) << place;
  Matrix expected(actual.rows(), actual.cols());
  auto next = lower.begin();
  for (Index i = 0; i < expected.rows(); ++i) {
    for (Index j = 0; j <= i; ++j) expected(i, j) = expected(j, i) = *next++;
  }
  for (Index i = 0; i < expected.rows(); ++i) {
    for (Index j = 0; j < expected.cols(); ++j) {
      const double scale = std::sqrt(expected(i, i) * expected(j, j));
      inout_worst.add(error_in(scale, actual(i, j), expected(i, j)), actual(i, j), expected(i, j),
                      [&] { return place + " at (" + std::to_string(i) + ", " + std::to_string(j) + ")"; });
    }
  }
}

TEST(FisherInformationAccuracy, OfEveryBlock) {
  const Table table(data_file("fisher_information.csv"));
  Worst scalars("scalars");
  Worst vectors("vectors");
  Worst traceless("traceless");
  for (std::size_t k = 0; k < table.rows(); ++k) {
    const Row row(table, k);
    const InformationBlocks blocks = fisher_information(row.shape, row.g, row.d, {});
    add_errors(blocks.scalars, numbers(table.text(k, "scalars")), row.place, scalars);
    if (row.d > 1) {
      add_errors(blocks.vectors, numbers(table.text(k, "vectors")), row.place, vectors);
    } else {
      EXPECT_EQ(blocks.vectors, Eigen::Matrix3d::Zero()) << row.place;
    }
    if (row.d > 2) {
      add_errors(Matrix::Constant(1, 1, blocks.traceless), numbers(table.text(k, "traceless")), row.place, traceless);
    } else {
      EXPECT_EQ(blocks.traceless, 0.0) << row.place;
    }
  }
  EXPECT_TRUE(scalars.within(kInformationError));
  EXPECT_TRUE(vectors.within(kInformationError));
  EXPECT_TRUE(traceless.within(kInformationError));
}

/// Returns the mean of (d log f / dx)^2 of a law of one dimension, the information about its location.
double information_about_location(const NormalInverseGaussian& law) {
  const auto log_f = [&](double x) { return law.log_prob(Matrix(Matrix::Constant(1, 1, x)))(0); };
  const auto integrand = [&](double x) {
    const double step = 1e-5 * std::abs(x);
    const double slope = (log_f(x + step) - log_f(x - step)) / (2.0 * step);
    return slope * slope * std::exp(log_f(x));
  };
  return integrate_positive([&](double x) { return integrand(x) + integrand(-x); }, -25.0, 15.0, 4000);
}

// Their log q has a density so flat beside the peak that Newton's method alone would stop there.
TEST(FisherInformationAccuracy, OfTheLocationOfLawsWithLongShoulders) {
  for (const auto& [psi, g] : {std::pair(3.525, 1.456), std::pair(2.538, 0.8), std::pair(2.538, 0.0)}) {
    const InverseGaussian y = ShapeCoordinates<InverseGaussian>::law(ShapeVector<InverseGaussian>(psi));
    const NormalInverseGaussian law(Vector::Zero(1), Vector::Constant(1, g), Matrix(Matrix::Identity(1, 1)), y);
    const InformationBlocks blocks = fisher_information(point_at<InverseGaussian>({psi}), g, 1, {});
    EXPECT_NEAR(blocks.scalars(0, 0) / information_about_location(law), 1.0, 1e-3) << psi << " " << g;
  }
}

/// Returns the least eigenvalue of a - b where the diagonal of a is scaled to 1.
double least_eigenvalue_of_difference(const Matrix& a, const Matrix& b) {
  const Vector unit = a.diagonal().cwiseSqrt().cwiseInverse();
  return Eigen::SelfAdjointEigenSolver<Matrix>(unit.asDiagonal() * (a - b) * unit.asDiagonal()).eigenvalues()(0);
}

TEST(FisherInformationAccuracy, IsBelowTheCompleteInformation) {
  const Table table(data_file("fisher_information.csv"));
  for (std::size_t k = 0; k < table.rows(); ++k) {
    const Row row(table, k);
    const InformationBlocks of_row = fisher_information(row.shape, row.g, row.d, {});
    const InformationBlocks complete = complete_information(row.shape, row.d, kUnlimited);
    EXPECT_GE(least_eigenvalue_of_difference(complete.scalars, of_row.scalars), -kInformationError) << row.place;
    if (row.d > 1) {
      EXPECT_GE(least_eigenvalue_of_difference(complete.vectors, of_row.vectors), -kInformationError) << row.place;
    }
    EXPECT_GE(complete.traceless, of_row.traceless) << row.place;
  }
}

TEST(FisherInformationAccuracy, IsTheSumOfThatOfTheNearestAndTheFarthestRows) {
  const Table table(data_file("fisher_information.csv"));
  for (std::size_t k = 0; k < table.rows(); ++k) {
    const Row row(table, k);
    const InformationBlocks whole = fisher_information(row.shape, row.g, row.d, {});
    const InformationBlocks near = fisher_information(row.shape, row.g, row.d, {.below = 0.0, .above = 0.3});
    const InformationBlocks far = fisher_information(row.shape, row.g, row.d, {.below = 0.7, .above = 0.0});
    const InformationBlocks sum = combine(1.0, near, 1.0, far);
    EXPECT_TRUE(all_close(sum.scalars, whole.scalars, 1e-12)) << row.place;
    EXPECT_TRUE(all_close(sum.vectors, whole.vectors, 1e-12)) << row.place;
    EXPECT_NEAR(sum.traceless, whole.traceless, 1e-12) << row.place;
    EXPECT_GE(least_eigenvalue_of_difference(whole.scalars, near.scalars), -1e-12) << row.place;
  }
}

}  // namespace
}  // namespace varimix::tests
