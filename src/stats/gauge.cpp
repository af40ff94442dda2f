#include "varimix/stats/gauge.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "varimix/core/require.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix {

Eta rescale_y(const Eta& eta, double s) {
  require(std::isfinite(s) && s > 0.0, "s", "finite and > 0", s);
  Eta out = eta;
  for (Index k = 0; k < static_cast<Index>(eta.layout.fields().size()); ++k) {
    const EtaField& field = eta.layout.fields()[static_cast<std::size_t>(k)];
    auto numbers = out.values.segment(eta.layout.begin(k), eta.layout.end(k) - eta.layout.begin(k));
    if (field.statistic == Statistic::kLogarithm) {
      numbers.array() += std::log(s) * (field.parent ? eta.number(*field.parent) : 1.0);
    } else if (field.y_power == 1.0) {
      numbers *= s;
    } else if (field.y_power == -1.0) {
      numbers /= s;
    } else if (field.y_power != 0.0) {
      numbers *= std::pow(s, field.y_power);
    }
  }
  return out;
}

bool is_near(const Eta& left, const Eta& right) {
  constexpr double kRoundings = 1e-9;
  if (!(left.layout == right.layout)) return false;
  const Eta other = with_origin(right, left.origin);
  for (Index k = 0; k < static_cast<Index>(left.layout.fields().size()); ++k) {
    const Index begin = left.layout.begin(k);
    const Index size = left.layout.end(k) - begin;
    const auto mine = left.values.segment(begin, size);
    const bool is_log = left.layout.fields()[static_cast<std::size_t>(k)].statistic == Statistic::kLogarithm;
    const double scale = is_log ? std::max(1.0, mine.norm()) : mine.norm();
    if (!((mine - other.values.segment(begin, size)).norm() <= kRoundings * scale)) return false;
  }
  return true;
}

}  // namespace varimix
