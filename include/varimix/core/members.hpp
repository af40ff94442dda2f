#pragma once

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace varimix {

/// A member of a struct, with the name that files and messages give it.
template <class Struct, class T>
struct Member {
  using Type = T;
  const char* name;
  T Struct::*pointer;
};

template <class Struct, class T>
constexpr Member<Struct, T> member(const char* name, T Struct::*pointer) {
  return {name, pointer};
}

/// A member that came after the first release. A checkpoint holds it only where it differs from T{}: states without it
/// keep their bytes, and older files are read.
template <class Struct, class T>
struct LaterMember : Member<Struct, T> {};

template <class Struct, class T>
constexpr LaterMember<Struct, T> later_member(const char* name, T Struct::*pointer) {
  return {{name, pointer}};
}

/// True for a LaterMember.
template <class Each>
inline constexpr bool kIsLater = false;
template <class Struct, class T>
inline constexpr bool kIsLater<LaterMember<Struct, T>> = true;

/// The members of the struct T in the order of their declaration, a tuple of Member. Values are compared, made and
/// encoded by this list. A struct either has it as T::kMembers or specialises this variable; other types have no list
/// (nullptr).
template <class T>
inline constexpr auto kMembers = nullptr;
template <class T>
requires requires { T::kMembers; }
inline constexpr auto kMembers<T> = T::kMembers;

/// A struct with such a list.
template <class T>
concept HasMembers = !std::same_as<std::remove_const_t<decltype(kMembers<T>)>, std::nullptr_t>;

/// Calls visit(member) for each member of T in turn.
template <HasMembers T, class Visit>
constexpr void for_each_member(Visit&& visit) {
  std::apply([&](const auto&... each) { (visit(each), ...); }, kMembers<T>);
}

/// Returns true if same(a, b, member) holds for every member of two values of T.
template <HasMembers T, class Same>
[[nodiscard]] bool all_members(const T& left, const T& right, Same&& same) {
  return std::apply([&same, &left, &right](
                        const auto&... each) { return (same(left.*each.pointer, right.*each.pointer, each) && ...); },
                    kMembers<T>);
}

/// Returns false if a member of T is not in its list.
template <HasMembers T>
[[nodiscard]] constexpr bool lists_all_members() {
  return std::apply(
      [](const auto&... each) {
        return !requires { T{std::declval<typename std::decay_t<decltype(each)>::Type>()..., {}}; };
      },
      kMembers<T>);
}

/// Returns T{get(member)...}, a value made of the results of `get` for each member in order. It does not compile if the
/// list lacks a member.
template <HasMembers T, class Get>
[[nodiscard]] T make_from_members(Get&& get) {
  return std::apply(
      [&](const auto&... each) {
        static_assert(lists_all_members<T>(), "a member is not in the list");
        return T{get(each)...};
      },
      kMembers<T>);
}

}  // namespace varimix
