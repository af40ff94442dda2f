#include "varimix/stats/gauge.hpp"

#include <cmath>

#include "varimix/core/require.hpp"

namespace varimix {

Expectations rescale_y(const Expectations& eta, double s) {
  require(std::isfinite(s) && s > 0.0, "s", "finite and > 0", s);
  Expectations out = eta;
  out.inv_y /= s;
  out.y *= s;
  if (out.log_y) *out.log_y += std::log(s);
  out.x_inv_y /= s;
  out.xx_inv_y /= s;
  return out;
}

bool is_near(const Expectations& left, const Expectations& right) {
  constexpr double kRoundings = 1e-9;
  if (left.d() != right.d()) return false;
  const Expectations other = with_origin(right, left.origin);
  return std::abs(left.inv_y - other.inv_y) <= kRoundings * left.inv_y &&
         std::abs(left.y - other.y) <= kRoundings * left.y && left.x.isApprox(other.x, kRoundings) &&
         left.x_inv_y.isApprox(other.x_inv_y, kRoundings) && left.xx_inv_y.isApprox(other.xx_inv_y, kRoundings);
}

}  // namespace varimix
