#include <algorithm>
#include <array>

#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "pickling.hpp"
#include "python_rule.hpp"
#include "update_rule_argument.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/update_rules.hpp"
#include "varimix/stream/rule_bytes.hpp"

namespace varimix::python {
namespace {

/// The rule of varimix's that an object is; nothing if it is none.
std::optional<UpdateRule> our_rule(nb::handle object) {
  std::optional<UpdateRule> rule;
  UpdateRules::any_of([&]<class R>() {
    R* held = nullptr;
    if (nb::isinstance<R>(object) && nb::try_cast(object, held)) rule.emplace(*held);
    return rule.has_value();
  });
  return rule;
}

/// What is pickled of a rule: its bytes, and the rule of the user's that stands in it, or None.
template <class Rule>
nb::tuple pickled(const Rule& rule) {
  const UpdateRule any(rule);
  const std::vector<std::byte> bytes = to_bytes(any);
  return nb::make_tuple(nb::bytes(bytes.data(), bytes.size()), users_rule_of(any));
}

template <class Rule>
Rule unpickled(nb::handle parts) {
  const auto [bytes, users_rule] = pair_of(parts);
  if (!nb::isinstance<nb::bytes>(bytes)) throw nb::type_error("a pickled update rule begins with bytes");
  const auto& data = static_cast<const nb::bytes&>(bytes);
  const UpdateRule rule = rule_from_bytes({static_cast<const std::byte*>(data.data()), data.size()},
                                          optional_rule(users_rule, "users_rule"));
  if (rule.get<Rule>() == nullptr) {
    throw nb::type_error(("this is the pickle of another rule: " + rule.name()).c_str());
  }
  return *rule.get<Rule>();
}

/// A rule is a value: compared with all that it holds, pickled, copied.
template <class Rule>
void bind_value_of_rule(nb::class_<Rule>& bound) {
  bind_equality(bound);
  bind_pickling(bound, &pickled<Rule>, &unpickled<Rule>);
}

/// A rule whose settings were checked: what a caller sees fails where it was written.
template <class Rule>
Rule checked(Rule rule) {
  if constexpr (requires { rule.check(0); }) rule.check(0);
  return rule;
}

std::string show(const std::optional<double>& value) { return value ? python::show(*value) : "None"; }

template <class Value>
std::string repr_of(const Value& value) {
  return nb::cast<std::string>(nb::repr(nb::cast(value, nb::rv_policy::copy)));
}

void bind_running_rules(nb::module_& m) {
  nb::class_<IdentityUpdate> identity(m, "IdentityUpdate",
                                      "eta_t = eta_hat: no memory. On all rows at once this is batch EM.");
  bind_value_of_rule(identity);
  identity.def(nb::init<>()).def("__repr__", [](const IdentityUpdate&) { return "IdentityUpdate()"; });
  nb::class_<SampleWeightedUpdate> sample_weighted(
      m, "SampleWeightedUpdate",
      "Weights n/(n+m) and m/(n+m): n rows learned before, by weight, and n0 that the "
      "initial model counts as; m in\nthis batch. States of this rule merge.");
  bind_value_of_rule(sample_weighted);
  sample_weighted
      .def(
          "__init__",
          [](SampleWeightedUpdate* self, double n0) {
            new (self) SampleWeightedUpdate(checked(SampleWeightedUpdate{n0}));
          },
          nb::arg("n0") = 0.0)
      .def_ro("n0", &SampleWeightedUpdate::n0)
      .def("__repr__", [](const SampleWeightedUpdate& r) {
        return r.n0 == 0.0 ? "SampleWeightedUpdate()" : "SampleWeightedUpdate(n0=" + python::show(r.n0) + ")";
      });
  nb::class_<RobbinsMonroUpdate> robbins_monro(
      m, "RobbinsMonroUpdate",
      "eta_t = (1-c) eta + c eta_hat, c = (tau0 + t)^(-exponent), t = 0, 1, 2, ... updates; "
      "tau0 >= 1, exponent in\n(1/2, 1].");
  bind_value_of_rule(robbins_monro);
  robbins_monro
      .def(
          "__init__",
          [](RobbinsMonroUpdate* self, double tau0, double exponent) {
            new (self) RobbinsMonroUpdate(checked(RobbinsMonroUpdate{tau0, exponent}));
          },
          nb::arg("tau0") = 10.0, nb::arg("exponent") = 1.0)
      .def_ro("tau0", &RobbinsMonroUpdate::tau0)
      .def_ro("exponent", &RobbinsMonroUpdate::exponent)
      .def("__repr__", [](const RobbinsMonroUpdate& r) {
        const std::string exponent = r.exponent == 1.0 ? "" : ", exponent=" + python::show(r.exponent);
        return "RobbinsMonroUpdate(tau0=" + python::show(r.tau0) + exponent + ")";
      });
  nb::class_<AffineUpdate> affine(
      m, "AffineUpdate",
      "eta_t = a + b eta + c eta_hat; a is an eta or None.\n\n"
      "Unless b + c = 1 and a is None a step may be infeasible; it is then taken half-way, and the\n"
      "status says so.");
  bind_value_of_rule(affine);
  affine
      .def(
          "__init__",
          [](AffineUpdate* self, std::optional<Eta> a, double b, double c) {
            new (self) AffineUpdate(checked(AffineUpdate{.a = std::move(a), .b = b, .c = c}));
          },
          nb::arg("a") = nb::none(), nb::arg("b") = 0.0, nb::arg("c") = 1.0)
      .def_ro("a", &AffineUpdate::a)
      .def_ro("b", &AffineUpdate::b)
      .def_ro("c", &AffineUpdate::c)
      .def("__repr__", [](const AffineUpdate& r) {
        return std::string("AffineUpdate(a=") + (r.a ? repr_of(*r.a) : "None") + ", b=" + python::show(r.b) +
               ", c=" + python::show(r.c) + ")";
      });
  nb::class_<PolyakRuppertUpdate> ruppert(
      m, "PolyakRuppertUpdate",
      "The default rule: averaged stochastic approximation that counts rows, not batches.\n\n"
      "With N rows learned, n0 = (d+1)^2 rows and W = n0^(1-exponent) (N + n0)^exponent, a batch of m rows is taken\n"
      "in ceil(2m/W) parts, each with step m'/W; what users see is a running average. One pass ends within half a\n"
      "statistical error p/(2n) of the maximum likelihood where tails are heavy. Weak spots, in those errors after\n"
      "one pass of 20,480 rows, and after ten: one column with moderate tails 1.9 and 0.01, near the Gaussian limit\n"
      "0.7 to 1.4 and 0.2 to 0.6, extreme skewness 13 to 30 and 3 to 6. Take more passes there, or BatchEMFitter.");
  bind_value_of_rule(ruppert);
  ruppert
      .def(
          "__init__",
          [](PolyakRuppertUpdate* self, double exponent, std::optional<double> n0) {
            new (self) PolyakRuppertUpdate(checked(PolyakRuppertUpdate{.exponent = exponent, .n0 = n0}));
          },
          nb::arg("exponent") = PolyakRuppertUpdate{}.exponent, nb::arg("n0") = nb::none())
      .def_ro("exponent", &PolyakRuppertUpdate::exponent)
      .def_ro("n0", &PolyakRuppertUpdate::n0)
      .def("__repr__", [](const PolyakRuppertUpdate& r) {
        return "PolyakRuppertUpdate(exponent=" + python::show(r.exponent) + ", n0=" + show(r.n0) + ")";
      });
}

/// A half-life: a number of rows, or a duration with total_seconds(), as datetime.timedelta and pandas.Timedelta have it.
nb::object half_life_to_python(const EWMAUpdate& rule) {
  if (const auto time = rule.time_half_life()) {
    return nb::module_::import_("datetime").attr("timedelta")(nb::arg("seconds") = *time);
  }
  return rule.half_life ? nb::object(nb::float_(rule.half_life->length)) : nb::object(nb::none());
}

EWMAUpdate ewma_update(std::optional<double> w, nb::handle half_life) {
  EWMAUpdate rule{.w = w};
  double rows = 0.0;
  if (nb::hasattr(half_life, "total_seconds")) {
    rule.half_life = HalfLife::in_time(nb::cast<double>(half_life.attr("total_seconds")()));
  } else if (!half_life.is_none()) {
    require(nb::try_cast(half_life, rows), "half_life", "a number of rows, or a duration",
            nb::cast<std::string>(nb::repr(half_life)));
    rule.half_life = rows;
  }
  if (!rule.w && !rule.half_life) rule.w = EWMAUpdate::kDefaultW;
  return checked(rule);
}

void bind_ewma_rule(nb::module_& m) {
  nb::class_<EWMAUpdate> ewma(
      m, "EWMAUpdate",
      "eta_t = (1-w) eta + w eta_hat: exponential forgetting.\n\n"
      "Either w in (0, 1] an update (default 0.1); or a half-life in rows, w = 1 - 2^(-m/half_life); or, as a\n"
      "datetime.timedelta or pandas.Timedelta, in time: a row of age s counts 2^(-s/half_life), whatever the gaps and\n"
      "batches, and every update needs its rows' times in seconds.");
  bind_value_of_rule(ewma);
  ewma.def(
          "__init__",
          [](EWMAUpdate* self, std::optional<double> w, nb::handle half_life) {
            new (self) EWMAUpdate(ewma_update(w, half_life));
          },
          nb::arg("w") = nb::none(), nb::arg("half_life") = nb::none(),
          nb::sig("def __init__(self, w: float | None = None, half_life: float | datetime.timedelta | None = None) "
                  "-> None"))
      .def_ro("w", &EWMAUpdate::w)
      .def_prop_ro(
          "half_life", [](const EWMAUpdate& r) { return half_life_to_python(r); },
          nb::for_getter(nb::sig("def half_life(self) -> float | datetime.timedelta | None")),
          "In rows, or a time, to the microsecond.")
      .def("__repr__", [](const EWMAUpdate& r) {
        if (const auto time = r.time_half_life()) {
          return "EWMAUpdate(half_life=datetime.timedelta(seconds=" + python::show(*time) + "))";
        }
        return "EWMAUpdate(" + (r.half_life ? "half_life=" + python::show(r.half_life->length) : "w=" + show(r.w)) +
               ")";
      });
}

void bind_averaging_rules(nb::module_& m) {
  nb::class_<PolyakAverage> average(
      m, "PolyakAverage",
      "Shows the mean, by weight, of what a base rule remembers from update ``start`` on; the base rule\n"
      "alone drives.");
  bind_value_of_rule(average);
  average
      .def(
          "__init__",
          [](PolyakAverage* self, nb::handle base, std::int64_t start) {
            new (self) PolyakAverage(to_update_rule(base, "base"), start);
          },
          nb::arg("base").none(), nb::arg("start") = 0,
          nb::sig("def __init__(self, base: object, start: int = 0) -> None"))
      .def_prop_ro("start", &PolyakAverage::start)
      .def_prop_ro(
          "base", [](const PolyakAverage& r) { return to_python(r.base()); }, "The rule that drives.")
      .def("__repr__", [](const PolyakAverage& r) {
        return "PolyakAverage(" + nb::cast<std::string>(nb::repr(to_python(r.base()))) +
               ", start=" + std::to_string(r.start()) + ")";
      });
  nb::class_<BlockIncrementalUpdate> by_blocks(
      m, "BlockIncrementalUpdate",
      "Incremental EM by blocks (Neal and Hinton 1998): for data read several times in "
      "the same ``blocks`` batches, each\n"
      "batch replaces what it gave the last time. Needs about half the passes of EM; "
      "keeps as many statistics as blocks.");
  bind_value_of_rule(by_blocks);
  by_blocks
      .def(
          "__init__",
          [](BlockIncrementalUpdate* self, std::int64_t blocks) {
            new (self) BlockIncrementalUpdate(checked(BlockIncrementalUpdate{.blocks = blocks}));
          },
          nb::arg("blocks"))
      .def_ro("blocks", &BlockIncrementalUpdate::blocks)
      .def("__repr__", [](const BlockIncrementalUpdate& r) {
        return "BlockIncrementalUpdate(blocks=" + std::to_string(r.blocks) + ")";
      });
}

/// Strengths tau of every field, from the shares tau / (1 + tau).
Eta strengths_of(const Shrinkage& rule) {
  const auto strength = [](double share) { return share / (1.0 - share); };
  Eta tau = rule.share();
  tau.values = tau.values.unaryExpr(strength);
  return tau;
}

std::string repr_of_shrinkage(const Shrinkage& rule) {
  return "Shrinkage(" + nb::cast<std::string>(nb::repr(to_python(rule.base()))) + ", " + repr_of(rule.eta0()) +
         ", tau=" + (rule.tau() ? python::show(*rule.tau()) : repr_of(strengths_of(rule))) +
         ", feedback=" + (rule.feedback() ? "True" : "False") + ")";
}

void bind_shrinkage_rule(nb::module_& m) {
  nb::class_<Shrinkage> shrinkage(
      m, "Shrinkage",
      "Emits tau/(1+tau) eta0 + 1/(1+tau) base: the base rule's eta drawn towards eta0.\n\n"
      "tau is a number >= 0, or Eta whose fields are per-field strengths. The memory is the\n"
      "base rule's and is never overwritten. feedback=True remembers the shrunk value instead, as the\n"
      "reference package does, which forgets the data as the step falls.");
  bind_value_of_rule(shrinkage);
  shrinkage
      .def(
          "__init__",
          [](Shrinkage* self, nb::handle base, const Eta& eta0, nb::handle tau, bool feedback) {
            UpdateRule rule = to_update_rule(base, "base");
            if (nb::isinstance<Eta>(tau)) {
              new (self) Shrinkage(std::move(rule), eta0, nb::cast<Eta>(tau), feedback);
            } else {
              double strength = 0.0;
              require(nb::try_cast(tau, strength), "tau", "a number >= 0 or Eta",
                      nb::cast<std::string>(nb::steal(PyObject_Repr(tau.ptr()))));
              new (self) Shrinkage(std::move(rule), eta0, strength, feedback);
            }
          },
          nb::arg("base").none(), nb::arg("eta0"), nb::arg("tau") = 0.5, nb::arg("feedback") = false,
          nb::sig("def __init__(self, base: object, eta0: Eta, tau: float | Eta = 0.5, "
                  "feedback: bool = False) -> None"))
      .def_prop_ro(
          "base", [](const Shrinkage& r) { return to_python(r.base()); }, "The rule whose eta is drawn.")
      .def_prop_ro(
          "eta0", [](const Shrinkage& r) { return Eta(r.eta0()); }, "Where it is drawn to.")
      .def_prop_ro("tau", &Shrinkage::tau, "The strength, if it is a number; None for one a field.")
      .def_prop_ro("feedback", &Shrinkage::feedback)
      .def("__repr__", &repr_of_shrinkage);
}

}  // namespace

UpdateRule to_update_rule(nb::handle object, const char* name) {
  constexpr std::array kMethods = {"accumulate", "emit", "report", "rescale_y"};
  const bool has_methods =
      std::any_of(kMethods.begin(), kMethods.end(), [&](const char* method) { return nb::hasattr(object, method); });
  if (!has_methods) {
    if (std::optional<UpdateRule> rule = our_rule(object)) return *std::move(rule);
  }
  return PythonRule(nb::borrow(object), name);
}

UpdateRule rule_or_default(nb::handle rule, const char* name) {
  return rule.is_none() ? UpdateRule(PolyakRuppertUpdate{}) : to_update_rule(rule, name);
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
  const auto* users = innermost(rule).get<PythonRule>();
  return users == nullptr ? nb::none() : users->object();
}

void bind_update_rules(nb::module_& m) {
  bind_python_rule(m);
  bind_running_rules(m);
  bind_ewma_rule(m);
  bind_averaging_rules(m);
  bind_shrinkage_rule(m);
}

}  // namespace varimix::python
