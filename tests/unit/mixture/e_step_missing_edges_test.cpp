#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <vector>

#include "mixture/missing/pattern_block.hpp"
#include "support/close.hpp"
#include "support/e_step_of_gaps.hpp"
#include "support/eta.hpp"
#include "support/gaps.hpp"
#include "support/models.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix::tests {
namespace {

TEST(EStepMissingEdges, WhereNothingIsShownAllIsZero) {
  const NormalInverseGaussian model = tutorial_model();
  const RowMatrix x = RowMatrix::Constant(5, 2, kGap);
  const EStepResult result = e_step(model, x, model.mu(), kExact);
  EXPECT_EQ(result.eta.weight, 0.0);
  EXPECT_EQ(result.log_lik, 0.0);
  EXPECT_TRUE(result.eta.is_finite());
  EXPECT_TRUE(result.eta.values.isZero(0.0));
  EXPECT_EQ(result.observed, Vector(Vector::Zero(2)));
  EXPECT_EQ(mean_log_density(model, x, Missing::kExact), 0.0);
  EXPECT_EQ(log_density(model, x, Missing::kExact), Vector(Vector::Zero(5)));
}

TEST(EStepMissingEdges, ARowThatShowsNothingAddsNothing) {
  const NormalInverseGaussian model = tutorial_model();
  RowMatrix x = with_gaps(model.rvs(50, Seed{1}), 0.2, 4);
  x.row(49).setConstant(kGap);
  const EStepResult with = e_step(model, x, model.mu(), kExact);
  const EStepResult without = e_step(model, RowView(x).slice(0, 49), model.mu(), kExact);
  EXPECT_EQ(with.eta, without.eta);
  EXPECT_EQ(with.log_lik, without.log_lik);
}

// An E-step and an M-step leave the law of the unseen column given the others as the model assumes it.
TEST(EStepMissingEdges, AColumnThatNoRowShowsStaysAsTheModelHasIt) {
  const NormalInverseGaussian model = some_model(3, 8, 0.5);
  RowMatrix x = model.rvs(400, Seed{1});
  x.col(1).setConstant(kGap);
  const EStepResult result = e_step(model, x, model.mu(), kExact);
  EXPECT_EQ(result.observed, (Vector{{400.0, 0.0, 400.0}}));
  EXPECT_TRUE(result.eta.is_finite());
  const std::vector<Index> seen = {0, 2};
  const Eta part = e_step(law_of_columns(model, seen), RowMatrix(x(Eigen::all, seen)), model.mu()(seen), kExact).eta;
  const Matrix xx = mixture_statistics(result.eta).xx_inv_y;
  EXPECT_TRUE(all_close(xx(seen, seen), mixture_statistics(part).xx_inv_y, 1e-13));
  const NormalInverseGaussian next = model.m_step(result.eta);
  const auto loading = [&](const NormalInverseGaussian& of) {
    const Matrix sigma = of.sigma();
    return Vector(Matrix(sigma(seen, seen)).ldlt().solve(sigma.col(1)(seen)));
  };
  EXPECT_TRUE(all_close(loading(next), loading(model), 1e-10));
}

TEST(EStepMissingEdges, WeightsCountAsForCompleteRows) {
  const NormalInverseGaussian model = some_model(3, 8, 0.5);
  const RowMatrix x = with_gaps(model.rvs(1500, Seed{1}), 0.3, 2);
  expect_weights_count_as_copies(model, x);
  EStepOptions options = kExact;
  const std::vector<double> ones(static_cast<std::size_t>(x.rows()), 1.0);
  options.weights = ones;
  EXPECT_EQ(e_step(model, x, model.mu(), options).eta, e_step(model, x, model.mu(), kExact).eta);
}

TEST(EStepMissingEdges, AreFlooredByTheDimensionsThatTheyShow) {
  const VarianceGamma spiked(Vector{{0.1, -0.2}}, Vector{{0.4, -0.3}}, some_factor(2, 3), Gamma(0.4, 0.4));
  RowMatrix x = with_gaps(spiked.rvs(500, Seed{2}), 0.2, 1);
  x.row(7) << spiked.mu()(0), kGap;
  EStepOptions options = kExact;
  EXPECT_FALSE(e_step(spiked, x, spiked.mu(), options).eta.is_finite());
  options.distance_floor = 2e-10;
  const EStepResult floored = e_step(spiked, x, spiked.mu(), options);
  EXPECT_TRUE(floored.eta.is_finite());
  EXPECT_GE(floored.floored_rows, 1);
  const auto part = law_of_columns(spiked, {0});
  const double alone = e_step(part, RowMatrix{{part.mu()(0)}}, part.mu(), {.distance_floor = 1e-10}).log_lik;
  EXPECT_TRUE(is_close(e_step(spiked, RowView(x).slice(7, 1), spiked.mu(), options).log_lik, alone, 1e-12));
}

// With gamma = 0 the posterior is inverse gamma for every pattern; with the other gamma some patterns have gamma_o = 0,
// and some do not.
TEST(EStepMissingEdges, TheSkewedTMayHavePatternsWithoutSkewness) {
  NormalInverseGamma model = some_model<InverseGamma>(4, 8, 0.5);
  const RowMatrix x = with_gaps(model.rvs(600, Seed{1}), 0.4, 2);
  for (const Vector& gamma : {Vector(Vector::Zero(4)), Vector{{0.0, 0.0, 0.5, 0.0}}}) {
    model = model.replace({.gamma = gamma});
    const EStepResult all = e_step(model, x, Vector::Zero(4), kExact);
    std::optional<Eta> sum;
    for (Index i = 0; i < x.rows(); ++i) {
      const Vector row = x.row(i).transpose();
      if (split(row).shown.empty()) continue;
      const Eta one = statistics_of_row(model, row).eta;
      sum = sum ? merge(*sum, one) : one;
    }
    EXPECT_TRUE(same_eta(all.eta, *sum, 1e-12));
  }
}

// Two columns agree to 1e-9, so that Sigma's own Cholesky factorisation would lose their difference.
TEST(EStepMissingEdges, NearlyCollinearColumnsKeepTheirDigits) {
  Matrix L = Matrix::Identity(3, 3);
  L(1, 0) = 1.0;
  L(1, 1) = 1e-9;
  L(2, 0) = L(2, 1) = 0.5;
  const NormalInverseGaussian model(Vector::Zero(3), Vector::Zero(3), L, InverseGaussian(1.0, 1.5));
  // Without the first column the factor is [[1, 0], [0.5, sqrt(1.25)]] but for 1e-9; without the last it is a block of
  // L.
  const RowMatrix x{{1.0, 1.0 + 2e-9, kGap}, {kGap, 1.0, 1.5}, {kGap, 1.0, 1.5}};
  const NormalInverseGaussian leading(Vector::Zero(2), Vector::Zero(2), L.topLeftCorner(2, 2), model.subordinator());
  const NormalInverseGaussian trailing(Vector::Zero(2), Vector::Zero(2), Matrix{{1.0, 0.0}, {0.5, std::sqrt(1.25)}},
                                       model.subordinator());
  const Vector actual = log_density(model, x, Missing::kExact);
  EXPECT_TRUE(is_close(actual(0), leading.log_prob(RowMatrix(x.block(0, 0, 1, 2)))(0), 1e-13));
  EXPECT_TRUE(is_close(actual(1), trailing.log_prob(RowMatrix(x.block(1, 1, 1, 2)))(0), 1e-8));
}

TEST(EStepMissingEdges, MoreColumnsThanAWordHasBits) {
  const Index d = 70;
  const NormalInverseGaussian model = some_model(d, 2, 0.5);
  RowMatrix x = model.rvs(40, Seed{1});
  for (Index i = 0; i < x.rows(); ++i) x(i, (i % 2 == 0) ? 3 : 67) = kGap;
  const EStepResult all = e_step(model, x, Vector::Zero(d), kExact);
  EXPECT_EQ(all.observed(3), 20.0);
  EXPECT_EQ(all.observed(67), 20.0);
  EXPECT_EQ(all.observed(66), 40.0);
  double log_lik = 0.0;
  for (Index i = 0; i < x.rows(); ++i) log_lik += statistics_of_row(model, x.row(i).transpose()).log_lik;
  EXPECT_TRUE(is_close(all.log_lik, log_lik / 40.0, 1e-12));
}

TEST(EStepMissingEdges, ThereIsABlockForMoreColumnsThanAVectorOfFactorsHolds) {
  EXPECT_EQ(PatternBlock(2049).size(), 0);
}

// A batch of a stream has few rows: the tables that a fit keeps serve them.
TEST(EStepMissingEdges, KeptTablesGiveARowTheSameBitsInAnyBatch) {
  for (const Index d : {2, 8, 20}) {
    const NormalInverseGaussian model = some_model(d, 8, 0.5);
    const RowMatrix x = with_gaps(model.rvs(700, Seed{1}), 0.2, 4);
    BesselTables tables(model.subordinator().gig().p - 0.5 * static_cast<double>(d), d - 1);
    const auto densities = [&](const RowView& rows, BesselTables* kept) {
      return Vector(log_density(model, rows, Missing::kExact, 0.0, kept));
    };
    const Vector together = densities(x, &tables);
    EXPECT_TRUE(all_close(together, densities(x, nullptr), 1e-13));
    for (Index first = 0; first < x.rows(); first += 50) {
      const Vector few = densities(RowView(x).slice(first, 50), &tables);
      EXPECT_EQ(few, Vector(together.segment(first, 50))) << d << ", from " << first;
    }
  }
}

}  // namespace
}  // namespace varimix::tests
