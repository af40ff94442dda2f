#include <gtest/gtest.h>

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include "mixture/natural_gradient/fisher_information.hpp"
#include "mixture/natural_gradient/information_blocks.hpp"
#include "mixture/natural_gradient/shape_coordinates.hpp"
#include "support/close.hpp"
#include "support/families.hpp"
#include "support/integrate.hpp"
#include "support/shape_points.hpp"
#include "varimix/core/types.hpp"
#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/gig_parameters.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"
#include "varimix/subordinator/inverse_gaussian.hpp"
#include "varimix/subordinator/subordinator.hpp"

namespace varimix::tests {
namespace {

/// Returns the mean of f(Y), over 180 units of log Y.
template <Subordinator S, class F>
double mean_of(const S& law, F&& f) {
  return integrate_positive([&](double y) { return f(y) * std::exp(law.log_prob(y)); }, -90.0, 90.0, 20'000);
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
