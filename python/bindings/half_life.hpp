#pragma once

#include <nanobind/nanobind.h>

#include <optional>

namespace varimix::python {

/// Returns the seconds of a duration, an object with total_seconds() as datetime.timedelta and pandas.Timedelta have;
/// nothing for any other object.
[[nodiscard]] inline std::optional<double> seconds_of(nanobind::handle duration) {
  if (!nanobind::hasattr(duration, "total_seconds")) return std::nullopt;
  return nanobind::cast<double>(duration.attr("total_seconds")());
}

}  // namespace varimix::python
