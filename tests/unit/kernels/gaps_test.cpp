#include "kernels/gaps.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cstdint>
#include <vector>

#include "support/gaps.hpp"
#include "support/models.hpp"
#include "support/simd_targets.hpp"

namespace varimix::tests {
namespace {

TEST(Gaps, AreTheBitsOfTheMissingColumnsOnEveryTarget) {
  constexpr Index kLeading = 45;
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    for (const Index d : {1, 5, 63, 64, 65, 130}) {
      for (const Index rows : {1, 7, 32, 41}) {
        Matrix x = Matrix::Zero(kLeading, d);
        x.topRows(rows) = with_gaps(gaussian_rows(rows, d, 3), 0.3, d);
        const auto words_of_row = static_cast<std::size_t>(kernels::words_of(d));
        std::vector<std::uint64_t> words(words_of_row * kLeading, 7);
        std::vector<std::int64_t> missing(kLeading, 7);
        kernels::find_gaps(x.data(), rows, kLeading, d, words.data(), kLeading, missing.data());
        for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
          const auto gaps = split(Vector(x.row(static_cast<Index>(i)).transpose())).missing;
          std::vector<std::uint64_t> expected(words_of_row, 0);
          for (const Index j : gaps) expected[static_cast<std::size_t>(j / 64)] |= (std::uint64_t{1} << 63) >> (j % 64);
          EXPECT_EQ(missing[i], static_cast<std::int64_t>(gaps.size()));
          for (std::size_t w = 0; w < words_of_row; ++w) EXPECT_EQ(words[w * kLeading + i], expected[w]);
        }
        EXPECT_EQ(missing[static_cast<std::size_t>(rows)], 7);  // nothing is written beside the rows
        EXPECT_EQ(words[static_cast<std::size_t>(rows)], 7U);
      }
    }
  }
}

TEST(Gaps, RowsAreTakenInAnyOrderOnEveryTarget) {
  constexpr Index kLeading = 45;
  const Matrix x = gaussian_rows(kLeading, 3, 5);
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    for (const Index rows : {1, 7, 32, 41}) {
      std::vector<std::int64_t> order;
      for (Index i = 0; i < rows; ++i) order.push_back((7 * i + 3) % kLeading);
      Matrix actual = Matrix::Zero(kLeading, 3);
      kernels::take_rows(x.data(), order.data(), rows, kLeading, 3, actual.data());
      EXPECT_EQ(Matrix(actual.topRows(rows)), Matrix(x(order, Eigen::all)));
      EXPECT_TRUE(actual.bottomRows(kLeading - rows).isZero(0.0));  // nothing is written beside the rows
    }
  }
}

TEST(Gaps, WeightsAreThoseOfTheRowsThatShowAColumnOnEveryTarget) {
  const Matrix x = with_gaps(gaussian_rows(37, 5, 7), 0.3, 5);
  const Vector weight = gaussian_rows(1, 37, 11).transpose().cwiseAbs();
  for (const auto target : simd_targets()) {
    const ForcedTarget forced(target);
    Vector actual = Vector::Constant(5, 2.0);
    kernels::add_weights_shown(x.data(), weight.data(), 37, 37, 5, actual.data());
    for (Index j = 0; j < 5; ++j) {
      EXPECT_NEAR(actual(j), 2.0 + x.col(j).array().isNaN().select(0.0, weight.array()).sum(), 1e-13);
    }
  }
}

}  // namespace
}  // namespace varimix::tests
