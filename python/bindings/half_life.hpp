#pragma once

#include <nanobind/nanobind.h>

#include <optional>

namespace varimix::python {

/// Returns the seconds of a duration, an object with total_seconds() as datetime.timedelta and pandas.Timedelta have;
/// nothing for any other object.
[[nodiscard]] inline std::optional<double> seconds_of(nanobind::handle duration) {
  const bool is_numpys = nanobind::hasattr(duration, "item") && !nanobind::hasattr(duration, "total_seconds");
  const nanobind::object pythons = is_numpys ? nanobind::object(duration.attr("item")()) : nanobind::borrow(duration);
  double seconds = 0.0;
  const bool is_duration = nanobind::hasattr(pythons, "total_seconds") &&
                           nanobind::try_cast(nanobind::object(pythons.attr("total_seconds")()), seconds);
  return is_duration ? std::optional(seconds) : std::nullopt;
}

}  // namespace varimix::python
