#include "bootstrap_weights.hpp"

#include <array>
#include <cmath>

#include "varimix/core/weights.hpp"
#include "varimix/inference/bootstrap_em.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix {
namespace {

/// Returns the least k with P(Poisson(1) <= k) >= u.
double poisson_quantile(double u) {
  constexpr int kMost = 20;  // P(Poisson(1) > 20) = 7e-21, less than any 1 - u
  double term = std::exp(-1.0);
  double sum = term;
  int k = 0;
  while (u > sum && k < kMost) {
    ++k;
    term /= k;
    sum += term;
  }
  return k;
}

}  // namespace

BootstrapWeights::BootstrapWeights(const Key& key, std::int64_t stream, std::int64_t replica)
    : key_(Key::from_words(std::array<std::uint64_t, 4>{
          key.words()[0], key.words()[1], static_cast<std::uint64_t>(stream), static_cast<std::uint64_t>(replica)})) {}

double BootstrapWeights::of(std::int64_t row) {
  if (const std::int64_t block = row / kDrawsInBlock; block != block_) {
    CounterStream draws(key_, StreamPurpose::kBootstrapWeights, static_cast<std::uint64_t>(block));
    for (double& draw : draws_) draw = draws.uniform();
    block_ = block;
  }
  return poisson_quantile(draws_[static_cast<std::size_t>(row % kDrawsInBlock)]);
}

std::vector<double> BootstrapWeights::times(std::span<const double> weights, std::span<const std::int64_t> numbers) {
  std::vector<double> product(numbers.size(), 0.0);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double own = weight_of(weights, static_cast<Index>(i));
    if (own > 0.0) product[i] = own * of(numbers[i]);
  }
  return product;
}

double bootstrap_weight(const Key& key, std::int64_t stream, std::int64_t replica, std::int64_t row) {
  return BootstrapWeights(key, stream, replica).of(row);
}

}  // namespace varimix
