#include "exact_distance.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace varimix {
namespace {

using InDouble = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

}  // namespace

ExactDistance::ExactDistance(double rows, Index d, double least_tail)
    : half_d_(0.5 * static_cast<double>(d)),
      half_rest_(0.5 * (rows - static_cast<double>(d))),
      scale_(rows / (rows + 1.0) / (rows - 1.0)),
      least_tail_(least_tail) {}

double ExactDistance::operator()(double q) const {
  const double ratio = q * scale_;
  const double share = std::isinf(ratio) ? 1.0 : ratio / (1.0 + ratio);  // beta with d/2 and (N-d)/2
  const double tail = boost::math::ibetac(half_d_, half_rest_, share, InDouble());
  if (tail > 0.5) {
    return 2.0 * boost::math::gamma_p_inv(half_d_, boost::math::ibeta(half_d_, half_rest_, share, InDouble()), InDouble());
  }
  return 2.0 * boost::math::gamma_q_inv(half_d_, std::max(tail, least_tail_), InDouble());
}

}  // namespace varimix
