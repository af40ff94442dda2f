#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "any_family.hpp"
#include "gil.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/batch_report.hpp"

namespace nb = nanobind;

namespace varimix::python {

/// Between steps of a fit: lets other threads at the state, lets Python handle Ctrl-C, shows progress, at most every kInterval,
/// because taking the interpreter's lock may wait for other threads, and calls the user's callback.
class BetweenSteps {
 public:
  /// @param state  what the fit changes, nullptr for none.
  /// @param progress  called now and then with the steps taken.
  /// @param callback  called with every report: None, or what is true, goes on; else the fit stops.
  BetweenSteps(AnyOnlineEM* state, nb::handle progress, nb::handle callback)
      : state_(state), progress_(progress), callback_(callback) {
    if (callback.is_none() || PyCallable_Check(callback.ptr()) == 1) return;
    require(false, "callback", "callable, or None", nb::cast<std::string>(nb::repr(callback)));
  }

  bool operator()(const BatchReport& report) {
    ++steps_;
    const std::optional<BetweenChanges> open = between_changes();
    if (!callback_.is_none() && !call(report)) return false;
    constexpr std::chrono::milliseconds kInterval(50);
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < kInterval) return true;
    last_ = now;
    const GilAcquire acquire;
    if (PyErr_CheckSignals() != 0) {
      interruption_.emplace();
      return false;
    }
    if (!progress_.is_none()) progress_(steps_);
    return true;
  }

  /// After the fit has returned: raises the exception for which it was stopped.
  void raise_interruption() {
    if (interruption_) throw nb::python_error(*std::exchange(interruption_, std::nullopt));
  }

 private:
  [[nodiscard]] std::optional<BetweenChanges> between_changes() const {
    if (state_ == nullptr) return std::nullopt;
    return std::optional<BetweenChanges>(std::in_place, *state_);
  }

  /// What the callback raises, or the truth of what it returns, passes through the fit.
  bool call(const BatchReport& report) {
    const GilAcquire acquire;
    const nb::object answer = callback_(report);
    if (answer.is_none()) return true;
    const int truth = PyObject_IsTrue(answer.ptr());
    if (truth < 0) throw nb::python_error();
    return truth != 0;
  }

  AnyOnlineEM* state_;
  nb::handle progress_;
  nb::handle callback_;
  std::int64_t steps_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  std::optional<nb::python_error> interruption_;
};

}  // namespace varimix::python
