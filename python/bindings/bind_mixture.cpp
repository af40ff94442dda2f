#include <nanobind/stl/array.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/typing.h>

#include <tuple>

#include "bindings.hpp"
#include "families.hpp"
#include "model_class.hpp"
#include "model_fit.hpp"
#include "plain_data.hpp"
#include "short_text.hpp"

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

/// The pickled parts of a model: the parameters as they are held, so that nothing is lost, and the names of columns.
template <class S>
using State = std::tuple<Vector, Vector, Matrix, decltype(std::declval<const S&>().parameters()),
                         std::optional<std::vector<std::string>>>;

template <class S>
void bind_value(Model<S>& model) {
  using M = MeanVarianceMixture<S>;
  bind_equality(model);
  model.def("__repr__", [](const M& m) { return short_text(m); });
  bind_pickling(
      model,
      [](const M& m) {
        std::optional<std::vector<std::string>> columns;
        if (!m.columns().empty()) columns.emplace(m.columns().names().begin(), m.columns().names().end());
        return nb::cast(State<S>{m.mu(), m.gamma(), m.L_Sigma(), m.subordinator().parameters(), std::move(columns)});
      },
      [](nb::handle parts) {
        const auto [mu, gamma, L_Sigma, shape, columns] = member_from_python<State<S>>(parts);
        M without_names(mu, gamma, L_Sigma, S::from_parameters(shape));
        return columns ? std::move(without_names).with_columns(ColumnNames(*columns)) : without_names;
      });
}

template <class S>
void bind_model(nb::module_& m) {
  Model<S> model(m, kFamilyName<S>, kModelDoc<S>);
  bind_model_construction<S>(model);
  bind_model_parameters<S>(model);
  bind_model_columns<S>(model);
  bind_model_rows<S>(model);
  bind_model_missing<S>(model);
  bind_model_tails<S>(model);
  bind_model_risk<S>(model);
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
