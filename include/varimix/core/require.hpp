#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace varimix {

/// Throws std::invalid_argument("<name> must be <constraint>, got <value>") unless `holds`.
/// Public functions call it before any state changes.
template <class Value>
void require(bool holds, std::string_view name, std::string_view constraint, const Value& value) {
  if (holds) return;
  std::ostringstream message;
  message << name << " must be " << constraint << ", got ";
  if constexpr (std::floating_point<Value>) {
    std::array<char, 32> shortest;  // the fewest digits that read back as the same number; 24 at most
    message.write(shortest.data(),
                  std::to_chars(shortest.data(), shortest.data() + shortest.size(), value).ptr - shortest.data());
  } else {
    message << value;
  }
  throw std::invalid_argument(message.str());
}

}  // namespace varimix
