#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "bindings.hpp"
#include "pickling.hpp"
#include "update_rule_argument.hpp"
#include "varimix/core/choice.hpp"
#include "varimix/core/types.hpp"

namespace varimix::python {

/// Classes that are their members are compared and pickled member by member. `tie(value)` gives references to all of
/// them, of const and other values, by a structured binding, so that it does not compile once a member is missing.

/// Returns true if both are equal and of the same size; Eigen compares without a look at sizes.
template <class Member>
[[nodiscard]] bool is_same(const Member& left, const Member& right) {
  if constexpr (std::is_base_of_v<Eigen::EigenBase<Member>, Member>) {
    return left.rows() == right.rows() && left.cols() == right.cols() && left == right;
  } else {
    return left == right;
  }
}

template <class Value, class Tie>
[[nodiscard]] bool same_members(const Value& left, const Value& right, Tie tie) {
  const auto others = tie(right);
  return std::apply(
      [&others](const auto&... mine) {
        return std::apply([&](const auto&... theirs) { return (is_same(mine, theirs) && ...); }, others);
      },
      tie(left));
}

/// Returns a member as Python has it.
template <class Member>
[[nodiscard]] nb::object member_to_python(const Member& member) {
  if constexpr (std::is_same_v<Member, UpdateRule>) {
    return to_python(member);
  } else if constexpr (Choice<Member>) {
    return nb::cast(std::string(word(member)));
  } else {
    return nb::cast(member, nb::rv_policy::copy);
  }
}

/// Returns a member from Python's object. Throws nb::type_error for an object of another type.
template <class Member>
[[nodiscard]] Member member_from_python(nb::handle object) {
  if constexpr (std::is_same_v<Member, UpdateRule>) {
    return to_update_rule(object, "eta_update");
  } else if constexpr (Choice<Member>) {
    return choice_from<Member>(member_from_python<std::string>(object), "the pickle");
  } else {
    try {
      return nb::cast<Member>(object);
    } catch (const nb::cast_error&) {
      throw nb::type_error(("a pickle of varimix does not hold " + nb::cast<std::string>(nb::repr(object))).c_str());
    }
  }
}

template <class Value, class Tie>
[[nodiscard]] nb::tuple members_to_python(const Value& value, Tie tie) {
  return std::apply([](const auto&... members) { return nb::make_tuple(member_to_python(members)...); }, tie(value));
}

template <class Value, class Tie>
[[nodiscard]] Value members_from_python(nb::handle parts, Tie tie) {
  using Members = decltype(tie(std::declval<Value&>()));
  constexpr std::size_t kCount = std::tuple_size_v<Members>;
  if (!nb::isinstance<nb::tuple>(parts) || nb::len(parts) != kCount) {
    throw nb::type_error(("a pickle of varimix has " + std::to_string(kCount) + " parts here").c_str());
  }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-braces"  // some have a base, or a member, of their own members
  return [&]<std::size_t... k>(std::index_sequence<k...> /*members*/) {
    return Value{member_from_python<std::decay_t<std::tuple_element_t<k, Members>>>(nb::object(parts[k]))...};
  }
  (std::make_index_sequence<kCount>());
#pragma GCC diagnostic pop
}

/// Adds equality, pickling and copying to such a class.
/// @param check  throws for members that no value of the class has.
template <class Value, class Tie, class Check>
void bind_plain_data(nb::class_<Value>& bound, Tie tie, Check check) {
  bound.def(
      "__eq__", [tie](const Value& a, const Value& b) { return same_members(a, b, tie); }, nb::is_operator());
  bound.attr("__hash__") = nb::none();
  bind_pickling(
      bound, [tie](const Value& value) { return members_to_python(value, tie); },
      [tie, check](nb::handle parts) {
        auto value = members_from_python<Value>(parts, tie);
        check(std::as_const(value));
        return value;
      });
}

template <class Value, class Tie>
void bind_plain_data(nb::class_<Value>& bound, Tie tie) {
  bind_plain_data(bound, tie, [](const Value& /*value*/) {});
}

}  // namespace varimix::python
