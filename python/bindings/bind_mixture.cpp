#include <nanobind/stl/array.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/typing.h>

#include <tuple>

#include "bindings.hpp"
#include "families.hpp"
#include "model_class.hpp"
#include "model_fit.hpp"
#include "plain_data.hpp"

namespace varimix::python {
namespace {

template <class S>
inline constexpr const char* kModelDoc = nullptr;
template <>
inline constexpr const char* kModelDoc<InverseGaussian> =
    "X = mu + gamma Y + sqrt(Y) Z, Z ~ N(0, Sigma), Y ~ InverseGaussian(mu_ig, lam).\n\n"
    "A model is an immutable value: it is picklable, and compared by its parameters.";
template <>
inline constexpr const char* kModelDoc<Gamma> =
    "X = mu + gamma Y + sqrt(Y) Z, Z ~ N(0, Sigma), Y ~ Gamma(alpha, rate beta).\n\n"
    "The density is unbounded at mu where alpha <= d/2. A model is an immutable value: it is picklable, and\n"
    "compared by its parameters.";
template <>
inline constexpr const char* kModelDoc<InverseGamma> =
    "The skewed t: X = mu + gamma Y + sqrt(Y) Z, Z ~ N(0, Sigma), Y ~ InverseGamma(alpha, beta).\n\n"
    "For gamma = 0 this is Student's t with 2 alpha degrees of freedom. A model is an immutable value: it is\n"
    "picklable, and compared by its parameters.";
template <>
inline constexpr const char* kModelDoc<GeneralizedInverseGaussian> =
    "X = mu + gamma Y + sqrt(Y) Z, Z ~ N(0, Sigma), Y ~ GeneralizedInverseGaussian(p, a, b).\n\n"
    "The other three families are its members p = -1/2, b = 0 and a = 0. A model is an immutable value: it is\n"
    "picklable, and compared by its parameters.";

/// The pickled parts of a model: the parameters as they are held, so that nothing is lost.
template <class S>
using State = std::tuple<Vector, Vector, Matrix, decltype(std::declval<const S&>().parameters())>;

template <class S>
void bind_value(Model<S>& model) {
  using M = MeanVarianceMixture<S>;
  bind_equality(model);
  model.def("__repr__", [](const M& m) { return to_string(m); });
  bind_pickling(
      model,
      [](const M& m) {
        return nb::cast(State<S>{m.mu(), m.gamma(), m.L_Sigma(), m.subordinator().parameters()});
      },
      [](nb::handle parts) {
        const auto [mu, gamma, L_Sigma, shape] = member_from_python<State<S>>(parts);
        return M(mu, gamma, L_Sigma, S::from_parameters(shape));
      });
}

template <class S>
void bind_model(nb::module_& m) {
  Model<S> model(m, kFamilyName<S>, kModelDoc<S>);
  bind_model_construction<S>(model);
  bind_model_parameters<S>(model);
  bind_model_rows<S>(model);
  bind_model_missing<S>(model);
  bind_model_tails<S>(model);
  bind_model_divergences<S>(model);
  bind_value<S>(model);
  model.attr("fit") = FitMethod{};
}

}  // namespace

void bind_mixture(nb::module_& m) {
  bind_e_step_result(m);
  bind_row_posteriors(m);
  bind_conditional(m);
  bind_monte_carlo_estimate(m);
  bind_model_fit(m);
#define VARIMIX_BIND(S) bind_model<S>(m);
  VARIMIX_FOR_EACH_LAW(VARIMIX_BIND)
#undef VARIMIX_BIND
  const nb::object families = nb::make_tuple(nb::type<NormalInverseGaussian>(), nb::type<VarianceGamma>(),
                                             nb::type<NormalInverseGamma>(), nb::type<GeneralizedHyperbolic>());
  const nb::object any = nb::module_::import_("typing").attr("Union")[families];
  m.attr("MeanVarianceMixture") = any;
  m.attr("AnyModel") = nb::type_var("AnyModel", nb::arg("bound") = any);
}

}  // namespace varimix::python
