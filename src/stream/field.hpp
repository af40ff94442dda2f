#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cbor.hpp"
#include "varimix/core/members.hpp"
#include "varimix/core/types.hpp"
#include "varimix/em/update_rule.hpp"

namespace varimix {

/// Writes and reads a T: a specialisation has static Json encode(const T&) and static T decode(const Field&).
template <class T>
struct Codec;

/// A value of a checkpoint, its place there, and the rule that the caller of load gave (null: none).
class Field {
 public:
  Field(const Json& value, std::string place, const UpdateRule* given_rule)
      : value_(&value), place_(std::move(place)), given_rule_(given_rule) {}
  [[nodiscard]] const Json& json() const noexcept { return *value_; }
  [[nodiscard]] const UpdateRule* given_rule() const noexcept { return given_rule_; }
  /// Returns the value named `name` of a map, or the value at `index` of a list. @pre It exists.
  [[nodiscard]] Field at(const std::string& name) const;
  [[nodiscard]] Field at(std::size_t index) const;
  /// Throws CheckpointError "<place> must be <constraint>, got <value>" unless `holds`.
  void require(bool holds, const std::string& constraint) const;
  /// Throws CheckpointError "<place>: <what>".
  [[noreturn]] void fail(const std::string& what) const;
  /// Returns what `make` returns. Calls fail if it throws std::invalid_argument, as a constructor does that refuses
  /// this value.
  template <class Make>
  auto guarded(Make&& make) const {
    try {
      return std::forward<Make>(make)();
    } catch (const std::invalid_argument& error) {
      fail(error.what());
    }
  }

 private:
  const Json* value_;
  std::string place_;
  const UpdateRule* given_rule_;
};

template <class T>
[[nodiscard]] T decode(const Field& field) {
  return Codec<T>::decode(field);
}

/// Writes a map: writer("name", value)...
class MapWriter {
 public:
  template <class T>
  void operator()(const char* name, const T& value) {
    map_[name] = Codec<T>::encode(value);
  }
  [[nodiscard]] Json take() && { return std::move(map_); }

 private:
  Json map_ = Json::object();
};

/// Reads a map. Throws CheckpointError that names a key that is missing or, in finish, a key that was not asked for.
class MapReader {
 public:
  explicit MapReader(Field field);
  template <class T>
  [[nodiscard]] T get(const char* name) {
    return decode<T>(field(name));
  }
  [[nodiscard]] Field field(const char* name);
  [[nodiscard]] bool has(const char* name) const { return field_.json().contains(name); }
  void finish() const;

 private:
  Field field_;
  std::set<std::string> asked_;
};

/// A struct that lists its members is a map of them by their names, without those of LaterMember that are as at first.
template <HasMembers T>
struct Codec<T> {
  static Json encode(const T& value) {
    MapWriter writer;
    for_each_member<T>([&]<class Each>(const Each& each) {
      if constexpr (kIsLater<Each>) {
        if (value.*each.pointer == typename Each::Type{}) return;
      }
      writer(each.name, value.*each.pointer);
    });
    return std::move(writer).take();
  }
  static T decode(const Field& field) {
    MapReader reader(field);
    T value = make_from_members<T>([&]<class Each>(const Each& each) {
      using Type = typename Each::Type;
      if constexpr (kIsLater<Each>) {
        if (!reader.has(each.name)) return Type{};
      }
      return reader.get<Type>(each.name);
    });
    reader.finish();
    return value;
  }
};

}  // namespace varimix
