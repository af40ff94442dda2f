// Rows of so many columns that those which miss few of them go by the precision (FewGapsBlock).
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/precision_rows.hpp"
#include "mixture/missing/partial_law.hpp"
#include "support/close.hpp"
#include "support/e_step_of_gaps.hpp"
#include "support/eta.hpp"
#include "support/families.hpp"
#include "support/gaps.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/mixture/missing.hpp"

namespace varimix::tests {
namespace {

template <class S>
class FewGaps : public ::testing::Test {};
TYPED_TEST_SUITE(FewGaps, Families, FamilyNames);

/// A model whose columns are correlated by about 0.4.
template <Subordinator S = InverseGaussian>
MeanVarianceMixture<S> model_of(Index d, const S& law) {
  const Matrix sigma = 0.6 * Matrix::Identity(d, d) + 0.4 * Matrix::Ones(d, d);
  return {gaussian_rows(1, d, 3).transpose(), 0.5 * gaussian_rows(1, d, 4).transpose(), Matrix(sigma.llt().matrixL()),
          law};
}

template <Subordinator S>
bool go_by_precision(const MeanVarianceMixture<S>& model) {
  return PartialLaw(JointLaw(model, model.mu())).few_missing() > 0;
}

// Of 40 columns some rows miss more than the precision is used for, and some all.
TYPED_TEST(FewGaps, AreTheMeanOfTheRowsConditionalStatistics) {
  for (const auto& [d, n] : {std::pair<Index, Index>{10, 600}, {13, 600}, {40, 300}}) {
    const auto model = model_of(d, some_law<TypeParam>(0.4, 11));
    ASSERT_TRUE(go_by_precision(model));
    RowMatrix x = with_gaps(model.rvs(n, Seed{d}), 0.2, d);
    for (Index i = 0; i < n; i += 50) x.row(i).setConstant(kGap);
    for (Index i = 5; i < n; i += 20) x.row(i).tail(d - 2).setConstant(kGap);
    expect_mean_of_rows(model, x, 1e-11);
  }
}

TYPED_TEST(FewGaps, PosteriorsAreThoseOfWhatARowShows) {
  const auto model = model_of(14, some_law<TypeParam>(0.4, 11));
  ASSERT_TRUE(go_by_precision(model));
  const RowMatrix x = with_gaps(model.rvs(200, Seed{1}), 0.3, 2);
  const RowPosteriors actual = posterior(model, x, Missing::kExact);
  for (Index i = 0; i < x.rows(); ++i) {
    const Vector row = x.row(i).transpose();
    const auto shown = split(row).shown;
    const RowPosteriors expected = posterior(law_of_columns(model, shown), RowMatrix(row(shown).transpose()));
    EXPECT_TRUE(is_close(actual.E_inv_Y(i), expected.E_inv_Y(0), 1e-11));
    EXPECT_TRUE(is_close(actual.E_Y(i), expected.E_Y(0), 1e-11));
    EXPECT_TRUE(is_close(actual.E_log_Y(i), expected.E_log_Y(0), 1e-11));
  }
}

// Laws near the Gaussian limit have large orders; at the edge of "large", some of a block's rows have one and some not.
TEST(FewGapsRows, OfLargeOrdersAreThoseOfTheFormulasToo) {
  for (const double alpha : {2e3, 1e5, 1e9}) {
    const NormalInverseGamma model = model_of(20, InverseGamma(alpha, alpha));
    ASSERT_TRUE(go_by_precision(model));
    expect_mean_of_rows(model, with_gaps(model.rvs(300, Seed{3}), 0.3, 2), 1e-9);
  }
}

TEST(FewGapsRows, OfTheSkewedTMayHaveNoSkewnessInWhatTheyShow) {
  NormalInverseGamma model = model_of(13, InverseGamma(2.5, 1.5));
  const RowMatrix x = with_gaps(model.rvs(400, Seed{1}), 0.3, 2);
  Vector gamma = Vector::Zero(13);
  for (const double last : {0.0, 0.5}) {
    gamma(12) = last;
    model = model.replace({.gamma = gamma});
    expect_mean_of_rows(model, x, 1e-11);
  }
}

TEST(FewGapsRows, HaveTheSameBitsAlone) {
  const NormalInverseGaussian model = model_of(14, InverseGaussian(1.0, 1.5));
  const RowMatrix x = with_gaps(model.rvs(500, Seed{4}), 0.3, 3);
  const Vector densities = log_density(model, x, Missing::kExact);
  for (Index i = 0; i < x.rows(); ++i) {
    if (!x.row(i).array().isNaN().any()) continue;
    EXPECT_EQ(log_density(model, RowView(x).slice(i, 1), Missing::kExact)(0), densities(i));
  }
}

TEST(FewGapsRows, HaveTheSameBitsOnAnyNumberOfThreads) {
  const NormalInverseGaussian model = model_of(35, InverseGaussian(1.0, 1.5));
  RowMatrix x = with_gaps(model.rvs(5000, Seed{4}), 0.2, 3);
  for (Index i = 0; i < x.rows(); i += 3) x.row(i).tail(34).setConstant(kGap);
  const EStepResult expected = e_step(model, x, model.mu(), kExact);
  const Vector densities = log_density(model, x, Missing::kExact);
  for (const int count : {1, 2, 7}) {
    const ThreadLimit limit(count);
    const EStepResult actual = e_step(model, x, model.mu(), kExact);
    EXPECT_EQ(actual.eta, expected.eta) << count;
    EXPECT_EQ(actual.log_lik, expected.log_lik) << count;
    EXPECT_EQ(log_density(model, x, Missing::kExact), densities) << count;
  }
}

TEST(FewGapsRows, OrderAndPiecesAreRoundingAlone) {
  const NormalInverseGaussian model = model_of(14, InverseGaussian(1.0, 1.5));
  const RowMatrix x = with_gaps(model.rvs(2000, Seed{4}), 0.3, 3);
  const EStepResult expected = e_step(model, x, model.mu(), kExact);
  const EStepResult reversed = e_step(model, RowMatrix(x.colwise().reverse()), model.mu(), kExact);
  EXPECT_TRUE(same_eta(reversed.eta, expected.eta, 1e-13));
  EXPECT_TRUE(is_close(reversed.log_lik, expected.log_lik, 1e-13));
  const Eta merged = merge(e_step(model, RowView(x).slice(0, 701), model.mu(), kExact).eta,
                           e_step(model, RowView(x).slice(701, 1299), model.mu(), kExact).eta);
  EXPECT_TRUE(same_eta(merged, expected.eta, 1e-13));
}

TEST(FewGapsRows, CountByTheirWeights) {
  const NormalInverseGaussian model = model_of(13, InverseGaussian(1.0, 1.5));
  const RowMatrix x = with_gaps(model.rvs(700, Seed{1}), 0.3, 2);
  expect_weights_count_as_copies(model, x);
}

TEST(FewGapsRows, AreFlooredByTheDimensionsThatTheyShow) {
  const VarianceGamma spiked = model_of(13, Gamma(0.4, 0.4));
  RowMatrix x = with_gaps(spiked.rvs(300, Seed{2}), 0.2, 1);
  x.row(7).head(2) = spiked.mu().head(2).transpose();
  x.row(7).tail(11).setConstant(kGap);
  EStepOptions options = kExact;
  EXPECT_FALSE(e_step(spiked, x, spiked.mu(), options).eta.is_finite());
  options.distance_floor = 13e-10;
  const EStepResult floored = e_step(spiked, x, spiked.mu(), options);
  EXPECT_TRUE(floored.eta.is_finite());
  EXPECT_EQ(floored.floored_rows, 1);
  const auto part = law_of_columns(spiked, {0, 1});
  const double alone = e_step(part, RowMatrix(part.mu().transpose()), part.mu(), {.distance_floor = 2e-10}).log_lik;
  EXPECT_TRUE(is_close(e_step(spiked, RowView(x).slice(7, 1), spiked.mu(), options).log_lik, alone, 1e-12));
}

TEST(FewGapsRows, ThePeakIsOfACompleteRow) {
  const NormalInverseGaussian model = model_of(13, InverseGaussian(1.0, 1.5));
  RowMatrix x = with_gaps(model.rvs(700, Seed{1}), 0.4, 2);
  x.row(400) = model.mu().transpose();
  x.row(401) = 0.9 * model.mu().transpose();
  EXPECT_EQ(e_step(model, x, model.mu(), kExact).peak_row, 400);
  x(400, 3) = x(401, 2) = kGap;
  for (Index i = 0; i < x.rows(); ++i) x(i, 5) = kGap;
  EXPECT_EQ(e_step(model, x, model.mu(), kExact).peak_row, -1);
}

TEST(FewGapsRows, WhereNothingIsShownAllIsZero) {
  const NormalInverseGaussian model = model_of(13, InverseGaussian(1.0, 1.5));
  const RowMatrix x = RowMatrix::Constant(300, 13, kGap);
  const EStepResult result = e_step(model, x, model.mu(), kExact);
  EXPECT_EQ(result.eta.weight, 0.0);
  EXPECT_TRUE(result.eta.values.isZero(0.0));
  EXPECT_EQ(mean_log_density(model, x, Missing::kExact), 0.0);
  EXPECT_EQ(log_density(model, x, Missing::kExact), Vector(Vector::Zero(300)));
}

}  // namespace
}  // namespace varimix::tests
