#include "varimix/mixture/sampling.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstdint>

#include "support/extreme_laws.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "support/simd_targets.hpp"

namespace varimix::tests {
namespace {

constexpr std::int64_t kKey = 9;

/// A row by the plain definition: Y and then z from its stream; and the size of the terms of each column.
struct PlainRow {
  template <Subordinator S>
  PlainRow(const MeanVarianceMixture<S>& model, std::uint64_t row) {
    CounterStream stream(Key{kKey}, StreamPurpose::kModelRows, row);
    const double y = model.subordinator().sample(stream);
    Vector z(model.d());
    for (double& number : z) number = stream.normal();
    const Matrix& factor = model.L_Sigma();
    x = model.mu() + y * model.gamma() + std::sqrt(y) * (factor * z);
    scale = model.mu().cwiseAbs() + y * model.gamma().cwiseAbs() +
            std::sqrt(y) * (factor.cwiseAbs() * z.cwiseAbs().cwiseMax(1.0));
  }
  Vector x, scale;
};

template <class S>
class RowsOfModels : public ::testing::Test {};
TYPED_TEST_SUITE(RowsOfModels, Families, FamilyNames);

TYPED_TEST(RowsOfModels, AreThoseOfThePlainDefinitionButForRoundingOnEveryTarget) {
  constexpr Index kRows = 300;
  std::int64_t d = 0;
  for (const TypeParam& law : extreme_laws<TypeParam>()) {
    d = d % 7 + 1;
    const auto model = model_with_law(d, 3, law);
    for (const std::int64_t target : simd_targets()) {
      const ForcedTarget forced(target);
      SCOPED_TRACE(target_name(target));
      const RowMatrix x = model.rvs(kRows, Key{kKey});
      for (Index i = 0; i < kRows; ++i) {
        const PlainRow row(model, static_cast<std::uint64_t>(i));
        for (Index j = 0; j < d; ++j) {
          ASSERT_NEAR(x(i, j), row.x(j), kRoundingOfDraws * row.scale(j)) << law.parameters()[0] << ", row " << i;
        }
      }
    }
  }
}

TYPED_TEST(RowsOfModels, HaveTheSameBitsWhereverTheDrawBeginsAndEnds) {
  for (const Index d : {1, 2, 5}) {
    const auto model = some_model<TypeParam>(d, 2, 1.0);
    const RowMatrix all = model.rvs(1100, Key{kKey});
    for (const Index first : {0, 1, 255, 700}) {
      for (const Index n : {0, 1, 2, 9, 256, 300}) {
        EXPECT_EQ(draw_rows(model, n, Key{kKey}, first), all.middleRows(first, n)) << first << " and " << n;
      }
    }
  }
}

}  // namespace
}  // namespace varimix::tests
