#include "varimix/em/log_score.hpp"

#include <cmath>

#include "varimix/core/require.hpp"

namespace varimix {

void LogScore::add(double mean, double w) {
  total += w * mean;
  weight += w;
  const double kept = std::exp2(-w / half_life);
  recent_total = kept * recent_total + w * mean;
  recent_weight = kept * recent_weight + w;
}

void EarlyStopping::check() const {
  require(patience >= 1, "patience", ">= 1", patience);
  require(std::isfinite(min_gain) && min_gain >= 0.0, "min_gain", "finite and >= 0", min_gain);
}

bool EarlyStop::operator()(double recent_score) {
  if (recent_score > best_ + rule_.min_gain || !std::isfinite(best_)) {
    best_ = recent_score;
    steps_since_ = 0;
    return false;
  }
  return ++steps_since_ >= rule_.patience;
}

}  // namespace varimix
