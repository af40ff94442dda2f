#include "mixture/natural_gradient/shape_coordinates.hpp"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <vector>

#include "support/close.hpp"
#include "support/families.hpp"
#include "varimix/mixture/law_difference.hpp"
#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/gig_parameters.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"
#include "varimix/subordinator/inverse_gaussian.hpp"
#include "varimix/subordinator/subordinator.hpp"

namespace varimix::tests {
namespace {

/// Laws within the bounds, in several units.
template <Subordinator S>
std::vector<S> laws();
template <>
std::vector<InverseGaussian> laws() {
  return {{1.0, 1.5}, {0.8, 0.8}, {3.0, 3000.0}, {0.01, 1e-5}, {1.0, 9'000.0}};
}
template <>
std::vector<Gamma> laws() {
  return {{1.5, 1.0}, {0.25, 20.0}, {5.5, 0.2}, {2000.0, 1500.0}, {1.0, 1.0}};
}
template <>
std::vector<InverseGamma> laws() {
  return {{1.5, 1.0}, {0.25, 20.0}, {0.9, 0.2}, {2000.0, 1500.0}, {1.0, 1.0}};
}
template <>
std::vector<GeneralizedInverseGaussian> laws() {
  return {{-0.5, 1.5, 1.5}, {2.0, 1.0, 0.3}, {-3.0, 0.5, 4.0}, {0.0, 0.2, 0.1}, {39.0, 30.0, 2.0}, {0.3, 90.0, 1600.0}};
}

template <Subordinator S>
ShapeVector<S> shape_of(const S& law) {
  return ShapeCoordinates<S>::shape(law, 0.0);
}

template <class S>
class ShapeCoordinatesOf : public ::testing::Test {};
TYPED_TEST_SUITE(ShapeCoordinatesOf, Families, FamilyNames);

TYPED_TEST(ShapeCoordinatesOf, TheLawOfTheShapeIsTheLawInTheGauge) {
  for (const TypeParam& law : laws<TypeParam>()) {
    const TypeParam expected = law.rescale_y(1.0 / ShapeCoordinates<TypeParam>::scale(law));
    const TypeParam actual = ShapeCoordinates<TypeParam>::law(shape_of(law));
    for (std::size_t k = 0; k < law.parameters().size(); ++k) {
      EXPECT_TRUE(is_close(actual.parameters()[k], expected.parameters()[k], 1e-11)) << law.parameters()[0];
    }
  }
}

TYPED_TEST(ShapeCoordinatesOf, TheShapeOfTheLawIsTheShape) {
  for (const TypeParam& law : laws<TypeParam>()) {
    const ShapeVector<TypeParam> psi = shape_of(law);
    const TypeParam back = ShapeCoordinates<TypeParam>::law(psi);
    EXPECT_TRUE(close_in_scale(shape_of(back), psi, 1e-13, 1.0)) << law.parameters()[0];
    EXPECT_TRUE(is_close(ShapeCoordinates<TypeParam>::scale(back), 1.0, 1e-12)) << law.parameters()[0];
  }
}

TYPED_TEST(ShapeCoordinatesOf, TheShapeDoesNotDependOnTheUnitOfY) {
  for (const TypeParam& law : laws<TypeParam>()) {
    EXPECT_TRUE(close_in_scale(shape_of(law.rescale_y(1e7)), shape_of(law), 1e-12, 1.0)) << law.parameters()[0];
    EXPECT_TRUE(is_close(ShapeCoordinates<TypeParam>::scale(law.rescale_y(1e7)),
                         1e7 * ShapeCoordinates<TypeParam>::scale(law), 1e-12));
  }
}

TYPED_TEST(ShapeCoordinatesOf, ThePointIsThatOfItsLaw) {
  for (const TypeParam& law : laws<TypeParam>()) {
    const ShapePoint point = ShapeCoordinates<TypeParam>::point(shape_of(law));
    EXPECT_EQ(point.law, ShapeCoordinates<TypeParam>::law(shape_of(law)).gig());
    EXPECT_EQ(point.slope.rows(), 3);
    EXPECT_EQ(point.slope.cols(), kShapeCount<TypeParam>);
    EXPECT_EQ(point.information.rows(), kShapeCount<TypeParam>);
    EXPECT_EQ(point.information.cols(), kShapeCount<TypeParam>);
  }
}

TYPED_TEST(ShapeCoordinatesOf, TheSlopeIsThatOfTheNaturalParameters) {
  constexpr double kStep = 1e-4;
  for (const TypeParam& law : laws<TypeParam>()) {
    const ShapeVector<TypeParam> psi = shape_of(law);
    const ShapePoint point = ShapeCoordinates<TypeParam>::point(psi);
    const auto theta = [&](Eigen::Index j, double step) {
      ShapeVector<TypeParam> moved = psi;
      moved(j) += step;
      const GigParameters gig = ShapeCoordinates<TypeParam>::law(moved).gig();
      return Eigen::Vector3d(-0.5 * gig.b, -0.5 * gig.a, gig.p - 1.0);
    };
    for (Eigen::Index j = 0; j < psi.size(); ++j) {
      // Where u is small, theta bends over a length of u / (u + 0.1).
      const double step = kStep * (psi.size() > 1 ? 1.0 : -std::expm1(std::log(kShapeShift) - psi(0)));
      const Eigen::Vector3d expected = (theta(j, step) - theta(j, -step)) / (2.0 * step);
      EXPECT_TRUE(all_close(point.slope.col(j), expected, 1e-6)) << law.parameters()[0];
    }
  }
}

TYPED_TEST(ShapeCoordinatesOf, AShapeWithinTheBoundsHasNoLimit) {
  for (const TypeParam& law : laws<TypeParam>()) {
    const ShapeVector<TypeParam> psi = shape_of(law);
    EXPECT_EQ(ShapeCoordinates<TypeParam>::within_bounds(psi, 0.0), psi);
    EXPECT_EQ(ShapeCoordinates<TypeParam>::limit(psi, 0.0), ShapeLimit::kNone) << law.parameters()[0];
  }
}

/// Returns u of the shape at the end of the range that psi = 1e3 or -1e3 is brought to.
template <Subordinator S>
double bound_of_u(double psi, double least_alpha) {
  return std::exp(ShapeCoordinates<S>::within_bounds(ShapeVector<S>(psi), least_alpha)(0)) - kShapeShift;
}

TEST(ShapeCoordinates, OfOneShapeEndAtTheGaussianLimitAndAtTheParametersBound) {
  constexpr double kFar = 1e3;
  EXPECT_NEAR(bound_of_u<InverseGaussian>(-kFar, 0.0), 1e-4, 1e-15);
  EXPECT_NEAR(bound_of_u<Gamma>(-kFar, 0.0), 1e-4, 1e-15);
  EXPECT_NEAR(bound_of_u<InverseGamma>(-kFar, 0.0), 1e-4, 1e-15);
  EXPECT_TRUE(is_close(bound_of_u<InverseGaussian>(kFar, 0.0), 1e4, 1e-12));
  EXPECT_TRUE(is_close(bound_of_u<InverseGaussian>(kFar, 0.7), 1e4, 1e-12)) << "it has no alpha";
  for (const double least_alpha : {0.0, 0.1, 0.2}) {
    EXPECT_TRUE(is_close(bound_of_u<Gamma>(kFar, least_alpha), 5.0, 1e-12));
    EXPECT_TRUE(is_close(bound_of_u<InverseGamma>(kFar, least_alpha), 5.0, 1e-12));
  }
  EXPECT_TRUE(is_close(bound_of_u<Gamma>(kFar, 0.5), 2.0, 1e-12));
  EXPECT_TRUE(is_close(bound_of_u<InverseGamma>(kFar, 0.5), 2.0, 1e-12));
}

template <Subordinator S>
void expect_limits(double least_alpha) {
  const auto at_end = [&](double psi) { return ShapeCoordinates<S>::within_bounds(ShapeVector<S>(psi), least_alpha); };
  const auto limit = [&](const ShapeVector<S>& psi) { return ShapeCoordinates<S>::limit(psi, least_alpha); };
  const ShapeVector<S> low = at_end(-1e3);
  const ShapeVector<S> high = at_end(1e3);
  EXPECT_EQ(limit(low), ShapeLimit::kGaussian);
  EXPECT_EQ(limit(high), ShapeLimit::kParameterBound);
  EXPECT_EQ(limit(ShapeVector<S>(low(0) + 1e-6)), ShapeLimit::kNone);
  EXPECT_EQ(limit(ShapeVector<S>(high(0) - 1e-6)), ShapeLimit::kNone);
  // after a round trip by its law, too
  EXPECT_EQ(limit(ShapeCoordinates<S>::shape(ShapeCoordinates<S>::law(low), least_alpha)), ShapeLimit::kGaussian);
  EXPECT_EQ(limit(ShapeCoordinates<S>::shape(ShapeCoordinates<S>::law(high), least_alpha)),
            ShapeLimit::kParameterBound);
}

TEST(ShapeCoordinates, OfOneShapeKnowTheirLimit) {
  for (const double least_alpha : {0.0, 0.5, 1.5}) {
    expect_limits<InverseGaussian>(least_alpha);
    expect_limits<Gamma>(least_alpha);
    expect_limits<InverseGamma>(least_alpha);
  }
}

TEST(ShapeCoordinates, OfTheGigAreWithinABox) {
  using Coordinates = ShapeCoordinates<GeneralizedInverseGaussian>;
  using Psi = ShapeVector<GeneralizedInverseGaussian>;
  EXPECT_EQ(Coordinates::within_bounds(Psi(1e3, 1e3), 0.0), Psi(40.0, 6.0));
  EXPECT_EQ(Coordinates::within_bounds(Psi(-1e3, -1e3), 3.0), Psi(-40.0, -5.0));
  EXPECT_EQ(Coordinates::limit(Psi(1.0, 0.0), 0.0), ShapeLimit::kNone);
  EXPECT_EQ(Coordinates::limit(Psi(40.0, 0.0), 0.0), ShapeLimit::kParameterBound);
  EXPECT_EQ(Coordinates::limit(Psi(-40.0, 0.0), 0.0), ShapeLimit::kParameterBound);
  EXPECT_EQ(Coordinates::limit(Psi(1.0, 6.0), 0.0), ShapeLimit::kParameterBound);
  EXPECT_EQ(Coordinates::limit(Psi(1.0, -5.0), 0.0), ShapeLimit::kGammaFace);
  EXPECT_EQ(Coordinates::limit(Psi(-1.0, -5.0), 0.0), ShapeLimit::kInverseGammaFace);
}

// A law on a face comes to the end of the box, with the scale that it has.
TEST(ShapeCoordinates, OfAFaceAreAtTheEndOfTheBox) {
  using Coordinates = ShapeCoordinates<GeneralizedInverseGaussian>;
  const GeneralizedInverseGaussian gamma(1.5, 2.0, 0.0);
  const GeneralizedInverseGaussian inverse(-2.5, 0.0, 1.0);
  EXPECT_EQ(Coordinates::limit(shape_of(gamma), 0.0), ShapeLimit::kGammaFace);
  EXPECT_EQ(Coordinates::limit(shape_of(inverse), 0.0), ShapeLimit::kInverseGammaFace);
  EXPECT_TRUE(is_close(Coordinates::scale(gamma), gamma.E_Y(), 1e-14));
  const GeneralizedInverseGaussian heavy(-0.5, 0.0, 3.0);  // E[Y] is infinite
  ASSERT_EQ(heavy.E_Y(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Coordinates::scale(heavy), y_at_mode_of_log_y(heavy.gig()));
}

TEST(ShapeCoordinates, OfTheInverseGammaLawHaveAGaugeWithoutAMean) {
  const InverseGamma law(0.5, 3.0);
  ASSERT_EQ(law.E_Y(), std::numeric_limits<double>::infinity());
  const double scale = ShapeCoordinates<InverseGamma>::scale(law);
  EXPECT_TRUE(is_close(law.rescale_y(1.0 / scale).E_inv_Y(), 1.0, 1e-14));
}

}  // namespace
}  // namespace varimix::tests
