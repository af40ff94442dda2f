#pragma once

#include <boost/math/policies/policy.hpp>

namespace varimix {

/// Boost's functions with infinity in place of an exception.
using InfinityOnOverflow =
    boost::math::policies::policy<boost::math::policies::overflow_error<boost::math::policies::ignore_error>>;

}  // namespace varimix
