#include "bootstrap_weights.hpp"

#include <array>
#include <cmath>

#include "varimix/core/weights.hpp"
#include "varimix/inference/bootstrap_em.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix {
namespace {

constexpr std::int64_t kDrawsInBlock = 4;  // of a counter-based stream: neighbouring rows share a block

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

BootstrapWeights::BootstrapWeights(const Key& key, std::int64_t stream, std::int64_t replica, std::int64_t first_row)
    : key_(Key::from_words(std::array<std::uint64_t, 4>{
          key.words()[0], key.words()[1], static_cast<std::uint64_t>(stream), static_cast<std::uint64_t>(replica)})),
      row_(first_row),
      draws_(block_of(first_row)) {
  for (std::int64_t k = 0; k < first_row % kDrawsInBlock; ++k) (void)draws_.bits();
}

CounterStream BootstrapWeights::block_of(std::int64_t row) const {
  return {key_, StreamPurpose::kBootstrapWeights, static_cast<std::uint64_t>(row / kDrawsInBlock)};
}

double BootstrapWeights::next() {
  if (row_ % kDrawsInBlock == 0) draws_ = block_of(row_);
  ++row_;
  return poisson_quantile(draws_.uniform());
}

std::vector<double> BootstrapWeights::times(std::span<const double> weights, Index rows) {
  std::vector<double> product(static_cast<std::size_t>(rows), 0.0);
  for (Index i = 0; i < rows; ++i) {
    const double own = weight_of(weights, i);
    if (own > 0.0) product[static_cast<std::size_t>(i)] = own * next();
  }
  return product;
}

double bootstrap_weight(const Key& key, std::int64_t stream, std::int64_t replica, std::int64_t row) {
  return BootstrapWeights(key, stream, replica, row).next();
}

}  // namespace varimix
