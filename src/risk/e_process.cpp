#include "varimix/risk/e_process.hpp"

#include <algorithm>
#include <cmath>

namespace varimix {

void EProcess::add(double gain, std::optional<double> stake) {
  const double adaptive = squares > 0.0 ? std::clamp(gains / squares, 0.0, kLargestStake) : 0.0;
  log_last += std::log1p(stake.value_or(adaptive) * gain);
  log_largest = std::max(log_largest, log_last);
  gains += gain;
  squares += gain * gain;
}

void EProcess::merge(const EProcess& later) {
  log_largest = std::max(log_largest, log_last + later.log_largest);
  log_last += later.log_last;
  gains += later.gains;
  squares += later.squares;
}

double EProcess::p_value() const noexcept { return std::exp(-log_largest); }

}  // namespace varimix
