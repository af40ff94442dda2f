#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace varimix {

/// Throws std::invalid_argument("<name> must be <constraint>, got <value>") unless `holds`.
/// Called at every public function before any state changes.
template <class Value>
void require(bool holds, std::string_view name, std::string_view constraint, const Value& value) {
  if (holds) return;
  std::ostringstream message;
  message.precision(17);
  message << name << " must be " << constraint << ", got " << value;
  throw std::invalid_argument(message.str());
}

}  // namespace varimix
