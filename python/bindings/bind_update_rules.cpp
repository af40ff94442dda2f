#include <nanobind/stl/variant.h>

#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "update_rule_argument.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/shrinkage_targets.hpp"
#include "varimix/em/update_rules.hpp"

namespace varimix::python {
namespace {

template <class Rule>
bool take(nb::handle object, std::optional<UpdateRule>& rule) {
  if (nb::isinstance<Rule>(object)) rule.emplace(nb::cast<Rule>(object));
  return rule.has_value();
}

/// A rule whose settings were checked: what a caller sees fails where it was written.
template <class Rule>
Rule checked(Rule rule) {
  if constexpr (requires { rule.check(0); }) rule.check(0);
  return rule;
}

template <class Number>
std::string show(const std::optional<Number>& value) {
  return value ? to_string(*value) : "None";
}

void bind_running_rules(nb::module_& m) {
  nb::class_<IdentityUpdate>(m, "IdentityUpdate", "eta_t = eta_hat: no memory. On all rows at once this is batch EM.")
      .def(nb::init<>())
      .def("__repr__", [](const IdentityUpdate&) { return "IdentityUpdate()"; });
  nb::class_<SampleWeightedUpdate>(m, "SampleWeightedUpdate",
                                   "Weights n/(n+m) and m/(n+m): n rows learned before, m in this batch.")
      .def(nb::init<>())
      .def("__repr__", [](const SampleWeightedUpdate&) { return "SampleWeightedUpdate()"; });
  nb::class_<RobbinsMonroUpdate>(m, "RobbinsMonroUpdate",
                                 "eta_t = (1-c) eta + c eta_hat, c = 1/(tau0 + t), t = 0, 1, 2, ...; tau0 >= 1.")
      .def(
          "__init__",
          [](RobbinsMonroUpdate* self, double tau0) {
            new (self) RobbinsMonroUpdate(checked(RobbinsMonroUpdate{tau0}));
          },
          nb::arg("tau0") = 10.0)
      .def_ro("tau0", &RobbinsMonroUpdate::tau0)
      .def("__repr__",
           [](const RobbinsMonroUpdate& r) { return "RobbinsMonroUpdate(tau0=" + to_string(r.tau0) + ")"; });
  nb::class_<EWMAUpdate>(m, "EWMAUpdate",
                         "eta_t = (1-w) eta + w eta_hat: exponential forgetting.\n\n"
                         "Either w in (0, 1] a batch (default 0.1), or a half-life in rows, w = 1 - 2^(-m/half_life).")
      .def(
          "__init__",
          [](EWMAUpdate* self, std::optional<double> w, std::optional<double> half_life) {
            if (!w && !half_life) w = EWMAUpdate::kDefaultW;
            new (self) EWMAUpdate(checked(EWMAUpdate{.w = w, .half_life = half_life}));
          },
          nb::arg("w") = nb::none(), nb::arg("half_life") = nb::none())
      .def_ro("w", &EWMAUpdate::w)
      .def_ro("half_life", &EWMAUpdate::half_life)
      .def("__repr__", [](const EWMAUpdate& r) {
        return "EWMAUpdate(" + (r.half_life ? "half_life=" + show(r.half_life) : "w=" + show(r.w)) + ")";
      });
  nb::class_<AffineUpdate>(
      m, "AffineUpdate",
      "eta_t = a + b eta + c eta_hat; a is an eta or None.\n\n"
      "Unless b + c = 1 and a is None a step may be infeasible; it is then taken half-way, and the\n"
      "status says so.")
      .def(
          "__init__",
          [](AffineUpdate* self, std::optional<Expectations> a, double b, double c) {
            new (self) AffineUpdate(checked(AffineUpdate{.a = std::move(a), .b = b, .c = c}));
          },
          nb::arg("a") = nb::none(), nb::arg("b") = 0.0, nb::arg("c") = 1.0)
      .def_ro("a", &AffineUpdate::a)
      .def_ro("b", &AffineUpdate::b)
      .def_ro("c", &AffineUpdate::c)
      .def("__repr__", [](const AffineUpdate& r) {
        return std::string("AffineUpdate(a=") + (r.a ? "eta" : "None") + ", b=" + to_string(r.b) +
               ", c=" + to_string(r.c) + ")";
      });
  nb::class_<PolyakRuppertUpdate>(
      m, "PolyakRuppertUpdate",
      "The default rule: averaged stochastic approximation that counts rows, not batches.\n\n"
      "With N rows learned, n0 = 2 p rows (p parameters) and W = n0^(1-exponent) (N + n0)^exponent, a batch of m rows "
      "is\n"
      "taken in ceil(2m/W) parts, each with step m'/W; what users see is a running average. Ends one pass within "
      "about\n"
      "half a statistical error of the maximum likelihood; weak near the Gaussian limit and at extreme skewness, "
      "where\n"
      "more passes are needed.")
      .def(
          "__init__",
          [](PolyakRuppertUpdate* self, double exponent, std::optional<double> n0) {
            new (self) PolyakRuppertUpdate(checked(PolyakRuppertUpdate{.exponent = exponent, .n0 = n0}));
          },
          nb::arg("exponent") = 0.6, nb::arg("n0") = nb::none())
      .def_ro("exponent", &PolyakRuppertUpdate::exponent)
      .def_ro("n0", &PolyakRuppertUpdate::n0)
      .def("__repr__", [](const PolyakRuppertUpdate& r) {
        return "PolyakRuppertUpdate(exponent=" + to_string(r.exponent) + ", n0=" + show(r.n0) + ")";
      });
}

void bind_shrinkage_rule(nb::module_& m) {
  nb::class_<Shrinkage>(
      m, "Shrinkage",
      "Emits tau/(1+tau) eta0 + 1/(1+tau) base: the base rule's eta drawn towards eta0.\n\n"
      "tau is a number >= 0, or Expectations whose fields are per-field strengths. The memory is the\n"
      "base rule's and is never overwritten. feedback=True remembers the shrunk value instead, as the\n"
      "reference package does, which forgets the data as the step falls.")
      .def(
          "__init__",
          [](Shrinkage* self, nb::handle base, const Expectations& eta0, nb::handle tau, bool feedback) {
            UpdateRule rule = to_update_rule(base);
            if (nb::isinstance<Expectations>(tau)) {
              new (self) Shrinkage(std::move(rule), eta0, nb::cast<Expectations>(tau), feedback);
            } else {
              double strength = 0.0;
              require(nb::try_cast(tau, strength), "tau", "a number >= 0 or Expectations",
                      nb::cast<std::string>(nb::steal(PyObject_Repr(tau.ptr()))));
              new (self) Shrinkage(std::move(rule), eta0, strength, feedback);
            }
          },
          nb::arg("base"), nb::arg("eta0"), nb::arg("tau") = 0.5, nb::arg("feedback") = false,
          nb::sig("def __init__(self, base: object, eta0: Expectations, tau: float | Expectations = 0.5, "
                  "feedback: bool = False) -> None"))
      .def("__repr__", [](const Shrinkage&) { return "Shrinkage(...)"; });
}

void bind_shrinkage_targets(nb::module_& m) {
  m.def(
      "eta0_from_model",
      [](const AnyNormalMixture& any) {
        return std::visit([](const auto& model) { return eta0_from_model(model); }, any);
      },
      nb::arg("model"), nb::sig("def eta0_from_model(model: NormalMixture) -> Expectations"),
      "The model's own expectation parameters, as a target of Shrinkage.");
  m.def(
      "eta0_isotropic",
      [](const AnyNormalMixture& any, double sigma2) {
        return std::visit([&](const auto& model) { return eta0_isotropic(model, sigma2); }, any);
      },
      nb::arg("model"), nb::arg("sigma2"),
      nb::sig("def eta0_isotropic(model: NormalMixture, sigma2: float) -> Expectations"),
      "Target with the model's mu, gamma and law of Y, and the dispersion sigma2 I; sigma2 > 0.");
  m.def(
      "eta0_diagonal",
      [](const AnyNormalMixture& any, nb::handle diag) {
        return std::visit([&](const auto& model) { return eta0_diagonal(model, to_vector(diag, "diag")); }, any);
      },
      nb::arg("model"), nb::arg("diag"),
      nb::sig("def eta0_diagonal(model: NormalMixture, diag: numpy.typing.ArrayLike) -> Expectations"),
      "Target with the model's mu, gamma and law of Y, and a diagonal dispersion; diag (d) > 0.");
  m.def(
      "eta0_with_sigma",
      [](const AnyNormalMixture& any, nb::handle sigma) {
        return std::visit([&](const auto& model) { return eta0_with_sigma(model, to_matrix(sigma, "Sigma0")); }, any);
      },
      nb::arg("model"), nb::arg("Sigma0"),
      nb::sig("def eta0_with_sigma(model: NormalMixture, Sigma0: numpy.typing.ArrayLike) -> Expectations"),
      "Target with the model's mu, gamma and law of Y, and the dispersion Sigma0 (d, d), positive definite.");
}

}  // namespace

UpdateRule to_update_rule(nb::handle object) {
  if (object.is_none()) return PolyakRuppertUpdate{};
  std::optional<UpdateRule> rule;
  if (take<IdentityUpdate>(object, rule) || take<RobbinsMonroUpdate>(object, rule) ||
      take<SampleWeightedUpdate>(object, rule) || take<EWMAUpdate>(object, rule) || take<AffineUpdate>(object, rule) ||
      take<PolyakRuppertUpdate>(object, rule) || take<Shrinkage>(object, rule)) {
    return *std::move(rule);
  }
  throw nb::type_error(
      ("eta_update must be an update rule, got " + nb::cast<std::string>(nb::steal(PyObject_Repr(object.ptr()))))
          .c_str());
}

void bind_update_rules(nb::module_& m) {
  bind_running_rules(m);
  bind_shrinkage_rule(m);
  bind_shrinkage_targets(m);
}

}  // namespace varimix::python
