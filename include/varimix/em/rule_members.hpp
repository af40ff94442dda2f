#pragma once

#include <cmath>
#include <concepts>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "varimix/core/constants.hpp"
#include "varimix/core/members.hpp"
#include "varimix/core/require.hpp"
#include "varimix/core/types.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// The numbers that a member of a rule may hold.
struct Domain {
  const char* words;  ///< the domain in messages: "<name> must be <words>"
  bool (*holds)(double);
};
inline constexpr Domain kFinite{"finite", [](double x) { return std::isfinite(x); }};
inline constexpr Domain kNotNegative{"finite and >= 0", [](double x) { return std::isfinite(x) && x >= 0.0; }};
inline constexpr Domain kPositive{"finite and > 0", [](double x) { return std::isfinite(x) && x > 0.0; }};
inline constexpr Domain kZeroToOne{"in (0, 1]", [](double x) { return x > 0.0 && x <= 1.0; }};
inline constexpr Domain kHalfToOne{"in (1/2, 1]", [](double x) { return x > 0.5 && x <= 1.0; }};
inline constexpr Domain kAtLeastZero{">= 0 and below 2^53",
                                     [](double x) { return x >= 0.0 && x < static_cast<double>(kLargestCount); }};
inline constexpr Domain kAtLeastOne{">= 1 and below 2^53",
                                    [](double x) { return x >= 1.0 && x < static_cast<double>(kLargestCount); }};

/// A member of an update rule: a setting, or state that the rule carries from batch to batch.
template <class Rule, class T>
struct RuleMember : Member<Rule, T> {
  Domain domain;
  bool is_setting;
  bool has_default;  ///< true if the constructor in Python may leave it out
};

/// Returns a setting whose default is its value in a new rule.
template <class Rule, class T>
constexpr RuleMember<Rule, T> setting(const char* name, T Rule::*pointer, Domain domain = kFinite) {
  return {{name, pointer}, domain, true, true};
}

/// Returns a setting without a default.
template <class Rule, class T>
constexpr RuleMember<Rule, T> required_setting(const char* name, T Rule::*pointer, Domain domain = kFinite) {
  return {{name, pointer}, domain, true, false};
}

template <class Rule, class T>
constexpr RuleMember<Rule, T> state(const char* name, T Rule::*pointer, Domain domain = kFinite) {
  return {{name, pointer}, domain, false, true};
}

/// A rule that has a name and lists its members. It is compared, checked, rescaled, saved and shown by the list.
template <class R>
concept HasRuleMembers = HasMembers<R> && requires {
  { R::kName } -> std::convertible_to<std::string>;
};

/// The functions below are called for every member. A member whose type is neither a number, nor a vector of
/// one for each column, nor Eta (a memory of many statistics, a wrapped rule) is checked, rescaled and compared by its own functions check(d), rescale_y(s), d() and
/// same_settings(other), those that it has.

void check_member(const Eta& eta, const char* name, const Domain& domain, Index d);
void check_member(const std::vector<double>& by_column, const char* name, const Domain& domain, Index d);
void rescale_member(Eta& eta, double s);
[[nodiscard]] bool same_setting(const Eta& left, const Eta& right);

/// Throws std::invalid_argument for a number outside `domain`, and for statistics that are not finite or, unless d = 0,
/// of another dimension.
template <class T>
void check_member(const T& value, const char* name, const Domain& domain, Index d) {
  if constexpr (std::integral<T> || std::floating_point<T>) {
    require(domain.holds(static_cast<double>(value)), name, domain.words, value);
  } else if constexpr (requires { value.check(d); }) {
    value.check(d);
  }
}
template <class T>
void check_member(const std::optional<T>& value, const char* name, const Domain& domain, Index d) {
  if (value) check_member(*value, name, domain, d);
}

/// Changes statistics to those of sY in place of Y.
template <class T>
void rescale_member(T& value, double s) {
  if constexpr (requires { value.rescale_y(s); }) value.rescale_y(s);
}
template <class T>
void rescale_member(std::optional<T>& value, double s) {
  if (value) rescale_member(*value, s);
}

/// Returns the dimension of a member that holds statistics; 0 for any other.
template <class T>
[[nodiscard]] Index dimension_of_member(const T& value) {
  if constexpr (requires { value.d(); }) {
    return value.d();
  } else {
    return 0;
  }
}
[[nodiscard]] inline Index dimension_of_member(const std::vector<double>& by_column) {
  return static_cast<Index>(by_column.size());
}
template <class T>
[[nodiscard]] Index dimension_of_member(const std::optional<T>& value) {
  return value ? dimension_of_member(*value) : 0;
}

/// Returns true if two settings are the same. Statistics need to agree to rounding only, because a change of gauge and
/// back rounds them.
template <class T>
[[nodiscard]] bool same_setting(const T& left, const T& right) {
  if constexpr (requires { left.same_settings(right); }) {
    return left.same_settings(right);
  } else {
    return left == right;
  }
}
template <class T>
[[nodiscard]] bool same_setting(const std::optional<T>& left, const std::optional<T>& right) {
  return left && right ? same_setting(*left, *right) : left.has_value() == right.has_value();
}

}  // namespace varimix
