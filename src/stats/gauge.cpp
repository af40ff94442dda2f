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

}  // namespace varimix
