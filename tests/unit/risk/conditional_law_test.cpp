#include "varimix/risk/conditional_law.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/mixture/missing.hpp"

namespace varimix::tests {
namespace {

constexpr Index kColumns = 5;
const std::vector<Index> kGiven = {3, 0};
const std::vector<Index> kFree = {1, 2, 4};

template <class S>
class ConditionalLawOfFamily : public ::testing::Test {
 protected:
  MeanVarianceMixture<S> model_ = some_model<S>(kColumns, 3, 0.6);
};
TYPED_TEST_SUITE(ConditionalLawOfFamily, Families, FamilyNames);

/// Returns the rows with their free columns missing.
RowMatrix shown(const RowMatrix& x) {
  RowMatrix rows = x;
  for (const Index j : kFree) rows.col(j).setConstant(std::numeric_limits<double>::quiet_NaN());
  return rows;
}

Vector log_density(const AnyMeanVarianceMixture& law, const RowMatrix& x) {
  return std::visit([&](const auto& model) { return model.log_prob(x); }, law);
}

TYPED_TEST(ConditionalLawOfFamily, ItsDensityIsTheQuotientOfTheJointAndTheMarginal) {
  constexpr double kIdentity = 3e-15;  // of the sizes of the logarithms
  const RowMatrix x = this->model_.rvs(200, Seed{5});
  const Vector joint = this->model_.log_prob(x);
  const Vector marginal = this->model_.log_prob(shown(x), Missing::kExact);
  Worst worst("log f - log f_A - log f_cond");
  for (Index i = 0; i < x.rows(); ++i) {
    const AnyMeanVarianceMixture law = conditional_law(this->model_, kGiven, x.row(i)(kGiven).transpose());
    const double actual = log_density(law, x.row(i)(kFree))(0);
    const double scale = std::max({1.0, std::abs(joint(i)), std::abs(marginal(i))});
    worst.add(error_in(scale, actual, joint(i) - marginal(i)), actual, joint(i) - marginal(i),
              [&] { return "row " + std::to_string(i); });
  }
  EXPECT_TRUE(worst.within(kIdentity));
}

TYPED_TEST(ConditionalLawOfFamily, ItsMomentsAreThoseOfMissingValues) {
  constexpr double kMoments = 1e-12;
  const RowMatrix x = this->model_.rvs(20, Seed{6});
  const Conditional expected = conditional(this->model_, shown(x));
  for (Index i = 0; i < x.rows(); ++i) {
    std::visit(
        [&](const auto& law) {
          EXPECT_TRUE(all_close(law.mean(), expected.mean.row(i)(kFree).transpose(), kMoments));
          EXPECT_TRUE(all_close(law.cov(), expected.covariance[static_cast<std::size_t>(i)](kFree, kFree), kMoments));
        },
        conditional_law(this->model_, kGiven, x.row(i)(kGiven).transpose()));
  }
}

TYPED_TEST(ConditionalLawOfFamily, TheOrderOfWhatIsGivenDoesNotMatter) {
  const Vector values{{0.3, -0.8}};
  const RowMatrix x = this->model_.rvs(5, Seed{7})(Eigen::all, kFree);
  const Vector one = log_density(conditional_law(this->model_, {3, 0}, values), x);
  const Vector other = log_density(conditional_law(this->model_, {0, 3}, values.reverse()), x);
  EXPECT_TRUE(all_close(other, one, 1e-14));
}

TYPED_TEST(ConditionalLawOfFamily, KeepsTheNamesOfTheOtherColumns) {
  const auto named = this->model_.with_columns(ColumnNames({"a", "b", "c", "d", "e"}));
  std::visit([](const auto& law) { EXPECT_EQ(to_text(law.columns()), "['b', 'c', 'e']"); },
             conditional_law(named, kGiven, Vector{{0.3, -0.8}}));
}

TYPED_TEST(ConditionalLawOfFamily, WhatCannotBeGivenIsRefusedByName) {
  const auto error = [&](const std::vector<Index>& columns, const Vector& values) {
    return error_of([&] { (void)conditional_law(this->model_, columns, values); });
  };
  EXPECT_EQ(error({}, Vector()), "columns must be at least one, got 0");
  EXPECT_EQ(error({5}, Vector::Zero(1)), "columns must be from 0 to 4, got 5");
  EXPECT_EQ(error({-1}, Vector::Zero(1)), "columns must be from 0 to 4, got -1");
  EXPECT_EQ(error({1, 1}, Vector::Zero(2)), "columns must be different, got 1");
  EXPECT_EQ(error({0, 1, 2, 3, 4}, Vector::Zero(5)), "columns must be fewer than the 5 of the model, got 5");
  EXPECT_EQ(error({0}, Vector::Zero(2)), "values must be of dimension 1, got 2");
  EXPECT_NE(error({0}, Vector::Constant(1, std::nan(""))).find("values must be finite"), std::string::npos);
  EXPECT_NE(error({0}, Vector::Constant(1, 1e300)).find("values must be within"), std::string::npos);
}

TEST(ConditionalLaw, OfASymmetricTIsASkewedTWithMoreDegreesOfFreedom) {
  const NormalInverseGamma model(Vector::Zero(3), Vector{{0.0, 0.4, -0.3}}, Matrix::Identity(3, 3),
                                 InverseGamma(2.0, 1.5));
  const auto law = std::get<NormalInverseGamma>(conditional_law(model, {0}, Vector::Constant(1, 3.0)));
  EXPECT_EQ(law.subordinator(), InverseGamma(2.5, 6.0));  // alpha + k/2, beta + q/2
  EXPECT_TRUE(std::holds_alternative<GeneralizedHyperbolic>(conditional_law(model, {1}, Vector::Constant(1, 3.0))));
}

TEST(ConditionalLaw, OfAVarianceGammaAtMuIsAVarianceGammaOrNone) {
  const auto given_mu = [](double alpha) {
    const VarianceGamma model(Vector::Zero(3), Vector::Zero(3), Matrix::Identity(3, 3), Gamma(alpha, 1.0));
    return conditional_law(model, {0}, Vector::Zero(1));
  };
  EXPECT_EQ(std::get<VarianceGamma>(given_mu(2.0)).subordinator(), Gamma(1.5, 1.0));
  EXPECT_NE(error_of([&] { (void)given_mu(0.5); }).find("values must be other than mu"), std::string::npos);
}

}  // namespace
}  // namespace varimix::tests
