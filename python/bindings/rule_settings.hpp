#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include "bindings.hpp"
#include "half_life.hpp"
#include "update_rule_argument.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/rules/update_rules.hpp"

namespace varimix::python {

/// Converts a setting of a rule to Python and back; kType is its type in a stub. from_python throws nb::type_error
/// naming the setting for an object of another type.
template <class T>
struct Setting {
  static constexpr const char* kType = std::same_as<T, bool>    ? "bool"
                                       : std::integral<T>       ? "int"
                                       : std::floating_point<T> ? "float"
                                                                : "Eta";
  static nb::object to_python(const T& value) { return nb::cast(value, nb::rv_policy::copy); }
  static T from_python(nb::handle object, const char* name) {
    if constexpr (std::default_initializable<T>) {
      T value{};
      if (nb::try_cast(object, value)) return value;
    } else {
      T* value = nullptr;
      if (nb::try_cast(object, value) && value != nullptr) return *value;
    }
    throw nb::type_error(
        (std::string(name) + " must be " + kType + ", got " + nb::cast<std::string>(nb::repr(object))).c_str());
  }
};

template <class T>
struct Setting<std::optional<T>> {
  static inline const std::string kType = std::string(Setting<T>::kType) + " | None";
  static nb::object to_python(const std::optional<T>& value) {
    return value ? Setting<T>::to_python(*value) : nb::object(nb::none());
  }
  static std::optional<T> from_python(nb::handle object, const char* name) {
    if (object.is_none()) return std::nullopt;
    return Setting<T>::from_python(object, name);
  }
};

template <>
struct Setting<UpdateRule> {
  static constexpr const char* kType = "object";
  static nb::object to_python(const UpdateRule& rule) { return python::to_python(rule); }
  static UpdateRule from_python(nb::handle object, const char* name) { return to_update_rule(object, name); }
};

/// A half-life is a number of rows, or a duration with total_seconds() as datetime.timedelta and pandas.Timedelta have.
template <>
struct Setting<HalfLife> {
  static constexpr const char* kType = "float | datetime.timedelta";
  static constexpr double kShortest = 1e-6;  // seconds; those that a timedelta shows
  static constexpr double kLongest = 1e13;
  static nb::object to_python(const HalfLife& half_life) {
    if (half_life.unit == HalfLife::Unit::kRows) return nb::float_(half_life.length);
    return nb::module_::import_("datetime").attr("timedelta")(nb::arg("seconds") = half_life.length);
  }
  static HalfLife from_python(nb::handle object, const char* name) {
    if (const std::optional<double> seconds = seconds_of(object)) {
      require(*seconds >= kShortest && *seconds <= kLongest, name, "a duration of a microsecond to 10^13 seconds",
              nb::cast<std::string>(nb::str(object)));
      return HalfLife::in_time(*seconds);
    }
    double rows = 0.0;
    require(nb::try_cast(object, rows), name, "a number of rows, or a duration",
            nb::cast<std::string>(nb::repr(object)));
    return rows;
  }
};

template <>
struct Setting<Strength> {
  static constexpr const char* kType = "float | Eta";
  static nb::object to_python(const Strength& tau) {
    return tau.number() != nullptr ? nb::object(nb::float_(*tau.number())) : Setting<Eta>::to_python(*tau.by_field());
  }
  static Strength from_python(nb::handle object, const char* name) {
    double number = 0.0;
    if (nb::try_cast(object, number)) return number;
    Eta* by_field = nullptr;
    require(nb::try_cast(object, by_field) && by_field != nullptr, name, "a number >= 0 or Eta",
            nb::cast<std::string>(nb::repr(object)));
    return *by_field;
  }
};

}  // namespace varimix::python
