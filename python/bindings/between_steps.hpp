#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <cstdint>

namespace nb = nanobind;

namespace varimix::python {

/// Between steps of a fit: lets Python handle Ctrl-C and shows progress, at most every kInterval, because taking the
/// interpreter's lock may wait for other threads.
class BetweenSteps {
 public:
  explicit BetweenSteps(nb::handle progress) : progress_(progress) {}
  bool operator()(std::int64_t steps_taken) {
    constexpr std::chrono::milliseconds kInterval(50);
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < kInterval) return true;
    last_ = now;
    const nb::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() != 0) return false;  // the exception is raised when the fit has returned
    if (!progress_.is_none()) progress_(steps_taken);
    return true;
  }

 private:
  nb::handle progress_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace varimix::python
