#pragma once

#include <gtest/gtest.h>

#include "support/close.hpp"
#include "varimix/stats/expectations.hpp"

namespace varimix::tests {

/// Whether two etas about the same origin agree, each field relative to its largest element.
inline ::testing::AssertionResult same_eta(const Expectations& actual, const Expectations& expected, double tolerance) {
  if (actual.origin != expected.origin) return ::testing::AssertionFailure() << "another origin";
  if (actual.log_y.has_value() != expected.log_y.has_value()) return ::testing::AssertionFailure() << "E[log Y] absent";
  const auto field = [&](const char* name, const ::testing::AssertionResult& result) {
    return result ? result : ::testing::AssertionFailure() << name << ": " << result.message();
  };
  if (auto r = field("weight", is_close(actual.weight, expected.weight, tolerance)); !r) return r;
  if (auto r = field("E[1/Y]", is_close(actual.inv_y, expected.inv_y, tolerance)); !r) return r;
  if (auto r = field("E[Y]", is_close(actual.y, expected.y, tolerance)); !r) return r;
  if (auto r = field("E[log Y]", close_in_scale(Matrix::Constant(1, 1, actual.log_y.value_or(0.0)),
                                                Matrix::Constant(1, 1, expected.log_y.value_or(0.0)), tolerance, 1.0));
      !r) {
    return r;
  }
  if (auto r = field("E[X]", all_close(actual.x, expected.x, tolerance)); !r) return r;
  if (auto r = field("E[X/Y]", all_close(actual.x_inv_y, expected.x_inv_y, tolerance)); !r) return r;
  return field("E[XX'/Y]", all_close(actual.xx_inv_y, expected.xx_inv_y, tolerance));
}

}  // namespace varimix::tests
