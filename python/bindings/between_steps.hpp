#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <cstdint>

#include "varimix/em/batch_report.hpp"

namespace nb = nanobind;

namespace varimix::python {

/// Between steps of a fit: lets Python handle Ctrl-C and shows progress, at most every kInterval, because taking the
/// interpreter's lock may wait for other threads.
class BetweenSteps {
 public:
  /// @param progress  called now and then with the steps taken; @param callback  with every report: False stops the fit.
  explicit BetweenSteps(nb::handle progress, nb::handle callback = nb::none())
      : progress_(progress), callback_(callback) {}
  bool operator()(const BatchReport& report) {
    ++steps_;
    if (!callback_.is_none() && !call(report)) return false;
    constexpr std::chrono::milliseconds kInterval(50);
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < kInterval) return true;
    last_ = now;
    const nb::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() != 0) return false;  // the exception is raised when the fit has returned
    if (!progress_.is_none()) progress_(steps_);
    return true;
  }

 private:
  /// What the callback raises passes through the fit.
  bool call(const BatchReport& report) {
    const nb::gil_scoped_acquire acquire;
    const nb::object answer = callback_(report);
    return answer.is_none() || nb::cast<bool>(answer);
  }

  nb::handle progress_;
  nb::handle callback_;
  std::int64_t steps_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace varimix::python
