#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "any_family.hpp"
#include "gil.hpp"
#include "named_status.hpp"
#include "state_columns.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/batch_report.hpp"

namespace nb = nanobind;

namespace varimix::python {

/// Between steps of a fit, lets other threads at the state and calls the user's callback; at most every kInterval,
/// because taking the interpreter's lock may wait for other threads, lets Python handle Ctrl-C and shows progress.
class BetweenSteps {
 public:
  using Columns = std::function<ColumnNames()>;

  /// @param state  the state that the fit changes, if there is one.
  /// @param columns  returns the names by which reports speak of columns now.
  /// @param progress  called now and then with the number of steps taken; may be None.
  /// @param callback  called with every report; the fit goes on if it returns None or something true, else it stops. It
  ///   may be None.
  BetweenSteps(const HeldState& state, Columns columns, nb::handle progress, nb::handle callback)
      : state_(state), columns_(std::move(columns)), progress_(progress), callback_(callback) {
    if (callback.is_none() || PyCallable_Check(callback.ptr()) == 1) return;
    require(false, "callback", "callable, or None", nb::cast<std::string>(nb::repr(callback)));
  }
  BetweenSteps(AnyOnlineEM& state, nb::handle progress, nb::handle callback)
      : BetweenSteps(
            held(state), [&state] { return columns_of(state).names; }, progress, callback) {}
  /// Is for a fit without a state.
  BetweenSteps(nb::handle progress, nb::handle callback, ColumnNames columns = {})
      : BetweenSteps(
            HeldState{}, [columns = std::move(columns)] { return columns; }, progress, callback) {}

  bool operator()(const BatchReport& report) {
    ++steps_;
    const BetweenChanges open(state_);
    if (!callback_.is_none() && !call(report)) return false;
    constexpr std::chrono::milliseconds kInterval(50);
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < kInterval) return true;
    last_ = now;
    return with_gil([this] {
      if (PyErr_CheckSignals() != 0) {
        interruption_.emplace();
        return false;
      }
      if (!progress_.is_none()) progress_(steps_);
      return true;
    });
  }

  /// Raises the exception for which the fit was stopped, if any. To be called after the fit has returned.
  void raise_interruption() {
    if (interruption_) throw nb::python_error(*std::exchange(interruption_, std::nullopt));
  }

 private:
  /// Calls the callback and returns true if the fit is to go on. An exception of the callback passes through the fit.
  bool call(const BatchReport& report) {
    return with_gil([&] {
      const nb::object answer = callback_(named(report, columns_()));
      if (answer.is_none()) return true;
      const int truth = PyObject_IsTrue(answer.ptr());
      if (truth < 0) throw nb::python_error();
      return truth != 0;
    });
  }

  HeldState state_;
  Columns columns_;
  nb::handle progress_;
  nb::handle callback_;
  std::int64_t steps_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  std::optional<nb::python_error> interruption_;
};

}  // namespace varimix::python
