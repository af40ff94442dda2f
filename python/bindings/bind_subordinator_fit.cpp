#include <nanobind/typing.h>

#include <array>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "bindings.hpp"
#include "families.hpp"
#include "gil.hpp"
#include "law_class.hpp"
#include "numpy_arguments.hpp"
#include "plain_data.hpp"
#include "varimix/core/require.hpp"
#include "varimix/subordinator/fit.hpp"

namespace varimix::python {
namespace {

/// The result of fitting a law of Y to data, whatever the family.
struct LawFit {
  nb::object law;
  std::string limit;
  double log_likelihood;
  double total_weight;
};

/// Returns the names of the means of the sufficient statistics, in the order of S::expectation_parameters.
template <class S>
std::vector<std::string> statistic_names() {
  if constexpr (std::is_same_v<S, InverseGaussian>) return {"E_inv_Y", "E_Y"};
  if constexpr (std::is_same_v<S, Gamma>) return {"E_Y", "E_log_Y"};
  if constexpr (std::is_same_v<S, InverseGamma>) return {"E_inv_Y", "E_log_Y"};
  return {"E_inv_Y", "E_Y", "E_log_Y"};
}

template <class S>
using Parameters = decltype(std::declval<const S&>().parameters());

template <class S>
S from_expectation(std::optional<double> E_inv_Y, std::optional<double> E_Y, std::optional<double> E_log_Y) {
  const std::map<std::string, std::optional<double>> given = {{"E_inv_Y", E_inv_Y}, {"E_Y", E_Y}, {"E_log_Y", E_log_Y}};
  for (const std::string& name : statistic_names<S>()) {
    require(given.at(name).has_value(), name, "given for a " + std::string(S::kName), "None");
  }
  constexpr double kNotUsed = 1.0;
  return S::from_expectation(E_inv_Y.value_or(kNotUsed), E_Y.value_or(kNotUsed), E_log_Y);
}

bool is_law(nb::handle object) {
#define VARIMIX_TRY(S) \
  if (nb::isinstance<S>(object)) return true;
  VARIMIX_FOR_EACH_LAW(VARIMIX_TRY)
#undef VARIMIX_TRY
  return false;
}

void bind_value_of_fit(nb::class_<LawFit>& bound) {
  static constexpr auto kMembersOfFit = [](auto& fit) {
    auto& [law, limit, log_likelihood, total_weight] = fit;
    return std::tie(law, limit, log_likelihood, total_weight);
  };
  bound.def(
      "__eq__",
      [](const LawFit& a, const LawFit& b) {
        return a.law.equal(b.law) && a.limit == b.limit && a.log_likelihood == b.log_likelihood &&
               a.total_weight == b.total_weight;
      },
      nb::is_operator(), nb::sig("def __eq__(self, arg: object, /) -> bool"));
  bound.attr("__hash__") = nb::none();
  bind_pickling(
      bound, [](const LawFit& fit) { return members_to_python(fit, kMembersOfFit); },
      [](nb::handle parts) {
        auto fit = members_from_python<LawFit>(parts, kMembersOfFit);
        if (!is_law(fit.law)) throw nb::type_error("the law of a pickled LawFit is a law of Y");
        return fit;
      });
}

template <class S, std::size_t... k>
void def_fit(Law<S>& law, std::index_sequence<k...> /*parameters*/) {
  law.def_static(
      "fit",
      [](nb::handle data, nb::handle weights, OptionalNumber<k>... held) {
        const Numbers y(data, "data");
        const std::optional<Numbers> w =
            weights.is_none() ? std::nullopt : std::optional<Numbers>(std::in_place, weights, "weights");
        require(!w || !w->span().empty() || y.span().empty(), "weights", "one for each datum", "none");
        const DataFit<S> found = [&] {
          const GilRelease release;
          return fit_subordinator<S>(y.span(), w ? w->span() : std::span<const double>{}, {{held...}});
        }();
        return LawFit{nb::cast(found.law), std::string(name(found.limit)), found.log_likelihood, found.total_weight};
      },
      nb::arg("data"), nb::arg("weights") = nb::none(), nb::kw_only(), (nb::arg(S::kParameterNames[k]) = nb::none())...,
      nb::sig(for_family<S>("def fit(data: numpy.typing.ArrayLike, weights: numpy.typing.ArrayLike | None = None, *, "
                            "{shape}) -> LawFit[{law}]",
                            ": float | None = None")
                  .c_str()),
      "Return the law under which positive data are most likely; a parameter that is given is held at that value.\n\n"
      "Weights are >= 0, one a datum; zero weight is an absent datum. ValueError for no data, or data not\n"
      "finite and > 0.");
}

}  // namespace

template <class S>
void bind_exponential_family(Law<S>& law) {
  law.def(
         "natural_parameters",
         [](const S& self) {
           const auto theta = self.natural_parameters();
           return Vector(Eigen::Map<const Vector>(theta.data(), static_cast<Index>(theta.size())));
         },
         "Return theta of the exponential family, in the order that the class's documentation gives.")
      .def_static(
          "from_natural",
          [](nb::handle theta) {
            Parameters<S> values;
            const Vector given = to_vector(theta, "theta");
            require(given.size() == static_cast<Index>(values.size()), "theta",
                    "of " + std::to_string(values.size()) + " numbers", given.size());
            std::copy(given.begin(), given.end(), values.begin());
            return S::from_natural(values);
          },
          nb::arg("theta"), nb::sig(for_family<S>("def from_natural(theta: numpy.typing.ArrayLike) -> {law}").c_str()),
          "Return the law with these natural parameters. ValueError where its own parameters would be outside their\n"
          "domain.")
      .def(
          "expectation_parameters",
          [](const S& self) {
            const auto eta = self.expectation_parameters();
            const std::vector<std::string> names = statistic_names<S>();
            nb::dict named;
            for (std::size_t k = 0; k < eta.size(); ++k) named[names[k].c_str()] = eta[k];
            return named;
          },
          nb::sig("def expectation_parameters(self) -> dict[str, float]"),
          "Return eta = E[t] by name, in the order of the statistics t: ``from_expectation(**eta)`` is the law again.")
      .def_static("from_expectation", &from_expectation<S>, nb::arg("E_inv_Y") = nb::none(),
                  nb::arg("E_Y") = nb::none(), nb::arg("E_log_Y") = nb::none(),
                  nb::sig(for_family<S>("def from_expectation(E_inv_Y: float | None = None, E_Y: float | None = None, "
                                        "E_log_Y: float | None = None) -> {law}")
                              .c_str()),
                  "Return the law with these moments, which is the one of maximum likelihood.\n\n"
                  "The moments of the law's sufficient statistics are needed, others are ignored. ValueError if\n"
                  "one is missing, or if they are infeasible.");
}

template <class S>
void bind_law_fit(Law<S>& law) {
  def_fit<S>(law, kParameterIndices<S>);
}

void bind_law_fit_result(nb::module_& m) {
  m.attr("Law") = nb::type_var("Law");
  nb::class_<LawFit> law_fit(m, "LawFit", nb::is_generic(), nb::sig("class LawFit(typing.Generic[Law])"),
                             "A maximum-likelihood fit of a law of Y to positive data.");
  bind_value_of_fit(law_fit);
  law_fit
      .def_prop_ro(
          "law", [](const LawFit& fit) { return fit.law; }, nb::for_getter(nb::sig("def law(self) -> Law")), "The law.")
      .def_ro("limit", &LawFit::limit,
              "Limit of its family at which the law lies: 'none' (inside), 'gaussian' (Y is constant to rounding),\n"
              "'gamma_face', 'inverse_gamma_face', 'order_not_identified', 'parameter_bound'.")
      .def_ro("log_likelihood", &LawFit::log_likelihood, "Sum of w_i log f(y_i), nats.")
      .def_ro("total_weight", &LawFit::total_weight, "Sum of the weights; without weights the number of data.")
      .def("__repr__", [](const LawFit& fit) {
        return "LawFit(law=" + nb::cast<std::string>(nb::repr(fit.law)) + ", limit='" + fit.limit +
               "', log_likelihood=" + to_string(fit.log_likelihood) + ")";
      });
}

#define VARIMIX_INSTANTIATE(S)                            \
  template void bind_exponential_family<S>(Law<S> & law); \
  template void bind_law_fit<S>(Law<S> & law);
VARIMIX_FOR_EACH_LAW(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix::python
