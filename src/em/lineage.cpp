#include "varimix/em/lineage.hpp"

#include <algorithm>
#include <bit>
#include <span>

#include "varimix/core/weights.hpp"
#include "varimix/random/key.hpp"

namespace varimix {

std::uint64_t hash_of(const Eta& eta, double weight, std::int64_t step, std::span<const std::uint64_t> parts) {
  std::vector<std::uint64_t> words = {static_cast<std::uint64_t>(step)};
  words.insert(words.end(), parts.begin(), parts.end());
  const auto add = [&](double value) { words.push_back(std::bit_cast<std::uint64_t>(value)); };
  add(weight);
  std::for_each(eta.values.begin(), eta.values.end(), add);
  return Key::from_words(words).words()[0];
}

std::uint64_t hash_of(const RowView& rows, std::span<const double> weights) {
  auto hash = static_cast<std::uint64_t>(rows.columns());
  std::vector<std::uint64_t> words;
  for (Index i = 0; i < rows.rows(); ++i) {
    words = {hash, std::bit_cast<std::uint64_t>(weight_of(weights, i))};
    for (Index j = 0; j < rows.columns(); ++j) words.push_back(std::bit_cast<std::uint64_t>(rows(i, j)));
    hash = Key::from_words(words).words()[0];
  }
  return hash;
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
