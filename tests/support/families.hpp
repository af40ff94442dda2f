#pragma once

#include <gtest/gtest.h>

#include <string>

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix::tests {

/// The laws of Y of the four families, for TYPED_TEST_SUITE(Suite, Families, FamilyNames); TypeParam is the law of Y.
using Families = ::testing::Types<InverseGaussian, Gamma, InverseGamma, GeneralizedInverseGaussian>;

/// Lets test names end in /NormalInverseGaussian and so on.
struct FamilyNames {
  template <class S>
  static std::string GetName(int /*index*/) {  // NOLINT(readability-identifier-naming): GoogleTest's name
    return kFamilyName<S>;
  }
};

}  // namespace varimix::tests
