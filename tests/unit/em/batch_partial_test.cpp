#include "varimix/em/batch_partial.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/models.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/mixture/default_init.hpp"
#include "varimix/mixture/moment_partial.hpp"

namespace varimix::tests {
namespace {

using ::testing::ElementsAre;

constexpr double kRounding = 1e-12;
constexpr Index kRows = 2000;

NormalInverseGaussian law() { return some_model(3, 7, 0.6); }

RowMatrix rows() { return law().rvs(kRows, Seed{3}); }

/// Returns the answers of `parts` equal parts, merged from the left.
MaybePartial answer_in_parts(const EStepRequest<NormalInverseGaussian>& request, const RowMatrix& x, Index parts) {
  MaybePartial all;
  for (Index k = 0; k < parts; ++k) {
    const Index first = k * x.rows() / parts;
    const RowMatrix part = x.middleRows(first, (k + 1) * x.rows() / parts - first);
    all = merge(all, e_step_partial(request, RowView(part)));
  }
  return all;
}

TEST(BatchPartial, OfPartsIsTheEStepOfAll) {
  const RowMatrix x = rows();
  const MaybePartial all = answer_in_parts({.model = law()}, x, 7);
  const EStepResult expected = law().e_step(x);
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->rows, kRows);
  EXPECT_EQ(all->facts->counted, kRows);
  EXPECT_NEAR(all->log_lik, expected.log_lik, kRounding);
  EXPECT_LT((all->eta.values - expected.eta.values.head(all->eta.values.size())).lpNorm<Eigen::Infinity>(),
            kRounding * kRows);
  EXPECT_EQ(all->peak->row, expected.peak_row);
  EXPECT_EQ(all->peak->equal, 1);
}

TEST(BatchPartial, OfNoRowsIsNothingAndNeutral) {
  const RowMatrix x = rows();
  const RowMatrix none(0, 3);
  EXPECT_FALSE(e_step_partial<NormalInverseGaussian>({.model = law()}, RowView(none)).has_value());
  const MaybePartial one = e_step_partial<NormalInverseGaussian>({.model = law()}, RowView(x));
  for (const MaybePartial& merged : {merge(one, {}), merge({}, one)}) {
    EXPECT_EQ(merged->eta, one->eta);
    EXPECT_EQ(merged->log_lik, one->log_lik);
    EXPECT_EQ(merged->peak->row, one->peak->row);
  }
  EXPECT_FALSE(merge(MaybePartial(), MaybePartial()).has_value());
}

TEST(BatchPartial, OfRowsWithoutWeightKeepsTheOthersStatisticsToTheBit) {
  const RowMatrix x = rows();
  const std::vector<double> zeros(kRows, 0.0);
  const EStepRequest<NormalInverseGaussian> request{.model = law()};
  const MaybePartial absent = e_step_partial(request, RowView(x), zeros);
  const MaybePartial one = e_step_partial(request, RowView(x));
  for (const MaybePartial& merged : {merge(one, absent), merge(absent, one)}) {
    EXPECT_EQ(merged->eta, one->eta);
    EXPECT_EQ(merged->log_lik, one->log_lik);
    EXPECT_EQ(merged->rows, 2 * kRows);
    EXPECT_EQ(merged->facts->counted, kRows);
  }
}

TEST(BatchPartial, CountsTheRowsThatEqualThePeakInAllParts) {
  RowMatrix x = rows();
  x.row(10) = law().mu().transpose();
  x.row(1500) = x.row(10);
  x.row(1999) = x.row(10);
  const MaybePartial all = answer_in_parts({.model = law()}, x, 4);
  const EStepResult expected = law().e_step(x);
  EXPECT_EQ(all->peak->row, expected.peak_row);
  const auto equal = static_cast<Index>(RowView(x).equal_rows(expected.peak_row).size());
  EXPECT_EQ(all->peak->equal, equal);
}

TEST(BatchPartial, TellsWhatIsAskedForAlone) {
  const RowMatrix x = rows();
  const MaybePartial plain =
      e_step_partial<NormalInverseGaussian>({.model = law(), .facts = false, .peak = false}, RowView(x));
  EXPECT_FALSE(plain->facts.has_value());
  EXPECT_EQ(plain->peak->values.size(), 0);
  const MaybePartial sample = answer_in_parts({.model = law(), .facts = false, .peak = false, .every = 100}, x, 2);
  EXPECT_EQ(sample->sample->rows(), kRows / 100);
  EXPECT_EQ(sample->sample->row(1), x.row(100));
}

TEST(BatchPartial, NamesTheColumnsThatAreConstantInAllParts) {
  RowMatrix x = rows();
  x.col(0).setConstant(2.0);
  x.col(1).head(kRows / 2).setConstant(1.0);
  x.col(1).tail(kRows / 2).setConstant(3.0);
  EXPECT_THAT(constant_columns(*answer_in_parts({.model = law()}, x, 2)->facts), ElementsAre(0));
}

TEST(BatchPartial, RefusesBadRowsAndAnswersToOtherRequests) {
  RowMatrix x = rows();
  const EStepRequest<NormalInverseGaussian> request{.model = law()};
  const MaybePartial one = e_step_partial(request, RowView(x));
  const MaybePartial other = e_step_partial<NormalInverseGaussian>({.model = some_model(3, 8, 0.6)}, RowView(x));
  EXPECT_THROW((void)merge(one, other), std::invalid_argument);
  const MaybePartial bare =
      e_step_partial<NormalInverseGaussian>({.model = law(), .facts = false, .peak = false}, RowView(x));
  EXPECT_THROW((void)merge(one, bare), std::invalid_argument);
  const std::vector<double> few(3, 1.0);
  EXPECT_THROW((void)e_step_partial(request, RowView(x), few), std::invalid_argument);
  const RowMatrix narrow = x.leftCols(2);
  EXPECT_THROW((void)e_step_partial(request, RowView(narrow)), std::invalid_argument);
  x(5, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW((void)e_step_partial(request, RowView(x)), std::invalid_argument);
  EXPECT_THROW((void)e_step_partial<NormalInverseGaussian>({.model = law(), .facts = false}, RowView(x)),
               std::invalid_argument)
      << "statistics that are not finite are looked into";
}

TEST(BatchPartial, MStepIsThatOfTheModel) {
  const RowMatrix x = rows();
  const AnyMeanVarianceMixture stepped = m_step(*e_step_partial<NormalInverseGaussian>({.model = law()}, RowView(x)));
  const auto* model = std::get_if<NormalInverseGaussian>(&stepped);
  ASSERT_NE(model, nullptr);
  EXPECT_LT(law_difference(*model, law().m_step(law().e_step(x).eta)), kRounding);
}

TEST(BatchEMOfOthersRows, IsTheFitOfRowsInMemory) {
  const RowMatrix x = rows();
  const auto init = NormalInverseGaussian::default_init(x);
  const BatchEMFitter fitter;
  const auto expected = fitter.fit(init, x);
  Index asked_for_facts = 0;
  Index asked_for_peaks = 0;
  const auto result = fitter.fit(init, [&](const EStepRequest<NormalInverseGaussian>& request) {
    asked_for_facts += Index{request.facts};
    asked_for_peaks += Index{request.peak};
    return answer_in_parts(request, x, 5);
  });
  EXPECT_EQ(asked_for_facts, 1);
  EXPECT_EQ(asked_for_peaks, 1);
  EXPECT_EQ(result.n_iter, expected.n_iter);
  EXPECT_EQ(result.status, expected.status);
  EXPECT_LT(law_difference(result.model, expected.model), 1e-10);
}

TEST(BatchEMOfOthersRows, RefusesAStaleAnswerAndNoRows) {
  const RowMatrix x = rows();
  const auto init = NormalInverseGaussian::default_init(x);
  const MaybePartial stale = answer_in_parts({.model = init, .peak = false}, x, 2);
  const BatchEMFitter fitter;
  const auto fit = [&](const MaybePartial& answer) {
    return fitter.fit(init, [&](const EStepRequest<NormalInverseGaussian>& /*request*/) { return answer; });
  };
  EXPECT_THROW((void)fit(stale), std::invalid_argument);
  EXPECT_THROW((void)fit(std::nullopt), std::invalid_argument);
}

TEST(MomentPartial, OfPartsGivesTheInitialModelOfAll) {
  RowMatrix x = rows();
  for (const Missing missing : {Missing::kError, Missing::kExact}) {
    if (missing == Missing::kExact) {
      for (Index i = 0; i < kRows; i += 3) x(i, i % 2) = std::numeric_limits<double>::quiet_NaN();
    }
    const AskMoments ask = [&](const MomentRequest& request) {
      const RowMatrix top = x.topRows(500);
      const RowMatrix rest = x.bottomRows(kRows - 500);
      return merge(merge(moment_partial(request, RowView(top)), {}), moment_partial(request, RowView(rest)));
    };
    Status status;
    const auto expected = default_init<InverseGaussian>(RowView(x), status, missing);
    EXPECT_LT(law_difference(default_init<InverseGaussian>(ask, status, missing), expected), 1e-10);
  }
}

TEST(MomentPartial, RefusesAnswersToOtherRequests) {
  const RowMatrix x = rows();
  const MaybeMoments ranges = moment_partial({}, RowView(x));
  const Vector ones = Vector::Ones(3);
  const MaybeMoments products =
      moment_partial({.pass = MomentPass::kProducts, .origin = ones, .scale = ones}, RowView(x));
  EXPECT_THROW((void)merge(ranges, products), std::invalid_argument);
  EXPECT_THROW((void)moment_partial({.pass = MomentPass::kProducts}, RowView(x)), std::invalid_argument);
  Status status;
  const AskMoments nothing = [](const MomentRequest& /*request*/) { return MaybeMoments(); };
  EXPECT_THROW((void)default_init<InverseGaussian>(nothing, status), std::invalid_argument);
}

}  // namespace
}  // namespace varimix::tests
