#pragma once

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <ios>
#include <iostream>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "varimix/core/types.hpp"

namespace varimix::tests {

/// Returns |actual - expected| / scale: 0 where both are the same infinity, infinity where one of them is NaN.
inline double error_in(double scale, double actual, double expected) {
  if (actual == expected) return 0.0;
  const double error = std::abs(actual - expected) / scale;
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

inline double relative_error(double actual, double expected) { return error_in(std::abs(expected), actual, expected); }

/// Returns the error in the scale of the larger of |expected| and 1, which suits logarithms.
inline double logarithm_error(double actual, double expected) {
  return error_in(std::max(1.0, std::abs(expected)), actual, expected);
}

/// Keeps the worst of many comparisons, and where it was.
class Worst {
 public:
  explicit Worst(std::string what) : what_(std::move(what)) {}

  /// Adds a comparison; `where()` gives the text of its place and is called only if its error is the worst so far.
  template <class Where>
  void add(double error, double actual, double expected, Where&& where) {
    ++count_;
    if (error < error_) return;
    error_ = error;
    std::ostringstream text;
    text << where() << ": " << std::hexfloat << actual << " for " << expected << std::defaultfloat;
    text.precision(17);
    text << " (" << actual << " for " << expected << ")";
    place_ = text.str();
  }

  /// Succeeds if there were comparisons and all errors were at most `tolerance`; prints the worst in any case.
  [[nodiscard]] ::testing::AssertionResult within(double tolerance) const {
    std::ostringstream text;
    text << what_ << ", " << count_ << " values: worst error " << error_ << " at " << place_;
    std::cout << "[  WORST   ] " << text.str() << "\n";
    if (count_ > 0 && error_ <= tolerance) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << text.str() << ", above " << tolerance;
  }

 private:
  std::string what_;
  std::string place_;
  double error_ = 0.0;
  long count_ = 0;
};

using AnyMatrix = Eigen::Ref<const Matrix>;

/// Succeeds if every element is within tolerance * scale; a failure names the worst one in hexfloat.
inline ::testing::AssertionResult close_in_scale(const AnyMatrix& actual, const AnyMatrix& expected, double tolerance,
                                                 double scale) {
  if (actual.rows() != expected.rows() || actual.cols() != expected.cols()) {
    return ::testing::AssertionFailure() << "shapes " << actual.rows() << " x " << actual.cols() << " and "
                                         << expected.rows() << " x " << expected.cols();
  }
  double worst = 0.0;
  Index row = 0;
  Index column = 0;
  for (Index i = 0; i < expected.rows(); ++i) {
    for (Index j = 0; j < expected.cols(); ++j) {
      const double error = error_in(scale, actual(i, j), expected(i, j));
      if (error <= worst) continue;
      worst = error;
      row = i;
      column = j;
    }
  }
  if (worst <= tolerance) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << std::hexfloat << actual(row, column) << " for " << expected(row, column)
                                       << " at (" << row << ", " << column << "): error " << std::defaultfloat << worst
                                       << " of " << scale << ", above " << tolerance;
}

/// Succeeds if every error is at most `tolerance` times the largest expected absolute value.
inline ::testing::AssertionResult all_close(const AnyMatrix& actual, const AnyMatrix& expected, double tolerance) {
  const double scale = expected.size() == 0 ? 1.0 : expected.cwiseAbs().maxCoeff();
  return close_in_scale(actual, expected, tolerance, scale > 0.0 ? scale : 1.0);
}

inline ::testing::AssertionResult is_close(double actual, double expected, double tolerance) {
  const double scale = expected == 0.0 ? 1.0 : std::abs(expected);
  return close_in_scale(Matrix::Constant(1, 1, actual), Matrix::Constant(1, 1, expected), tolerance, scale);
}

/// Returns the message of the std::invalid_argument that `action` throws, "" if it throws none.
template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace varimix::tests
