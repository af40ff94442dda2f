#include "core/transpose_rows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/accumulate.hpp"
#include "support/models.hpp"
#include "support/simd_targets.hpp"

namespace varimix::tests {
namespace {

constexpr Index kMostRows = 11;
constexpr Index kMostColumns = 9;
constexpr Index kLeading = 16;

/// Expects of every number of rows and columns the differences that plain loops make, and nothing written beside them.
/// @param gap  numbers between the rows.
template <class Scalar>
void expect_columns(const std::int64_t* chosen, Index gap) {
  const Matrix origin = gaussian_rows(1, kMostColumns, 2).transpose();
  for (Index d = 1; d <= kMostColumns; ++d) {
    for (Index n = 0; n <= kMostRows; ++n) {
      const Index stride = d + gap;
      // the memory ends with the last column of the last row
      std::vector<Scalar> memory(static_cast<std::size_t>((kMostRows - 1) * stride + d));
      for (std::size_t k = 0; k < memory.size(); ++k) memory[k] = static_cast<Scalar>(std::sin(static_cast<double>(k)));
      std::vector<double> out(static_cast<std::size_t>(kMostColumns * kLeading), -9.0);
      transpose_rows({memory.data(), stride, chosen}, n, d, origin.data(), out.data(), kLeading);
      for (Index j = 0; j < kMostColumns; ++j) {
        for (Index i = 0; i < kLeading; ++i) {
          const Index row = chosen == nullptr ? i : static_cast<Index>(chosen[std::min(i, kMostRows - 1)]);
          const double expected =
              i < n && j < d ? static_cast<double>(memory[static_cast<std::size_t>(row * stride + j)]) - origin(j)
                             : -9.0;
          ASSERT_EQ(out[static_cast<std::size_t>(j * kLeading + i)], expected)
              << n << " x " << d << " at " << i << ", " << j;
        }
      }
    }
  }
}

TEST(TransposeRows, IsTheDifferencesOnEveryTargetForEveryShape) {
  const std::vector<std::int64_t> chosen = {10, 0, 3, 3, 9, 1, 2, 10, 7, 5, 4};
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    SCOPED_TRACE(target_name(target));
    for (const std::int64_t* rows : {static_cast<const std::int64_t*>(nullptr), chosen.data()}) {
      for (const Index gap : {0, 3}) {
        expect_columns<double>(rows, gap);
        expect_columns<float>(rows, gap);
      }
    }
  }
}

TEST(Largest, IsThatOfTheNumbersOnEveryTarget) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    for (Index n = 0; n < 40; ++n) {
      for (Index at = 0; at < n; ++at) {
        std::vector<double> values(static_cast<std::size_t>(n), std::numeric_limits<double>::quiet_NaN());
        values[static_cast<std::size_t>((at + 1) % n)] = -5.0;
        values[static_cast<std::size_t>(at)] = -3.0;
        EXPECT_EQ(kernels::largest(values.data(), n), -3.0) << target_name(target) << ", " << at << " of " << n;
      }
    }
    EXPECT_EQ(kernels::largest(nullptr, 0), -kInf);
    const std::vector<double> none(17, std::numeric_limits<double>::quiet_NaN());
    EXPECT_EQ(kernels::largest(none.data(), 17), -kInf);
  }
}

}  // namespace
}  // namespace varimix::tests
