#include <nanobind/stl/variant.h>

#include "bindings.hpp"
#include "families.hpp"
#include "gil.hpp"
#include "model_class.hpp"
#include "numpy_arguments.hpp"
#include "plain_data.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/divergence.hpp"

namespace varimix::python {
namespace {

/// Returns a divergence from a model of any family, estimated by simulation without the interpreter's lock.
template <class S, class Estimate>
MonteCarloEstimate by_simulation(const MeanVarianceMixture<S>& model, const AnyMeanVarianceMixture& other,
                                 std::int64_t n, nb::handle seed, Estimate&& estimate) {
  const Seed key = to_key(seed, "seed");
  const GilRelease release;
  return std::visit([&](const auto& of) { return estimate(model, of, n, key); }, other);
}

/// Returns a model that Python gave, which a closed form takes if it is of this family.
template <class S>
const MeanVarianceMixture<S>& same_family(const AnyMeanVarianceMixture& other, const char* for_any_family) {
  const auto* same = std::get_if<MeanVarianceMixture<S>>(&other);
  const Family family = std::visit([]<class T>(const MeanVarianceMixture<T>& /*of*/) { return kFamily<T>; }, other);
  require(same != nullptr, "other", std::string("a ") + kFamilyName<S> + ", as this model",
          std::string("a ").append(word(family)).append("; ").append(for_any_family).append(" takes any family"));
  return *same;
}

/// Returns the signature of a function of a model and another of its family.
template <class S>
std::string of_same_family(const char* name) {
  return std::string("def ") + name + "(self, other: " + kFamilyName<S> + ") -> float";
}

}  // namespace

void bind_monte_carlo_estimate(nb::module_& m) {
  nb::class_<MonteCarloEstimate> estimate(m, "MonteCarloEstimate",
                                          "The mean of n independent terms, with its standard error.");
  bind_plain_data(estimate, [](auto& of) {
    auto& [value, standard_error, n] = of;
    return std::tie(value, standard_error, n);
  });
  estimate.def_ro("value", &MonteCarloEstimate::value, "The mean.")
      .def_ro("standard_error", &MonteCarloEstimate::standard_error, "Estimate of the standard deviation of the mean.")
      .def_ro("n", &MonteCarloEstimate::n, "Number of terms in the mean.")
      .def("__repr__", [](const MonteCarloEstimate& e) {
        return "MonteCarloEstimate(value=" + to_string(e.value) + ", standard_error=" + to_string(e.standard_error) +
               ", n=" + std::to_string(e.n) + ")";
      });
}

template <class S>
void bind_model_divergences(Model<S>& model) {
  using M = MeanVarianceMixture<S>;
  model
      .def(
          "squared_hellinger",
          [](const M& m, const AnyMeanVarianceMixture& other) {
            return squared_hellinger(m, same_family<S>(other, "monte_carlo_squared_hellinger"));
          },
          nb::arg("other"), nb::call_guard<GilRelease>(), nb::sig(of_same_family<S>("squared_hellinger").c_str()),
          "Return the squared Hellinger distance of the joint laws of (X, Y), in [0, 1], in closed form.\n\n"
          "It is 1 - Int sqrt(f g), with f and g the densities of both models in the gauge in which log Y has its\n"
          "mode at 0. So it depends on the laws of X only, and is at least the distance of the laws of X alone.\n"
          "ValueError for another dimension or family; monte_carlo_squared_hellinger takes any family.")
      .def(
          "kl_divergence",
          [](const M& m, const AnyMeanVarianceMixture& other) {
            return kl_divergence(m, same_family<S>(other, "monte_carlo_kl_divergence"));
          },
          nb::arg("other"), nb::call_guard<GilRelease>(), nb::sig(of_same_family<S>("kl_divergence").c_str()),
          "Return E[log f(X, Y) - log g(X, Y)] under this model, nats, in closed form; it may be inf.\n\n"
          "f and g are the joint densities of this and the other model in the gauge of squared_hellinger. The result\n"
          "is at least the divergence of the laws of X alone. ValueError for another dimension or family;\n"
          "monte_carlo_kl_divergence takes any family.")
      .def(
          "monte_carlo_squared_hellinger",
          [](const M& m, const AnyMeanVarianceMixture& other, std::int64_t n, nb::handle seed) {
            return by_simulation(m, other, n, seed,
                                 [](const auto& f, const auto& g, std::int64_t rows, const Seed& key) {
                                   return monte_carlo_squared_hellinger(f, g, rows, key);
                                 });
          },
          nb::arg("other"), nb::arg("n"), nb::arg("seed") = nb::none(),
          nb::sig("def monte_carlo_squared_hellinger(self, other: MeanVarianceMixture, n: int, "
                  "seed: numpy.typing.ArrayLike | numpy.random.Generator | None = None) -> MonteCarloEstimate"),
          "Estimate the squared Hellinger distance H^2 of the laws of X, from a model of any family, by n pairs of\n"
          "draws.\n\n"
          "The standard error is at most H / sqrt(2n). The bits are the same for any number of threads. ValueError\n"
          "for n < 2.")
      .def(
          "monte_carlo_kl_divergence",
          [](const M& m, const AnyMeanVarianceMixture& other, std::int64_t n, nb::handle seed) {
            return by_simulation(m, other, n, seed,
                                 [](const auto& f, const auto& g, std::int64_t rows, const Seed& key) {
                                   return monte_carlo_kl_divergence(f, g, rows, key);
                                 });
          },
          nb::arg("other"), nb::arg("n"), nb::arg("seed") = nb::none(),
          nb::sig("def monte_carlo_kl_divergence(self, other: MeanVarianceMixture, n: int, "
                  "seed: numpy.typing.ArrayLike | numpy.random.Generator | None = None) -> MonteCarloEstimate"),
          "Estimate E[log f(X) - log g(X)], nats, by n draws of this model, with f and g the densities of X under\n"
          "this model and under the other, which may be of any family.\n\n"
          "Where the tails of this one are much heavier the variance is infinite, and the standard error says\n"
          "little. ValueError for n < 2.");
}

#define VARIMIX_INSTANTIATE(S) template void bind_model_divergences<S>(Model<S> & model);
VARIMIX_FOR_EACH_LAW(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix::python
