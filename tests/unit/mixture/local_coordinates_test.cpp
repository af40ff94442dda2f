#include "varimix/mixture/local_coordinates.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/mixture/law_difference.hpp"

namespace varimix::tests {
namespace {

template <class S>
class LocalCoordinatesTest : public ::testing::Test {};
TYPED_TEST_SUITE(LocalCoordinatesTest, Families, FamilyNames);

/// What fits may hold, by the names of fix_parameters, and whether gamma is held at 0.
struct Held {
  std::vector<std::string> names;
  bool symmetric = false;
};

template <Subordinator S>
std::vector<Held> all_held() {
  const std::vector<std::string> law(S::kParameterNames.begin(), S::kParameterNames.end());
  std::vector<Held> all = {{{}},
                           {{"mu"}},
                           {{"gamma"}},
                           {{"sigma"}},
                           {{"mu", "gamma", "sigma"}},
                           {{"gamma", law.front()}},
                           {{"sigma", law.back()}},
                           {law},
                           {{law.front()}},
                           {{law.back()}},
                           {{}, true},
                           {{law.front()}, true}};
  for (const std::string& name : law) all.push_back({{"gamma", "sigma", name}});
  return all;
}

template <Subordinator S>
MeanVarianceMixture<S> skewed_model(bool symmetric) {
  const auto model = some_model<S>(3, 7, 0.8);
  return symmetric ? model.replace({.gamma = Vector::Zero(3)}) : model;
}

Vector some_point(Index size) {
  Vector v(size);
  for (Index k = 0; k < size; ++k) v(k) = 0.05 * std::sin(1.0 + 2.3 * static_cast<double>(k));
  return v;
}

TYPED_TEST(LocalCoordinatesTest, AreAsManyAsTheFreeParameters) {
  for (const Held& held : all_held<TypeParam>()) {
    const auto model = skewed_model<TypeParam>(held.symmetric);
    const auto fixed = fix_parameters(model, held.names, held.symmetric);
    EXPECT_EQ(LocalCoordinates<TypeParam>(model, fixed).size(), free_parameters(model.d(), fixed))
        << ::testing::PrintToString(held.names);
  }
}

TYPED_TEST(LocalCoordinatesTest, MoveNothingThatIsFixed) {
  for (const Held& held : all_held<TypeParam>()) {
    const auto model = skewed_model<TypeParam>(held.symmetric);
    const auto fixed = fix_parameters(model, held.names, held.symmetric);
    const LocalCoordinates<TypeParam> coordinates(model, fixed);
    const auto moved = coordinates.moved(some_point(coordinates.size()));
    // Some s brings the law of sY to where everything that is fixed has its value: the one that the first fixed
    // parameter which depends on it tells.
    double s = coordinates.scale();
    if (fixed.L_Sigma) {
      s = std::pow(moved.L_Sigma()(0, 0) / (*fixed.L_Sigma)(0, 0), 2.0);
    } else if (fixed.gamma && !held.symmetric) {
      s = moved.gamma()(0) / (*fixed.gamma)(0);
    } else {
      s = scale_to_fixed(moved.subordinator(), fixed);
    }
    const auto there = moved.rescale_y(s);
    EXPECT_LT(law_difference(with_fixed(there, fixed), there), 1e-12) << ::testing::PrintToString(held.names);
  }
}

TYPED_TEST(LocalCoordinatesTest, HaveTheScoreOfTheLogLikelihoodEverywhere) {
  constexpr double kStep = 1e-5;
  const auto truth = some_model<TypeParam>(3, 3, 0.6);
  const RowMatrix x = truth.rvs(40, Seed{2});
  for (const Held& held : all_held<TypeParam>()) {
    const auto model = skewed_model<TypeParam>(held.symmetric);
    const LocalCoordinates<TypeParam> coordinates(model, fix_parameters(model, held.names, held.symmetric));
    const Vector v = some_point(coordinates.size());
    const auto there = coordinates.moved(v);
    const Eta eta = e_step(there, x, model.mu(), {.log_y = LogY::kCompute}).eta;
    const Vector score = coordinates.score(v, there, eta);
    for (Index k = 0; k < v.size(); ++k) {
      const Vector step = kStep * Vector::Unit(v.size(), k);
      const double rise = coordinates.moved(v + step).marginal_log_likelihood(x) -
                          coordinates.moved(v - step).marginal_log_likelihood(x);
      EXPECT_NEAR(score(k), rise / (2.0 * kStep), 1e-7 * std::max(1.0, std::abs(score(k))))
          << coordinates.name(k) << ", " << ::testing::PrintToString(held.names);
    }
  }
}

TYPED_TEST(LocalCoordinatesTest, BeginAtTheLawItself) {
  const auto model = some_model<TypeParam>(4, 1, 1.5);
  const LocalCoordinates<TypeParam> coordinates(model, {});
  const auto back = coordinates.moved(Vector::Zero(coordinates.size())).rescale_y(coordinates.scale());
  EXPECT_LT(law_difference(model, back), 1e-14);
  EXPECT_LT((back.gamma() - model.gamma()).norm(), 1e-13 * model.gamma().norm());
}

TYPED_TEST(LocalCoordinatesTest, NameWhatTheyMove) {
  const auto model = some_model<TypeParam>(2, 1, 1.5);
  const LocalCoordinates<TypeParam> coordinates(model, {});
  std::vector<std::string> names;
  for (Index k = 0; k < coordinates.size(); ++k) names.push_back(coordinates.name(k));
  std::vector<std::string> expected = {"mu_1", "mu_2", "gamma_1", "gamma_2", "L_1_1", "L_2_1", "L_2_2"};
  for (const char* shape : shape_names<TypeParam>()) expected.emplace_back(shape);
  EXPECT_EQ(names, expected);
}

TEST(LocalCoordinates, DoNotExistOnAFace) {
  const GeneralizedHyperbolic face(Vector::Zero(1), Vector::Zero(1), Matrix::Identity(1, 1),
                                   GeneralizedInverseGaussian(-2.0, 0.0, 1.0));
  EXPECT_THROW(LocalCoordinates<GeneralizedInverseGaussian>(face, {}), std::invalid_argument);
}

}  // namespace
}  // namespace varimix::tests
