#include "chi_square.hpp"

#include <boost/math/special_functions/gamma.hpp>

#include "special/boost_policy.hpp"

namespace varimix {

double chi_square_sf(double x, double degrees) {
  return x <= 0.0 ? 1.0 : boost::math::gamma_q(0.5 * degrees, 0.5 * x, InfinityOnOverflow());
}

}  // namespace varimix
