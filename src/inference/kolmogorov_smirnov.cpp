#include "kolmogorov_smirnov.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace varimix {

double kolmogorov_smirnov(std::span<const double> sorted) {
  const auto n = static_cast<double>(sorted.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double above = static_cast<double>(i + 1) / n - sorted[i];
    const double below = sorted[i] - static_cast<double>(i) / n;
    largest = std::max({largest, above, below});
  }
  return std::sqrt(n) * largest;
}

}  // namespace varimix
