// Functions that run on several threads give the same bits on 1, 2, 3 and 7 of them, and fits that run at once do not
// disturb each other. ThreadSanitizer runs these tests too (preset `thread`).

#include <gtest/gtest.h>

#include <array>
#include <future>
#include <utility>
#include <vector>

#include "support/families.hpp"
#include "support/gaps.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/incremental_em_fitter.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/fit_stream.hpp"

namespace varimix::tests {
namespace {

constexpr Index kRows = 30 * kBlockRows + 37;  // several blocks for each thread, and a part of one
constexpr std::array kThreads = {1, 2, 3, 7};

template <class S>
class SameBits : public ::testing::Test {
 protected:
  using Model = MeanVarianceMixture<S>;

  const Model truth_ = some_model<S>(3, 9, 0.7);
  const RowMatrix rows_ = truth_.rvs(kRows, Seed{4});
  const RowMatrix gaps_ = with_gaps(rows_, 0.2, 3);

  /// Expects that `work` returns the same on every number of threads.
  template <class Work>
  void expect_same(const Work& work) {
    const auto expected = work();
    for (const int count : kThreads) {
      const ThreadLimit limit(count);
      EXPECT_EQ(work(), expected) << count << " threads";
    }
  }
};
TYPED_TEST_SUITE(SameBits, Families, FamilyNames);

template <Subordinator S>
std::pair<Eta, double> expectations(const MeanVarianceMixture<S>& model, const RowMatrix& x, Missing missing) {
  const EStepResult result = e_step(model, x, model.mu(), {.log_y = LogY::kCompute, .missing = missing});
  return {result.eta, result.log_lik};
}

TYPED_TEST(SameBits, OfTheEStep) {
  this->expect_same([&] { return expectations(this->truth_, this->rows_, Missing::kError); });
  this->expect_same([&] { return expectations(this->truth_, this->gaps_, Missing::kExact); });
}

TYPED_TEST(SameBits, OfDensitiesAndDraws) {
  this->expect_same([&] { return Vector(this->truth_.log_prob(this->rows_)); });
  this->expect_same([&] { return this->truth_.rvs(kRows, Seed{5}); });
}

TYPED_TEST(SameBits, OfBatchEM) {
  this->expect_same([&] {
    return BatchEMFitter({.max_iter = 5})
        .fit(MeanVarianceMixture<TypeParam>::default_init(this->rows_), this->rows_)
        .model;
  });
}

template <Subordinator S>
MeanVarianceMixture<S> incremental_fit(const MeanVarianceMixture<S>& init, const RowMatrix& x, std::int64_t key) {
  return IncrementalEMFitter({.batch_size = 1000, .max_steps = 5}).fit(init, x, Key{key}).model;
}

TYPED_TEST(SameBits, OfIncrementalEM) {
  this->expect_same([&] { return incremental_fit(this->truth_, this->rows_, 1); });
}

TYPED_TEST(SameBits, OfAStreamThatIsReadAhead) {
  this->expect_same([&] {
    OnlineEM<MeanVarianceMixture<TypeParam>> state(this->truth_);
    const OpenSource open = [&](const SourcePosition&) -> AnyBatchSource { return ArraySource(this->rows_); };
    return fit_stream(state, open, {.batch_size = 1000, .passes = 2, .shuffle_buffer = 2500}).model;
  });
}

TYPED_TEST(SameBits, OfFitsAtOnceAndOneAfterTheOther) {
  constexpr std::array kKeys = {1, 2, 3};
  std::vector<std::future<MeanVarianceMixture<TypeParam>>> at_once;
  at_once.reserve(kKeys.size());
  for (const std::int64_t key : kKeys) {
    at_once.push_back(
        std::async(std::launch::async, [&, key] { return incremental_fit(this->truth_, this->rows_, key); }));
  }
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    EXPECT_EQ(at_once[i].get(), incremental_fit(this->truth_, this->rows_, kKeys[i]));
  }
}

}  // namespace
}  // namespace varimix::tests
