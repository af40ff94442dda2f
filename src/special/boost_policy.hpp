#pragma once

#include <boost/math/policies/policy.hpp>

namespace varimix {

/// The policy by which Boost's functions return infinity on overflow instead of throwing.
using InfinityOnOverflow =
    boost::math::policies::policy<boost::math::policies::overflow_error<boost::math::policies::ignore_error>>;

}  // namespace varimix
