#include <optional>
#include <string>
#include <utility>

#include "plain_data.hpp"
#include "python_hooks.hpp"
#include "python_rule.hpp"
#include "rule_class.hpp"

namespace varimix::python {
namespace {

/// Returns the object as a rule if it is one of varimix's, else nothing.
std::optional<UpdateRule> our_rule(nb::handle object) {
  std::optional<UpdateRule> rule;
  UpdateRules::any_of([&]<class R>() {
    R* held = nullptr;
    if (nb::isinstance<R>(object) && nb::try_cast(object, held)) rule.emplace(*held);
    return rule.has_value();
  });
  return rule;
}

void bind_step_info(nb::module_& m) {
  nb::class_<StepInfo> info(m, "StepInfo", "The progress of a fit when it calls an update rule.");
  bind_plain_data(info, [](auto& of) {
    auto& [step, weight_before, batch_weight, elapsed, observed] = of;
    return std::tie(step, weight_before, batch_weight, elapsed, observed);
  });
  info.def_ro("step", &StepInfo::step, "Batches learned before, from 0.")
      .def_ro("weight_before", &StepInfo::weight_before, "Total weight of the rows learned before.")
      .def_ro("batch_weight", &StepInfo::batch_weight, "Weight of the rows in hand.")
      .def_ro("elapsed", &StepInfo::elapsed,
              "Time from the last row learned before to the last row in hand, if rows have times.")
      .def_ro("observed", &StepInfo::observed,
              "Weight of the rows in hand that show each column, where values may be missing; else empty.")
      .def("__repr__", [](const StepInfo& of) {
        return "StepInfo(step=" + std::to_string(of.step) + ", weight_before=" + to_string(of.weight_before) +
               ", batch_weight=" + to_string(of.batch_weight) + ", elapsed=" + to_string(of.elapsed) + ")";
      });
}

}  // namespace

UpdateRule to_update_rule(nb::handle object, const char* name) {
  if (!has_hooks(object)) {
    if (std::optional<UpdateRule> rule = our_rule(object)) {
      check_public_methods(object, name);
      return *std::move(rule);
    }
  }
  return PythonRule(nb::borrow(object), name);
}

UpdateRule rule_or_default(nb::handle rule, const char* name) {
  return rule.is_none() ? UpdateRule(NaturalGradientUpdate{}) : to_update_rule(rule, name);
}

std::optional<UpdateRule> optional_rule(nb::handle rule, const char* name) {
  return rule.is_none() ? std::nullopt : std::optional(to_update_rule(rule, name));
}

nb::object to_python(const UpdateRule& rule) {
  if (const auto* users = rule.get<PythonRule>()) return users->object();
  nb::object object;
  UpdateRules::any_of([&]<class R>() {
    if (const R* held = rule.get<R>()) object = nb::cast(*held, nb::rv_policy::copy);
    return object.is_valid();
  });
  return object;
}

nb::object users_rule_of(const UpdateRule& rule) {
  const UpdateRule* users = users_rule_in(rule);
  return users == nullptr ? nb::none() : users->get<PythonRule>()->object();
}

void bind_update_rules(nb::module_& m) {
  bind_step_info(m);
  UpdateRules::any_of([&]<class R>() {
    bind_rule<R>(m);
    return false;
  });
}

}  // namespace varimix::python
