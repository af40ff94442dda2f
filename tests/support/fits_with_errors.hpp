#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>

#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/inference/standard_errors.hpp"

/// Fits to their maxima, and their standard errors by name.
namespace varimix::tests::fits_with_errors {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <Subordinator S>
MeanVarianceMixture<S> fitted(const RowMatrix& x, BatchEMOptions options = {}) {
  options.tol = 1e-13;
  options.max_iter = 3000;
  return varimix::fit<S>(std::nullopt, x, options).model;
}

template <class M>
StandardErrors errors(const M& model, const RowMatrix& x, const InferenceOptions& options = {},
                      std::span<const double> weights = {}) {
  return standard_errors(model, x, default_functionals(model), options, weights);
}

inline double error_of(const StandardErrors& found, const std::string& name) {
  for (std::size_t k = 0; found.has_errors() && k < found.names.size(); ++k) {
    if (found.names[k] == name) return found.bse(static_cast<Index>(k));
  }
  ADD_FAILURE() << "no " << name;
  return kNaN;
}

inline void expect_same(const StandardErrors& found, const StandardErrors& expected, double relative) {
  ASSERT_EQ(found.names, expected.names);
  ASSERT_TRUE(found.has_errors());
  for (Index k = 0; k < found.params.size(); ++k) {
    const std::string& name = found.names[static_cast<std::size_t>(k)];
    EXPECT_NEAR(found.params(k), expected.params(k), relative * std::max(expected.bse(k), std::abs(expected.params(k))))
        << name;
    EXPECT_NEAR(found.bse(k), expected.bse(k), relative * expected.bse(k)) << name;
  }
}

}  // namespace varimix::tests::fits_with_errors
