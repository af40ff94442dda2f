#include <nanobind/stl/array.h>

#include <cmath>

#include "bindings.hpp"
#include "families.hpp"
#include "gil.hpp"
#include "law_class.hpp"
#include "numpy_arguments.hpp"
#include "plain_data.hpp"
#include "varimix/subordinator/draw.hpp"

namespace varimix::python {
namespace {

template <class S>
inline constexpr const char* kLawDoc = nullptr;
template <>
inline constexpr const char* kLawDoc<InverseGaussian> =
    "Inverse Gaussian law of Y: mean mu_ig, shape lam, both > 0 and in the unit of Y.\n\n"
    "The density is sqrt(lam / (2 pi y^3)) exp(-lam (y - mu_ig)^2 / (2 mu_ig^2 y)); this is the GIG with\n"
    "p = -1/2, a = lam / mu_ig^2, b = lam. As an exponential family it has the statistics t = (1/Y, Y) and the\n"
    "natural parameters theta = (-lam/2, -lam/(2 mu_ig^2)).";
template <>
inline constexpr const char* kLawDoc<Gamma> =
    "Gamma law of Y: shape alpha, rate beta, both > 0; beta in the unit of 1/Y.\n\n"
    "The density is beta^alpha / Gamma(alpha) y^(alpha-1) exp(-beta y); this is the GIG with p = alpha,\n"
    "a = 2 beta, b = 0. As an exponential family it has the statistics t = (Y, log Y) and the natural\n"
    "parameters theta = (-beta, alpha - 1).";
template <>
inline constexpr const char* kLawDoc<InverseGamma> =
    "Inverse Gamma law of Y, that of 1/Gamma: shape alpha, scale beta, both > 0; beta in the unit of Y.\n\n"
    "The density is beta^alpha / Gamma(alpha) y^(-alpha-1) exp(-beta/y); this is the GIG with p = -alpha,\n"
    "a = 0, b = 2 beta. As an exponential family it has the statistics t = (1/Y, log Y) and the natural\n"
    "parameters theta = (-beta, -alpha - 1).";
template <>
inline constexpr const char* kLawDoc<GeneralizedInverseGaussian> =
    "Generalised inverse Gaussian law of Y: order p, a >= 0 in the unit of 1/Y, b >= 0 in that of Y.\n\n"
    "The density is (a/b)^(p/2) / (2 K_p(sqrt(ab))) y^(p-1) exp(-(a y + b/y)/2); a may be 0 only for p < 0\n"
    "(InverseGamma), b only for p > 0 (Gamma). As an exponential family it has the statistics\n"
    "t = (1/Y, Y, log Y) and the natural parameters theta = (-b/2, -a/2, p - 1).";

template <class S>
std::string repr_of_law(const S& law) {
  std::string text = std::string(S::kName) + "(";
  const auto values = law.parameters();
  for (std::size_t k = 0; k < values.size(); ++k) {
    text += (k == 0 ? "" : ", ") + std::string(S::kParameterNames[k]) + "=" + to_string(values[k]);
  }
  return text + ")";
}

template <class S>
using Parameters = decltype(std::declval<const S&>().parameters());

template <class S, std::size_t... k>
void bind_parameters(Law<S>& law, std::index_sequence<k...> /*parameters*/) {
  bind_equality(law);
  law.def(nb::init<Number<k>...>(), nb::arg(S::kParameterNames[k])...).def("__repr__", &repr_of_law<S>);
  bind_pickling(
      law, [](const S& self) { return nb::cast(self.parameters()); },
      [](nb::handle parameters) { return S::from_parameters(member_from_python<Parameters<S>>(parameters)); });
  (law.def_prop_ro(
       S::kParameterNames[k], [](const S& self) { return self.parameters()[k]; },
       "A parameter of the class's density."),
   ...);
}

template <class S>
void bind_moments(Law<S>& law) {
  law.def("E_inv_Y", &S::E_inv_Y, "Return E[1/Y]; inf where it does not exist.")
      .def("E_Y", &S::E_Y, "Return E[Y]; inf where it does not exist.")
      .def("E_log_Y", &S::E_log_Y, "Return E[log Y].")
      .def(
          "moment",
          [](const S& self, nb::handle r) { return map_elements(r, "r", [&](double v) { return self.moment(v); }); },
          nb::arg("r"), nb::sig("def moment(self, r: numpy.typing.ArrayLike) -> typing.Any"),
          "Return E[Y^r], elementwise, for any real r; inf where it does not exist.")
      .def("mean", &S::mean, "Return E[Y]; inf where it does not exist.")
      .def("var", &S::var, "Return the variance of Y; inf where it does not exist.")
      .def("std", &S::std, "Return the standard deviation of Y; inf where it does not exist.")
      .def("median", &S::median, "Return the y with cdf(y) = 1/2.")
      .def(
          "interval", [](const S& self, double confidence) { return pair_of(self.interval(confidence)); },
          nb::arg("confidence"),
          "Return the two points between which Y lies with this probability, half of the rest on either side.\n"
          "ValueError for a confidence outside [0, 1].")
      .def(
          "entropy", [](const S& self) { return self.entropy(); },
          "Return the differential entropy -E[log f(Y)], nats.")
      .def("rescale_y", &S::rescale_y, nb::arg("s"), "Return the law of sY, s > 0.")
      .def(
          "rvs",
          [](const S& self, Index n, nb::handle seed) {
            const Seed key = to_key(seed, "seed");
            const GilRelease release;
            return draw(self, n, key);
          },
          nb::arg("n"), nb::arg("seed") = nb::none(),
          nb::sig("def rvs(self, n: int, seed: numpy.typing.ArrayLike | numpy.random.Generator | None = None) -> "
                  "numpy.typing.NDArray[numpy.float64]"),
          "Return n exact draws of Y. ``seed`` is an integer >= 0, or an array of them: draw i depends on it and i "
          "alone,\n"
          "for any number of threads. A numpy.random.Generator gives the seed from its next 16 bytes; None, the "
          "default,\n"
          "means fresh randomness: other draws in every call.");
}

/// Adds a function of one number, taken elementwise.
template <class S, class Function>
void bind_elementwise(Law<S>& law, const char* name, const char* doc, Function function) {
  const std::string signature = std::string("def ") + name + "(self, y: numpy.typing.ArrayLike) -> typing.Any";
  law.def(
      name,
      [function](const S& self, nb::handle y) {
        return map_elements(y, "y", [&](double value) { return function(self, value); });
      },
      nb::arg("y"), nb::sig(signature.c_str()), doc);
}

template <class S>
void bind_quantile(Law<S>& law, const char* name, const char* doc, bool upper) {
  const std::string signature = std::string("def ") + name + "(self, q: numpy.typing.ArrayLike) -> typing.Any";
  law.def(
      name,
      [upper](const S& self, nb::handle q) {
        return map_span(q, "q", [&](std::span<const double> in, std::span<double> out) {
          for (const double value : in) require_probability(value);
          for (std::size_t i = 0; i < in.size(); ++i) out[i] = upper ? self.isf(in[i]) : self.ppf(in[i]);
        });
      },
      nb::arg("q"), nb::sig(signature.c_str()), doc);
}

template <class S>
void bind_tails(Law<S>& law) {
  bind_elementwise(law, "log_prob", "Return the log density at y, elementwise; -inf for y < 0.",
                   [](const S& self, double y) { return self.log_prob(y); });
  bind_elementwise(law, "pdf", "Return the density at y, elementwise.",
                   [](const S& self, double y) { return std::exp(self.log_prob(y)); });
  bind_elementwise(law, "cdf", "Return P(Y <= y), elementwise; the relative error in the lower tail is 1e-13.",
                   [](const S& self, double y) { return self.cdf(y); });
  bind_elementwise(law, "sf", "Return P(Y > y), elementwise; it is computed as such, not as 1 - cdf.",
                   [](const S& self, double y) { return self.sf(y); });
  bind_elementwise(law, "log_cdf", "Return log P(Y <= y), elementwise; it does not underflow.",
                   [](const S& self, double y) { return self.log_cdf(y); });
  bind_elementwise(law, "log_sf", "Return log P(Y > y), elementwise; it does not underflow.",
                   [](const S& self, double y) { return self.log_sf(y); });
  bind_quantile(law, "ppf", "Return the y with cdf(y) = q, elementwise. ValueError for q outside [0, 1].", false);
  bind_quantile(law, "isf", "Return the y with sf(y) = q, elementwise. ValueError for q outside [0, 1].", true);
}

template <class S>
void bind_law(nb::module_& m) {
  Law<S> law(m, S::kName, kLawDoc<S>);
  bind_parameters<S>(law, kParameterIndices<S>);
  bind_moments<S>(law);
  bind_tails<S>(law);
  bind_exponential_family<S>(law);
  bind_law_fit<S>(law);
}

}  // namespace

void bind_subordinator(nb::module_& m) {
  bind_law_fit_result(m);
#define VARIMIX_BIND(S) bind_law<S>(m);
  VARIMIX_FOR_EACH_LAW(VARIMIX_BIND)
#undef VARIMIX_BIND
}

}  // namespace varimix::python
