#include <nanobind/stl/variant.h>

#include "bindings.hpp"
#include "families.hpp"
#include "model_class.hpp"
#include "numpy_arguments.hpp"
#include "varimix/risk/conditional_law.hpp"
#include "varimix/univariate/tail_risk.hpp"

namespace varimix::python {
namespace {

using TailFunction = void (*)(const UnivariateLaw&, std::span<const double>, std::span<double>);

/// Adds a second form of a function of a level, which takes the probability of the tail. `name` is a literal.
template <class S>
void def_of_tail(Model<S>& model, const char* name, TailFunction function, const char* doc) {
  const std::string signature = std::string("def ") + name + "(self, *, alpha: numpy.typing.ArrayLike) -> typing.Any";
  model.def(
      name,
      [name, function](const MeanVarianceMixture<S>& m, nb::handle alpha) {
        const UnivariateLaw law = m.univariate_law(name);
        return map_span(alpha, "alpha", [&](auto in, auto out) { function(law, in, out); });
      },
      nb::kw_only(), nb::arg("alpha"), nb::sig(signature.c_str()), doc);
}

template <class S>
AnyMeanVarianceMixture law_given(const MeanVarianceMixture<S>& model, nb::handle given) {
  const nb::object names = model.columns().empty() ? nb::none() : nb::object(tuple_of(model.columns()));
  const nb::object parts =
      nb::module_::import_("varimix.risk.conditioning").attr("columns_and_values")(given, names, model.d());
  return conditional_law(model, nb::cast<std::vector<Index>>(parts[0]), to_vector(parts[1], "given"));
}

}  // namespace

template <class S>
void bind_model_risk(Model<S>& model) {
  def_of_tail<S>(
      model, "value_at_risk", static_cast<TailFunction>(&tail_value_at_risk),
      "With alpha, the probability of the tail itself, return value_at_risk(1 - alpha) without the rounding\n"
      "of 1 - alpha. ValueError for an alpha outside [0, 1].");
  def_of_tail<S>(model, "expected_shortfall", static_cast<TailFunction>(&tail_expected_shortfall),
                 "With alpha, the probability of the tail itself, return expected_shortfall(1 - alpha) without the\n"
                 "rounding of 1 - alpha. ValueError for an alpha outside [0, 1).");
  model.def("conditional_law", &law_given<S>, nb::arg("given").none(),
            nb::sig("def conditional_law(self, given: collections.abc.Mapping[typing.Any, typing.Any]) -> "
                    "VarianceGamma | NormalInverseGamma | GeneralizedHyperbolic"),
            "Return the exact law of the other columns given the values of some.\n\n"
            "`given` maps columns, by name or by number from 0, to numbers; a Series of pandas by names serves too.\n"
            "With x_A given, B = Sigma_MA Sigma_AA^-1, r = x_A - mu_A, k the number of columns given and\n"
            "Y ~ GIG(p, a, b), the other columns are\n\n"
            "    mu_M + B r + (gamma_M - B gamma_A) Y + sqrt(Y) Z, Z ~ N(0, Sigma_MM - B Sigma_AM),\n"
            "    Y ~ GIG(p - k/2, a + gamma_A' Sigma_AA^-1 gamma_A, b + r' Sigma_AA^-1 r)\n\n"
            "(McNeil, Frey and Embrechts 2015, section 6.2): a GeneralizedHyperbolic with the names of its columns,\n"
            "in their order, and with everything that a model has. Of a NormalInverseGamma with gamma_A = 0 it is a\n"
            "NormalInverseGamma; of a VarianceGamma at r = 0 a VarianceGamma.\n\n"
            "ValueError for a column that is not there or comes twice, none or all of them, a value that is not\n"
            "finite, and for r = 0 where the density of x_A is unbounded (a VarianceGamma with alpha <= k/2): Y is 0\n"
            "there. TypeError for anything but a mapping or a Series. Cost: O(d^3).");
}

#define VARIMIX_INSTANTIATE(S) template void bind_model_risk<S>(Model<S> & model);
VARIMIX_FOR_EACH_LAW(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix::python
