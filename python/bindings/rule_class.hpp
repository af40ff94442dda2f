#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

#include "bindings.hpp"
#include "pickling.hpp"
#include "python_hooks.hpp"
#include "rule_settings.hpp"
#include "varimix/stream/rule_bytes.hpp"

namespace varimix::python {

/// These functions make the Python class of a rule from its list of members. Settings are the constructor's arguments
/// and read-only properties; only pickles hold the state.

template <class R>
inline constexpr std::size_t kMemberCount = std::tuple_size_v<std::decay_t<decltype(kMembers<R>)>>;

template <class R, std::size_t k>
using MemberType = typename std::decay_t<decltype(std::get<k>(kMembers<R>))>::Type;

/// Returns a value for a setting without a default until the setting is given.
template <class T>
T placeholder() {
  if constexpr (std::same_as<T, UpdateRule>) {
    return IdentityUpdate{};
  } else if constexpr (std::same_as<T, Eta>) {
    return Eta(mean_variance_layout(1, LogY::kLeaveOut), Vector::Zero(1));
  } else {
    return T{};
  }
}

/// Returns a rule whose settings are the defaults. Settings without a default come first among the members.
template <class R>
R default_rule() {
  constexpr std::size_t kRequired = std::apply(
      [](const auto&... each) { return (std::size_t{0} + ... + (each.has_default ? 0U : 1U)); }, kMembers<R>);
  return [&]<std::size_t... k>(std::index_sequence<k...> /*required*/) { return R{placeholder<MemberType<R, k>>()...}; }
  (std::make_index_sequence<kRequired>());
}

/// Calls visit(member, default, k) for each setting.
template <class R, class Visit>
void for_each_setting(Visit&& visit) {
  const R defaults = default_rule<R>();
  std::size_t k = 0;
  for_each_member<R>([&](const auto& each) {
    if (each.is_setting) visit(each, defaults.*each.pointer, k);
    ++k;
  });
}

inline std::string repr_of(const nb::object& object) { return nb::cast<std::string>(nb::repr(object)); }

/// Returns the constructor's signature, "def __init__(self, w: float | None = None, ...) -> None".
template <class R>
std::string signature_of() {
  std::string text = "def __init__(self";
  for_each_setting<R>([&]<class Each>(const Each& each, const auto& by_default, std::size_t /*k*/) {
    using S = Setting<typename Each::Type>;
    text += std::string(", ") + each.name + ": " + S::kType;
    if (each.has_default) text += " = " + repr_of(S::to_python(by_default));
  });
  return text + ") -> None";
}

/// Returns the rule as its hooks hold it, with defaults in place. Throws std::invalid_argument for settings outside
/// their domains.
template <class R>
R checked(R rule) {
  return *UpdateRule(std::move(rule)).template get<R>();
}

/// Returns a rule with the settings given as objects, in the order of the members; its state is that of a new rule.
template <class R>
R rule_of(const std::array<nb::object, kMemberCount<R>>& given) {
  R rule = default_rule<R>();
  for_each_setting<R>([&]<class Each>(const Each& each, const auto& /*by_default*/, std::size_t k) {
    rule.*each.pointer = Setting<typename Each::Type>::from_python(given[k], each.name);
  });
  return checked(std::move(rule));
}

/// Binds the constructor, with an argument for each setting. Settings come before state among the members.
template <class R>
void bind_constructor(nb::class_<R>& bound) {
  constexpr std::size_t kSettings =
      std::apply([](const auto&... each) { return (std::size_t{0} + ... + (each.is_setting ? 1U : 0U)); }, kMembers<R>);
  [&]<std::size_t... k>(std::index_sequence<k...> /*settings*/) {
    [[maybe_unused]] const auto argument = []<class Each>(const Each& each, const R& defaults) {
      auto result = nb::arg(each.name).none() = Setting<typename Each::Type>::to_python(defaults.*each.pointer);
      if (!each.has_default) result.value = nb::object();
      return result;
    };
    [[maybe_unused]] const R defaults = default_rule<R>();
    bound.def(
        "__init__",
        [](R* self, decltype((void)k, nb::object())... given) {
          std::array<nb::object, kMemberCount<R>> objects;
          ((objects[k] = std::move(given)), ...);
          new (self) R(rule_of<R>(objects));
        },
        argument(std::get<k>(kMembers<R>), defaults)..., nb::sig(signature_of<R>().c_str()));
  }
  (std::make_index_sequence<kSettings>());
}

template <class R>
void bind_properties(nb::class_<R>& bound) {
  for_each_setting<R>([&]<class Each>(const Each& each, const auto& /*by_default*/, std::size_t /*k*/) {
    using S = Setting<typename Each::Type>;
    bound.def_prop_ro(
        each.name, [pointer = each.pointer](const R& rule) { return S::to_python(rule.*pointer); },
        nb::for_getter(nb::sig((std::string("def ") + each.name + "(self) -> " + S::kType).c_str())),
        std::is_arithmetic_v<typename Each::Type> && !std::same_as<typename Each::Type, bool> ? each.domain.words : "");
  });
}

/// Returns text like "(w=0.1)", with the settings that differ from their defaults.
template <class R>
std::string settings_of(const R& rule) {
  std::string shown;
  for_each_setting<R>([&]<class Each>(const Each& each, const auto& by_default, std::size_t /*k*/) {
    const auto& value = rule.*each.pointer;
    if (each.has_default && value == by_default) return;
    shown += (shown.empty() ? "" : ", ") + std::string(each.name) + "=" +
             repr_of(Setting<typename Each::Type>::to_python(value));
  });
  return "(" + shown + ")";
}

/// Returns the parts of a rule's pickle: its bytes, and the user's own rule inside it, or None.
template <class R>
nb::tuple pickled(const R& rule) {
  const UpdateRule any(rule);
  const std::vector<std::byte> bytes = to_bytes(any);
  return nb::make_tuple(nb::bytes(bytes.data(), bytes.size()), users_rule_of(any));
}

template <class R>
R unpickled(nb::handle parts) {
  const auto [bytes, users_rule] = pair_of(parts);
  if (!nb::isinstance<nb::bytes>(bytes)) throw nb::type_error("a pickled update rule begins with bytes");
  const auto& data = static_cast<const nb::bytes&>(bytes);
  const UpdateRule rule = rule_from_bytes({static_cast<const std::byte*>(data.data()), data.size()},
                                          optional_rule(users_rule, "users_rule"));
  if (rule.get<R>() == nullptr) {
    throw nb::type_error(("this is the pickle of another rule: " + rule.name()).c_str());
  }
  return *rule.get<R>();
}

/// Binds the class of a rule. A rule is a value: it is compared with all that it holds, printed, pickled and copied.
template <class R>
void bind_rule(nb::module_& m) {
  nb::class_<R> bound(m, R::kName, R::kDoc);
  bind_constructor(bound);
  bind_properties(bound);
  bound
      .def("__repr__",
           [](nb::pointer_and_handle<R> self) {
             return nb::cast<std::string>(self.h.type().attr("__name__")) + settings_of(*self.p);
           })
      .def(
          "__eq__",
          [](nb::pointer_and_handle<R> self, nb::pointer_and_handle<R> other) {
            // Hooks of a derived class make another rule.
            const bool is_same_rule = self.h.type().is(other.h.type()) || (!has_hooks(self.h) && !has_hooks(other.h));
            return is_same_rule && static_cast<const R&>(*self.p) == static_cast<const R&>(*other.p);
          },
          nb::is_operator());
  bound.attr("__hash__") = nb::none();
  bind_pickling(bound, &pickled<R>, &unpickled<R>);
}

}  // namespace varimix::python
