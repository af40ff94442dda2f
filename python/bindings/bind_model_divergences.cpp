#include <nanobind/stl/variant.h>

#include "bindings.hpp"
#include "families.hpp"
#include "gil.hpp"
#include "model_class.hpp"
#include "numpy_arguments.hpp"
#include "plain_data.hpp"
#include "varimix/mixture/divergence.hpp"

namespace varimix::python {
namespace {

/// A divergence from a model of any family, by simulation, without the interpreter's lock.
template <class S, class Estimate>
MonteCarloEstimate by_simulation(const MeanVarianceMixture<S>& model, const AnyMeanVarianceMixture& other,
                                 std::int64_t n, nb::handle seed, Estimate&& estimate) {
  const Seed key = to_key(seed, "seed");
  const GilRelease release;
  return std::visit([&](const auto& of) { return estimate(model, of, n, key); }, other);
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
      .def_ro("standard_error", &MonteCarloEstimate::standard_error, "Estimate of the mean's standard deviation.")
      .def_ro("n", &MonteCarloEstimate::n, "Terms in the mean.")
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
          "squared_hellinger", [](const M& m, const M& other) { return squared_hellinger(m, other); }, nb::arg("other"),
          nb::call_guard<GilRelease>(),
          "Squared Hellinger distance of the joint laws of (X, Y), in [0, 1], in closed form.\n\n"
          "1 - Int sqrt(f g), both models in the gauge in which log Y has its mode at 0: so defined it is one of laws\n"
          "of X, at least that of X alone. ValueError for another dimension.")
      .def(
          "kl_divergence", [](const M& m, const M& other) { return kl_divergence(m, other); }, nb::arg("other"),
          nb::call_guard<GilRelease>(),
          "E[log f(X, Y) - log g(X, Y)] under this model, nats, of the joint laws, in closed form; inf where it is.\n\n"
          "In the gauge of squared_hellinger; at least that of the laws of X alone. ValueError for another dimension.")
      .def(
          "monte_carlo_squared_hellinger",
          [](const M& m, const AnyMeanVarianceMixture& other, std::int64_t n, nb::handle seed) {
            return by_simulation(m, other, n, seed,
                                 [](const auto& f, const auto& g, std::int64_t rows, const Seed& key) {
                                   return monte_carlo_squared_hellinger(f, g, rows, key);
                                 });
          },
          nb::arg("other"), nb::arg("n"), nb::arg("seed"),
          nb::sig("def monte_carlo_squared_hellinger(self, other: MeanVarianceMixture, n: int, seed: "
                  "numpy.typing.ArrayLike) "
                  "-> MonteCarloEstimate"),
          "Squared Hellinger distance of the laws of X, from a model of any family, by n pairs of draws.\n\n"
          "The standard error is at most H / sqrt(2n). The same bits for any number of threads. ValueError for n < 2.")
      .def(
          "monte_carlo_kl_divergence",
          [](const M& m, const AnyMeanVarianceMixture& other, std::int64_t n, nb::handle seed) {
            return by_simulation(m, other, n, seed,
                                 [](const auto& f, const auto& g, std::int64_t rows, const Seed& key) {
                                   return monte_carlo_kl_divergence(f, g, rows, key);
                                 });
          },
          nb::arg("other"), nb::arg("n"), nb::arg("seed"),
          nb::sig(
              "def monte_carlo_kl_divergence(self, other: MeanVarianceMixture, n: int, seed: numpy.typing.ArrayLike) "
              "-> MonteCarloEstimate"),
          "E[log f(X) - log g(X)] of the laws of X, nats, from a model of any family, by n draws of this one.\n\n"
          "Where the tails of this one are much heavier the variance is infinite, and the standard error says\n"
          "little. ValueError for n < 2.");
}

#define VARIMIX_INSTANTIATE(S) template void bind_model_divergences<S>(Model<S> & model);
VARIMIX_FOR_EACH_LAW(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix::python
