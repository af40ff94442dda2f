#include "python_rule.hpp"

#include <nanobind/stl/function.h>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "bindings.hpp"
#include "gil.hpp"
#include "half_life.hpp"
#include "plain_data.hpp"
#include "python_hooks.hpp"

namespace varimix::python {
namespace {

[[noreturn]] void refuse_returned(const nb::object& value, const char* hook, const char* type) {
  throw nb::type_error(
      (std::string(hook) + " of an update rule must return " + type + ", got " + nb::cast<std::string>(nb::repr(value)))
          .c_str());
}

/// Returns the result of a hook as a T. Throws nb::type_error for another type.
template <class T>
T returned(const nb::object& value, const char* hook, const char* type) {
  T out{};
  if (!nb::try_cast(value, out)) refuse_returned(value, hook, type);
  return out;
}

Eta eta_of(const nb::object& value, const char* hook) {
  const auto* eta = returned<Eta*>(value, hook, "Eta");
  if (eta == nullptr) refuse_returned(value, hook, "Eta");  // None
  return *eta;
}

/// Returns the result of a hook that is Python's bool or one of NumPy's.
bool bool_of(const nb::object& value, const char* hook) {
  const bool is_scalar = nb::hasattr(value, "item");
  return returned<bool>(is_scalar ? nb::object(value.attr("item")()) : value, hook, "a bool");
}

/// Lends a function to Python for a while: who keeps it longer finds null.
class Lent {
 public:
  explicit Lent(const CombineStatistics& combine) : place_(std::make_shared<const CombineStatistics*>(&combine)) {}
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
  ~Lent() { *place_ = nullptr; }
  [[nodiscard]] std::shared_ptr<const CombineStatistics*> place() const { return place_; }

 private:
  std::shared_ptr<const CombineStatistics*> place_;
};

/// Returns true if a class defines ==.
bool has_equality(nb::handle type) {
  return !type.attr("__eq__").is(nb::module_::import_("builtins").attr("object").attr("__eq__"));
}

}  // namespace

PythonRule::PythonRule(nb::object rule, const char* name) : rule_(std::move(rule)) { check_python_rule(rule_, name); }

PythonRule::PythonRule(const PythonRule& other)
    : rule_(with_gil([&] { return nb::object(nb::module_::import_("copy").attr("deepcopy")(other.rule_)); })) {}

PythonRule::PythonRule(PythonRule&& other) noexcept : rule_(std::move(other.rule_)) {}

PythonRule& PythonRule::operator=(const PythonRule& other) {
  if (this != &other) *this = PythonRule(other);
  return *this;
}

PythonRule& PythonRule::operator=(PythonRule&& other) noexcept {
  std::swap(rule_, other.rule_);
  return *this;
}

PythonRule::~PythonRule() {
  if (!rule_.is_valid()) return;
  with_gil([this] { rule_.reset(); });
}

bool PythonRule::operator==(const PythonRule& other) const {
  return with_gil([&] { return rule_.equal(other.rule_); });
}

Eta PythonRule::Hooks::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  return with_gil([&] { return eta_of(object().attr("accumulate")(running, batch, info), "accumulate"); });
}

Eta PythonRule::Hooks::emit(const Eta& running) const {
  return with_gil([&] { return has("emit") ? eta_of(object().attr("emit")(running), "emit") : running; });
}

Eta PythonRule::Hooks::report(const Eta& running) const {
  return with_gil([&] { return has("report") ? eta_of(object().attr("report")(running), "report") : emit(running); });
}

std::int64_t PythonRule::Hooks::parts(const StepInfo& info, Index d) const {
  return with_gil([&]() -> std::int64_t {
    if (!has("parts")) return RuleHooks::parts(info, d);
    return returned<std::int64_t>(object().attr("parts")(info, d), "parts", "an integer");
  });
}

std::optional<double> PythonRule::Hooks::time_half_life() const {
  return with_gil([&]() -> std::optional<double> {
    if (!has("time_half_life")) return RuleHooks::time_half_life();
    const nb::object time = object().attr("time_half_life")();
    if (time.is_none()) return std::nullopt;
    const std::optional<double> seconds = seconds_of(time);
    if (!(seconds.value_or(0.0) > 0.0)) refuse_returned(time, "time_half_life", "a duration > 0, or None");
    return seconds;
  });
}

double PythonRule::Hooks::initial_weight() const {
  return with_gil([&]() -> double {
    if (!has("initial_weight")) return RuleHooks::initial_weight();
    const nb::object weight = object().attr("initial_weight")();
    const auto rows = returned<double>(weight, "initial_weight", "a number >= 0");
    if (!(std::isfinite(rows) && rows >= 0.0)) refuse_returned(weight, "initial_weight", "a number >= 0");
    return rows;
  });
}

bool PythonRule::Hooks::weights_sum_to_one() const {
  return with_gil([&] {
    if (!has("weights_sum_to_one")) return RuleHooks::weights_sum_to_one();
    return bool_of(object().attr("weights_sum_to_one")(), "weights_sum_to_one");
  });
}

bool PythonRule::Hooks::can_merge() const {
  return with_gil([&] { return has("merge"); });
}

void PythonRule::Hooks::check(Index d) const {
  with_gil([&] {
    if (has("check")) object().attr("check")(d);
  });
}

void PythonRule::Hooks::rescale_y(double s) {
  with_gil([&] {
    if (has("rescale_y")) object().attr("rescale_y")(s);
  });
}

bool PythonRule::Hooks::same_settings(const UpdateHooks& other) const {
  return with_gil([&] {
    const auto* theirs = dynamic_cast<const Hooks*>(&other);
    if (theirs != nullptr && !has("same_settings") && !has_equality(object().type())) {
      return object().type().is(theirs->object().type());
    }
    if (!has("same_settings")) return RuleHooks::same_settings(other);
    return theirs != nullptr && bool_of(object().attr("same_settings")(theirs->object()), "same_settings");
  });
}

std::string PythonRule::Hooks::name() const {
  return with_gil([&] {
    return has("name") ? returned<std::string>(object().attr("name")(), "name", "text")
                       : nb::cast<std::string>(object().type().attr("__name__"));
  });
}

void PythonRule::Hooks::merge(const PythonRule& other, const PythonRule* ancestor, const CombineStatistics& combine) {
  with_gil([&] {
    const Lent lent(combine);
    const auto combine_in_python = [place = lent.place()](const Eta& a, const Eta& b,
                                                          const std::optional<Eta>& before) {
      if (*place == nullptr)
        throw std::runtime_error("combine serves the merge that it was given for, which has ended");
      return (**place)(a, b, before ? &*before : nullptr);
    };
    object().attr("merge")(other.object(), ancestor == nullptr ? nb::object(nb::none()) : ancestor->object(),
                           nb::cpp_function(combine_in_python, nb::arg("a"), nb::arg("b"), nb::arg("ancestor").none()));
  });
}

}  // namespace varimix::python
