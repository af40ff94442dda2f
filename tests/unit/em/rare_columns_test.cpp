#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <limits>
#include <vector>

#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/mixture/marginal.hpp"

namespace varimix::tests {
namespace {

constexpr Index kBatch = 200;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Streams of rows of dimension 2 whose column 1 few rows show.
template <class S>
struct RareColumnOf : ::testing::Test {
  using M = MeanVarianceMixture<S>;
  const M truth = some_model<S>(2, 11, 0.6);

  /// Returns rows of which, in every batch, `shown` show column 1.
  [[nodiscard]] RowMatrix rows(Index batches, Index shown, std::int64_t seed) const {
    RowMatrix x = truth.rvs(batches * kBatch, Seed{seed});
    for (Index first = 0; first < x.rows(); first += kBatch) {
      x.col(1).segment(first + shown, kBatch - shown).setConstant(kNan);
    }
    return x;
  }
  [[nodiscard]] M after(const M& from, const RowMatrix& x) const {
    OnlineEM<M> state(from, NaturalGradientUpdate{}, Key{0}, {.missing = Missing::kExact});
    for (Index first = 0; first < x.rows(); first += kBatch) (void)state.update(RowView(x).slice(first, kBatch));
    return state.model();
  }
};
TYPED_TEST_SUITE(RareColumnOf, Families, FamilyNames);

// Where the law of the column followed one or two rows, the other column lost up to hundreds of nats.
TYPED_TEST(RareColumnOf, CostsTheOtherColumnNothing) {
  const auto of_column_0 = marginal(this->truth, {0});
  for (const Index batches : {Index{2}, Index{10}}) {
    for (const Index shown : {Index{1}, Index{2}, Index{4}}) {
      for (std::int64_t seed = 0; seed < 20; ++seed) {
        const RowMatrix x = this->rows(batches, shown, seed);
        const RowMatrix column = x.col(0);
        const auto model = marginal(this->after(this->truth, x), {0});
        const auto alone = this->after(of_column_0, column);
        const double lost = alone.log_prob(column).sum() - model.log_prob(column).sum();
        EXPECT_LT(lost, 6.0) << "nats, " << shown << " in each of " << batches << " batches, seed " << seed;
      }
    }
  }
}

TYPED_TEST(RareColumnOf, IsLearnedOnceEnoughRowsHaveShownIt) {
  const auto off = MeanVarianceMixture<TypeParam>(this->truth.mu() + Vector{{0.0, 2.0}}, this->truth.gamma(),
                                                  Matrix(this->truth.L_Sigma()), this->truth.subordinator());
  const auto model = this->after(off, this->rows(40, 4, 3));
  const double deviation = this->truth.L_Sigma().row(1).norm();
  EXPECT_NEAR((model.mu() + model.gamma())(1), (this->truth.mu() + this->truth.gamma())(1), 0.6 * deviation);
}

}  // namespace
}  // namespace varimix::tests
