#include "varimix/em/lineage.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "support/models.hpp"
#include "varimix/core/block_reduce.hpp"

namespace varimix::tests {
namespace {

constexpr Index kMany = 5000;  // of more than one chunk

RowMatrix rows_of(Index n) { return tutorial_model().rvs(n, Seed{2}); }

TEST(HashOfRows, IsThatOfTheNumbersHoweverTheyLie) {
  for (const Index n : {Index{1}, Index{7}, kMany}) {
    const RowMatrix x = rows_of(n);
    const Matrix by_column = x;
    const std::vector<double> ones(static_cast<std::size_t>(n), 1.0);
    const auto hash = hash_of(RowView(x), {});
    EXPECT_EQ(hash_of(RowView(by_column), {}), hash);
    EXPECT_EQ(hash_of(RowView(x), ones), hash) << "no weights are weights of 1";
  }
}

TEST(HashOfRows, TakesEqualNumbersAsOne) {
  RowMatrix x = rows_of(9);
  x(2, 0) = 0.0;
  x(5, 1) = std::numeric_limits<double>::quiet_NaN();
  RowMatrix same = x;
  same(2, 0) = -0.0;
  same(5, 1) = -std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(hash_of(RowView(same), {}), hash_of(RowView(x), {}));
}

TEST(HashOfRows, DoesNotDependOnThreads) {
  const RowMatrix x = rows_of(kMany);
  std::set<std::uint64_t> hashes;
  for (const int limit : {1, 2, 7}) {
    set_threads(limit);
    hashes.insert(hash_of(RowView(x), {}));
  }
  set_threads(0);
  EXPECT_EQ(hashes.size(), 1U);
}

TEST(HashOfRows, TellsRowsThatDifferInAnything) {
  const RowMatrix x = rows_of(kMany);
  std::vector<double> weights(static_cast<std::size_t>(kMany), 1.0);
  std::set<std::uint64_t> hashes = {hash_of(RowView(x), weights)};
  const auto is_new = [&](const RowMatrix& other) { return hashes.insert(hash_of(RowView(other), weights)).second; };
  for (const Index i : {Index{0}, kMany / 2, kMany - 1}) {
    RowMatrix other = x;
    other(i, 1) = std::nextafter(x(i, 1), std::numeric_limits<double>::infinity());
    EXPECT_TRUE(is_new(other)) << "a last bit of row " << i;
    other(i, 1) = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(is_new(other)) << "a gap in row " << i;
  }
  RowMatrix other = x;
  other.row(0).swap(other.row(kMany - 1));
  EXPECT_TRUE(is_new(other)) << "two rows change places";
  other = x;
  std::swap(other(3, 0), other(3, 1));
  EXPECT_TRUE(is_new(other)) << "two columns of a row change places";
  weights.back() = 2.0;
  EXPECT_TRUE(is_new(x)) << "a weight";
  EXPECT_TRUE(hashes.insert(hash_of(RowView(x).slice(0, kMany - 1), {})).second) << "a row less";
  const RowView as_one_column = RowView::strided(x.data(), 2 * kMany, 1, 1, 1);
  EXPECT_TRUE(hashes.insert(hash_of(as_one_column, {})).second) << "the same numbers in another shape";
}

}  // namespace
}  // namespace varimix::tests
