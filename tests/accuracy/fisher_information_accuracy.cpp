#include <gtest/gtest.h>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
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
#include "support/families.hpp"
#include "support/integrate.hpp"
#include "support/paths.hpp"
#include "varimix/core/types.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/gig_parameters.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"
#include "varimix/subordinator/inverse_gaussian.hpp"
#include "varimix/subordinator/subordinator.hpp"

namespace varimix::tests {
namespace {

constexpr double kInformationError = 1e-6;  // that fisher_information promises
constexpr double kUnlimited = 1e300;

/// Returns the mean of f(Y), over 180 units of log Y.
template <Subordinator S, class F>
double mean_of(const S& law, F&& f) {
  return integrate_positive([&](double y) { return f(y) * std::exp(law.log_prob(y)); }, -90.0, 90.0, 20'000);
}

std::vector<double> numbers(const std::string& field) {
  std::istringstream stream(field);
  std::vector<double> values;
  for (double value = 0.0; stream >> value;) values.push_back(value);
  return values;
}

template <Subordinator S>
ShapeVector<S> psi_of(const std::vector<double>& values) {
  return Eigen::Map<const ShapeVector<S>>(values.data());
}

template <Subordinator S>
ShapePoint point_at(const std::vector<double>& psi) {
  return ShapeCoordinates<S>::point(psi_of<S>(psi));
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

/// Shapes psi over what the coordinates allow where E[t] exists.
template <Subordinator S>
std::vector<std::vector<double>> shapes();
template <>
std::vector<std::vector<double>> shapes<InverseGaussian>() {
  return {{std::log(0.101)}, {-1.0}, {0.7}, {2.0}};
}
template <>
std::vector<std::vector<double>> shapes<Gamma>() {
  return {{std::log(0.101)}, {std::log(0.15)}, {-1.0}, {-0.5}};
}
template <>
std::vector<std::vector<double>> shapes<InverseGamma>() {
  return shapes<Gamma>();
}
template <>
std::vector<std::vector<double>> shapes<GeneralizedInverseGaussian>() {
  return {{1.0, 0.0}, {-2.0, -1.0}, {0.0, 0.5}, {10.0, 2.0}, {-0.5, 4.0}, {3.0, -4.0}};
}

std::array<double, 3> statistics(double y) { return {1.0 / y, y, std::log(y)}; }

std::string text_of(const std::vector<double>& values) {
  std::ostringstream text;
  for (const double value : values) text << value << " ";
  return text.str();
}

template <class S>
class ShapePointAccuracy : public ::testing::Test {};
TYPED_TEST_SUITE(ShapePointAccuracy, Families, FamilyNames);

TYPED_TEST(ShapePointAccuracy, OfTheMean) {
  Worst worst("E[t]");
  for (const std::vector<double>& psi : shapes<TypeParam>()) {
    const ShapePoint point = point_at<TypeParam>(psi);
    const TypeParam law = ShapeCoordinates<TypeParam>::law(psi_of<TypeParam>(psi));
    for (Index i = 0; i < 3; ++i) {
      if (point.slope.row(i).isZero(0.0)) continue;  // psi does not need this moment
      const auto k = static_cast<std::size_t>(i);
      const double expected = mean_of(law, [&](double y) { return statistics(y)[k]; });
      worst.add(logarithm_error(point.mean(i), expected), point.mean(i), expected, [&] { return text_of(psi); });
    }
  }
  EXPECT_TRUE(worst.within(1e-12));
}

TYPED_TEST(ShapePointAccuracy, OfTheSlope) {
  Worst worst("d theta / d psi, relative to the larger of theta and the slope");
  constexpr double kStep = 1e-3;
  for (const std::vector<double>& psi : shapes<TypeParam>()) {
    const ShapePoint point = point_at<TypeParam>(psi);
    for (Index j = 0; j < point.slope.cols(); ++j) {
      const auto theta = [&](double step) {
        std::vector<double> moved = psi;
        moved[static_cast<std::size_t>(j)] += step;
        const GigParameters gig = ShapeCoordinates<TypeParam>::law(psi_of<TypeParam>(moved)).gig();
        return Eigen::Vector3d(-0.5 * gig.b, -0.5 * gig.a, gig.p - 1.0);
      };
      // Where u is small theta bends in psi over a length of u / (u + 0.1).
      const double step = kStep * (point.slope.cols() > 1 ? 1.0 : -std::expm1(-(psi[0] - std::log(kShapeShift))));
      const Eigen::Vector3d expected =
          (8.0 * (theta(step) - theta(-step)) - (theta(2.0 * step) - theta(-2.0 * step))) / (12.0 * step);
      const double scale = std::max(expected.cwiseAbs().maxCoeff(), theta(0.0).cwiseAbs().maxCoeff());
      for (Index i = 0; i < 3; ++i) {
        worst.add(error_in(scale, point.slope(i, j), expected(i)), point.slope(i, j), expected(i),
                  [&] { return text_of(psi); });
      }
    }
  }
  EXPECT_TRUE(worst.within(1e-9));
}

TYPED_TEST(ShapePointAccuracy, OfTheInformation) {
  Worst worst("slope' Cov(t) slope, relative to its diagonal");
  for (const std::vector<double>& psi : shapes<TypeParam>()) {
    const ShapePoint point = point_at<TypeParam>(psi);
    const TypeParam law = ShapeCoordinates<TypeParam>::law(psi_of<TypeParam>(psi));
    const auto score = [&](double y, Index j) {
      // less the value at 1, so that little cancels
      return point.slope(0, j) * (1.0 / y - 1.0) + point.slope(1, j) * (y - 1.0) + point.slope(2, j) * std::log(y);
    };
    for (Index i = 0; i < point.slope.cols(); ++i) {
      const double mean = mean_of(law, [&](double y) { return score(y, i); });
      for (Index j = 0; j < point.slope.cols(); ++j) {
        const double expected = mean_of(law, [&](double y) { return (score(y, i) - mean) * score(y, j); });
        const double scale = std::sqrt(point.information(i, i) * point.information(j, j));
        worst.add(error_in(scale, point.information(i, j), expected), point.information(i, j), expected,
                  [&] { return text_of(psi); });
      }
    }
  }
  EXPECT_TRUE(worst.within(1e-9));
}

// The scores of z = g Y + sqrt(Y) n in the frame are n / sqrt(Y), n sqrt(Y), (n^2 - 1)/2 along the first axis, and
// across it with n_j as well n_1 n_j, of which the moments in n are known.
TYPED_TEST(ShapePointAccuracy, OfTheCompleteInformation) {
  Worst worst("complete information");
  for (const std::vector<double>& psi : shapes<TypeParam>()) {
    const ShapePoint point = point_at<TypeParam>(psi);
    const TypeParam law = ShapeCoordinates<TypeParam>::law(psi_of<TypeParam>(psi));
    const double inv_y = mean_of(law, [](double v) { return 1.0 / v; });
    const double y = mean_of(law, [](double v) { return v; });
    for (const Index d : {1, 2, 3, 20}) {
      const InformationBlocks blocks = complete_information(point, d, kUnlimited);
      const Index k = point.slope.cols();
      const Index first_shape = d > 1 ? 4 : 3;
      Matrix expected = Matrix::Zero(first_shape + k, first_shape + k);
      expected.topLeftCorner<2, 2>() << inv_y, 1.0, 1.0, y;
      expected(2, 2) = 0.5;
      if (d > 1) expected(3, 3) = 0.5 * static_cast<double>(d - 1);  // Var of the sum of (n_j^2 - 1)/2
      expected.bottomRightCorner(k, k) = point.information;
      ASSERT_EQ(blocks.scalars.rows(), expected.rows());
      for (Index i = 0; i < expected.rows(); ++i) {
        for (Index j = 0; j < expected.cols(); ++j) {
          worst.add(logarithm_error(blocks.scalars(i, j), expected(i, j)), blocks.scalars(i, j), expected(i, j),
                    [&] { return text_of(psi); });
        }
      }
      Eigen::Matrix3d vectors = Eigen::Matrix3d::Zero();
      if (d > 1) vectors << inv_y, 1.0, 0.0, 1.0, y, 0.0, 0.0, 0.0, 1.0;
      EXPECT_TRUE(all_close(blocks.vectors, vectors, 1e-12)) << text_of(psi);
      EXPECT_EQ(blocks.traceless, d > 2 ? 0.5 : 0.0);
    }
  }
  EXPECT_TRUE(worst.within(1e-12));
}

TEST(CompleteInformationAccuracy, AMomentThatDoesNotExistIsTheLargest) {
  constexpr double kLargest = 11.0;
  const double psi = std::log(1.0 / 0.8 + kShapeShift);  // alpha = 0.8
  const InformationBlocks gamma = complete_information(point_at<Gamma>({psi}), 2, kLargest);
  EXPECT_EQ(gamma.scalars(0, 0), kLargest);
  EXPECT_EQ(gamma.vectors(0, 0), kLargest);
  EXPECT_NEAR(gamma.scalars(1, 1), 1.0, 1e-12);
  const InformationBlocks inverse = complete_information(point_at<InverseGamma>({psi}), 2, kLargest);
  EXPECT_EQ(inverse.scalars(1, 1), kLargest);
  EXPECT_EQ(inverse.vectors(1, 1), kLargest);
  EXPECT_NEAR(inverse.scalars(0, 0), 1.0, 1e-12);
}

}  // namespace
}  // namespace varimix::tests
