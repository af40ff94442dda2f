#include "varimix/stats/gauge.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "core/all_finite.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix {
namespace {

/// Calls visit(begin, numbers) for each field, a logarithm before its parent: where its numbers begin, and what they are
/// with sY in place of Y.
template <class Visit>
void for_each_rescaled(const Eta& eta, double s, Visit&& visit) {
  for (Index k = static_cast<Index>(eta.layout.fields().size()) - 1; k >= 0; --k) {
    const EtaField& field = eta.layout.fields()[static_cast<std::size_t>(k)];
    const Index begin = eta.layout.begin(k);
    const auto numbers = eta.values.segment(begin, eta.layout.end(k) - begin).array();
    if (field.statistic == Statistic::kLogarithm) {
      visit(begin, numbers + std::log(s) * (field.parent ? eta.number(*field.parent) : 1.0));
    } else if (field.y_power == 1.0) {
      visit(begin, numbers * s);
    } else if (field.y_power == -1.0) {
      visit(begin, numbers / s);
    } else if (field.y_power != 0.0) {
      visit(begin, numbers * std::pow(s, field.y_power));
    } else {
      visit(begin, numbers);
    }
  }
}

}  // namespace

Eta rescale_y(Eta eta, double s) {
  require(std::isfinite(s) && s > 0.0, "s", "finite and > 0", s);
  if (s == 1.0) return eta;
  for_each_rescaled(
      eta, s, [&](Index begin, const auto& numbers) { eta.values.segment(begin, numbers.size()) = numbers.matrix(); });
  return eta;
}

bool can_be_rescaled(const Eta& eta, double s) {
  bool are_finite = true;
  for_each_rescaled(eta, s, [&](Index, const auto& numbers) { are_finite = are_finite && all_finite(numbers); });
  return are_finite;
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
