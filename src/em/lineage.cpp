#include "varimix/em/lineage.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>

#include "random/philox.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/weights.hpp"
#include "varimix/random/key.hpp"

namespace varimix {
namespace {

constexpr Index kNumbersOfACounter = 3;  // of Philox, beside their place

/// Returns the bits of a number: those of one NaN for all, and of 0 for -0.
std::uint64_t bits_of(double x) {
  return std::bit_cast<std::uint64_t>(std::isnan(x) ? std::numeric_limits<double>::quiet_NaN() : x + 0.0);
}

}  // namespace

std::uint64_t hash_of(const Eta& eta, double weight, std::int64_t step, std::span<const std::uint64_t> parts) {
  std::vector<std::uint64_t> words = {static_cast<std::uint64_t>(step)};
  words.insert(words.end(), parts.begin(), parts.end());
  const auto add = [&](double value) { words.push_back(std::bit_cast<std::uint64_t>(value)); };
  add(weight);
  std::for_each(eta.values.begin(), eta.values.end(), add);
  return Key::from_words(words).words()[0];
}

// Philox of every three numbers of a row and their place, summed, so that no number waits for another: the hash of Bellare,
// Guerin and Rogaway (1995, CRYPTO '95, LNCS 963:15) with the sum in place of XOR.
std::uint64_t hash_of(const RowView& rows, std::span<const double> weights) {
  const Index d = rows.columns();
  const Index threes = d / kNumbersOfACounter + 1;  // of the d numbers of a row, its weight, and zeros
  const std::vector<double> zero(static_cast<std::size_t>(d), 0.0);
  const auto add = [&](std::uint64_t& sum, Matrix& x, Index first, Index count) {
    rows.copy_columns(first, count, zero, x.data(), x.rows());
    for (Index i = 0; i < count; ++i) x(i, d) = weight_of(weights, first + i);
    for (Index k = 0; k < threes; ++k) {
      const auto three = x.middleCols(k * kNumbersOfACounter, kNumbersOfACounter);
      const auto bits = [&](Index i, Index j) { return bits_of(three(i, j)); };
      for (Index i = 0; i < count; ++i) {
        const auto place = static_cast<std::uint64_t>((first + i) * threes + k);
        sum += philox({bits(i, 0), bits(i, 1), bits(i, 2), place}, {static_cast<std::uint64_t>(d), 0})[0];
      }
    }
  };
  return block_reduce(
      rows.rows(), 1, std::uint64_t{0}, [&] { return Matrix(Matrix::Zero(kBlockRows, threes * kNumbersOfACounter)); },
      add, [](std::uint64_t& left, std::uint64_t right) { left += right; });
}

std::size_t shared_ancestors(const Lineage& left, const Lineage& right) {
  std::size_t shared = 0;
  while (shared < std::min(left.ancestors.size(), right.ancestors.size()) &&
         left.ancestors[shared].identity == right.ancestors[shared].identity) {
    ++shared;
  }
  return shared;
}

}  // namespace varimix
