#pragma once

#include <span>
#include <string>

#include "stream/cbor.hpp"
#include "stream/field.hpp"
#include "support/checkpoints.hpp"

namespace varimix::tests {

/// Writes a value to bytes and returns what is read from them.
template <class T>
T through_bytes(const T& value, const UpdateRule* given = nullptr) {
  const auto bytes = encode_cbor(Codec<T>::encode(value));
  const Json back = decode_cbor(std::as_bytes(std::span(bytes)));
  return decode<T>(Field(back, "it", given));
}

/// Returns the message of the error in reading `value` as a T, "" if there is none.
template <class T>
std::string decode_error_of(const Json& value, const UpdateRule* given = nullptr) {
  return checkpoint_error_of([&] { (void)decode<T>(Field(value, "it", given)); });
}

/// Returns the map with another value at a name.
inline Json with(Json map, const char* name, const Json& value) {
  map[name] = value;
  return map;
}

/// Returns the map without a name.
inline Json without(Json map, const char* name) {
  map.erase(name);
  return map;
}

}  // namespace varimix::tests
