// OnlineEM, batch EM, streams and checkpoints take a model with statistics of its own by their templates alone.
#include <gtest/gtest.h>

#include <filesystem>

#include "em/batch_em-inl.hpp"
#include "em/em_result-inl.hpp"
#include "em/online_em-inl.hpp"
#include "em/online_em_merge-inl.hpp"
#include "em/online_em_model-inl.hpp"
#include "em/online_em_update-inl.hpp"
#include "stream/checkpoint-inl.hpp"
#include "stream/fit_stream-inl.hpp"
#include "stream/model_codec.hpp"
#include "support/gaussian_mixture.hpp"
#include "support/models.hpp"
#include "varimix/stream/array_source.hpp"

namespace varimix::tests {
namespace {

using State = OnlineEM<GaussianMixture>;

/// Returns rows of two laws far apart, 600 of the first and 400 of the second, in turn.
RowMatrix rows() {
  RowMatrix x = gaussian_rows(1000, 2, 5);
  for (Index i = 0; i < x.rows(); ++i) {
    if (i % 5 >= 3) x.row(i) = (0.5 * x.row(i).array() + 6.0).matrix();
  }
  return x;
}

GaussianMixture start() {
  return {
      {0.5, 0.5}, {Vector{{-1.0, 0.5}}, Vector{{4.0, 5.0}}}, {4.0 * Matrix::Identity(2, 2), Matrix::Identity(2, 2)}};
}

State after(State state, const RowMatrix& x, Index batch) {
  for (Index first = 0; first < x.rows(); first += batch) (void)state.update(x.middleRows(first, batch));
  return state;
}

void expect_two_laws(const GaussianMixture& model) {
  EXPECT_NEAR(model.share[0], 0.6, 0.01);
  EXPECT_LT(model.mean[0].norm(), 0.15);
  EXPECT_LT((model.mean[1].array() - 6.0).matrix().norm(), 0.15);
  EXPECT_NEAR(model.covariance[1](0, 0), 0.25, 0.06);
}

TEST(AnotherModel, IsLearnedByEveryRuleThatBlendsVectors) {
  const RowMatrix x = rows();
  const Eta eta0 = GaussianMixture::Fit(start(), {}).statistics(start());
  for (const UpdateRule& rule :
       {UpdateRule(PolyakRuppertUpdate{}), UpdateRule(SampleWeightedUpdate{}), UpdateRule(EWMAUpdate{.w = 0.2}),
        UpdateRule(Shrinkage{IdentityUpdate{}, eta0, 1e-3}), UpdateRule(PolyakAverage{RobbinsMonroUpdate{}}),
        UpdateRule(BlockIncrementalUpdate{.blocks = 5}), UpdateRule(AffineUpdate{.b = 0.5, .c = 0.5})}) {
    State state(start(), rule);
    const double before = state.fit().mean_log_density(start(), x);
    for (int pass = 0; pass < 3; ++pass) state = after(std::move(state), x, 200);
    EXPECT_GT(state.fit().mean_log_density(state.model(), x), before + 0.1) << rule.name();
    EXPECT_EQ(state.eta().layout, eta0.layout) << rule.name();
  }
}

TEST(AnotherModel, MergesAndIsSavedAsAnyOther) {
  const RowMatrix x = rows();
  State begin(start(), SampleWeightedUpdate{}, Key{0}, {.frozen = true});
  State whole = after(begin, x, 200);
  State left = begin.fork();
  State right = begin.fork();
  left = after(std::move(left), x.topRows(400), 200);
  right = after(std::move(right), x.bottomRows(600), 200);
  left.merge(right);
  EXPECT_LT(law_difference(left.model(), whole.model()), 1e-12);
  EXPECT_EQ(left.total_weight(), 1000.0);

  const std::vector<std::byte> bytes = to_bytes(whole);
  State loaded = from_bytes<GaussianMixture>(bytes);
  EXPECT_EQ(loaded, whole);
  EXPECT_EQ(after(loaded, x, 100), after(whole, x, 100)) << "it goes on to the same bits";
  EXPECT_THROW((void)from_bytes<NormalInverseGaussian>(bytes), CheckpointError);
}

TEST(AnotherModel, StreamsWithCheckpoints) {
  const RowMatrix x = rows();
  const auto folder = std::filesystem::temp_directory_path() / "varimix_another_model";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const OpenSource open = [&](const SourcePosition& at) {
    ArraySource source(x);
    source.skip(at.rows());
    return source;
  };
  State undisturbed(start());
  (void)fit_stream(undisturbed, open, {.batch_size = 64});
  State stopped(start());
  (void)fit_stream(stopped, open, {.batch_size = 64, .max_steps = 5, .checkpoint = folder / "state"});
  State resumed(start());
  const auto result = fit_stream(resumed, open, {.batch_size = 64, .checkpoint = folder / "state"});
  EXPECT_EQ(resumed, undisturbed);
  EXPECT_NE(result.summary().find("GaussianMixture of dimension 2"), std::string::npos);
  std::filesystem::remove_all(folder);
}

TEST(AnotherModel, BatchEMNeverLowersItsLikelihood) {
  const RowMatrix x = rows();
  const BatchEMOptions options{.max_iter = 100, .tol = 1e-10};
  const GaussianMixture init = start();
  const RowView view(x);
  RowsInMemoryOf<GaussianMixture> in_memory(view, {});
  const EMResult<GaussianMixture> result = BatchEM<GaussianMixture>(init, in_memory, options).run({});
  EXPECT_TRUE(result.converged);
  constexpr double kRounding = 1e-12;
  for (std::size_t k = 1; k < result.log_likelihoods.size(); ++k) {
    EXPECT_GE(result.log_likelihoods[k], result.log_likelihoods[k - 1] - kRounding);
  }
  expect_two_laws(result.model);
}

}  // namespace
}  // namespace varimix::tests
