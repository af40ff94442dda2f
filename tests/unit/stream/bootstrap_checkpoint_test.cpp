#include "varimix/stream/bootstrap_checkpoint.hpp"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "support/checkpoints.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/stream/checkpoint.hpp"

namespace varimix::tests {
namespace {

constexpr Index kBatch = 80;

template <Subordinator S>
BootstrapEM<MeanVarianceMixture<S>> after(Index batches, const UpdateRule& rule) {
  const MeanVarianceMixture<S> truth = some_model<S>(2, 3, 0.4);
  BootstrapEM<MeanVarianceMixture<S>> state(OnlineEM(truth, rule), {.replicas = 3, .key = Key{9}, .stream = 4});
  const RowMatrix x = truth.rvs(kBatch * batches, Seed{2});
  for (Index k = 0; k < batches; ++k) (void)state.update(RowView(x).slice(k * kBatch, kBatch));
  return state;
}

template <Subordinator S>
void expect_the_same_bits(const UpdateRule& rule) {
  using Bootstrap = BootstrapEM<MeanVarianceMixture<S>>;
  Bootstrap state = after<S>(5, rule);
  auto back = std::get<Bootstrap>(bootstrap_from_bytes(to_bytes(state)));
  EXPECT_TRUE(back == state);
  const RowMatrix more = some_model<S>(2, 3, 0.4).rvs(kBatch, Seed{8});
  (void)state.update(more);
  (void)back.update(more);
  EXPECT_TRUE(back == state);
}

TEST(BootstrapCheckpoint, GoesOnToTheSameBits) {
  for (const UpdateRule& rule : {UpdateRule(NaturalGradientUpdate{}), UpdateRule(EWMAUpdate{}),
                                 UpdateRule(PolyakRuppertUpdate{}), UpdateRule(SampleWeightedUpdate{})}) {
    expect_the_same_bits<InverseGaussian>(rule);
  }
  expect_the_same_bits<Gamma>(NaturalGradientUpdate{});
  expect_the_same_bits<InverseGamma>(NaturalGradientUpdate{});
  expect_the_same_bits<GeneralizedInverseGaussian>(NaturalGradientUpdate{});
}

TEST(BootstrapCheckpoint, IsReadFromAFile) {
  const TemporaryFolder folder;
  const auto state = after<InverseGaussian>(2, NaturalGradientUpdate{});
  save(state, folder / "fit.bootstrap");
  EXPECT_TRUE(std::get<BootstrapEM<NormalInverseGaussian>>(load_bootstrap(folder / "fit.bootstrap")) == state);
}

TEST(BootstrapCheckpoint, IsToldFromThatOfAState) {
  const auto state = after<InverseGaussian>(2, NaturalGradientUpdate{});
  EXPECT_NE(checkpoint_error_of([&] { (void)bootstrap_from_bytes(to_bytes(state.fit())); }).find("bootstrap"),
            std::string::npos);
  EXPECT_NE(checkpoint_error_of([&] { (void)from_bytes_any(to_bytes(state)); }).find("state"), std::string::npos);
}

TEST(BootstrapCheckpoint, IsRefusedWhenItIsDamaged) {
  Bytes bytes = to_bytes(after<InverseGaussian>(2, NaturalGradientUpdate{}));
  for (const std::size_t at : {std::size_t{0}, std::size_t{30}, bytes.size() / 2, bytes.size() - 1}) {
    Bytes damaged = bytes;
    damaged[at] ^= std::byte{1};
    EXPECT_NE(checkpoint_error_of([&] { (void)bootstrap_from_bytes(damaged); }), "") << at;
  }
  bytes.resize(bytes.size() / 2);
  EXPECT_NE(checkpoint_error_of([&] { (void)bootstrap_from_bytes(bytes); }), "");
}

}  // namespace
}  // namespace varimix::tests
