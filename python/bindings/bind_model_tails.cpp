#include "bindings.hpp"
#include "families.hpp"
#include "law_class.hpp"
#include "model_class.hpp"
#include "numpy_arguments.hpp"
#include "varimix/univariate/univariate_law.hpp"

namespace varimix::python {
namespace {

using SpanFunction = void (*)(const UnivariateLaw&, std::span<const double>, std::span<double>);

/// Adds a function of a one-dimensional law, taken elementwise. `name` and `argument` are literals.
template <class S>
void def_elementwise(Model<S>& model, const char* name, const char* argument, SpanFunction function, const char* doc) {
  const std::string signature =
      std::string("def ") + name + "(self, " + argument + ": numpy.typing.ArrayLike) -> typing.Any";
  model.def(
      name,
      [name, argument, function](const MeanVarianceMixture<S>& m, nb::handle x) {
        const UnivariateLaw law = m.univariate_law(name);
        return map_span(x, argument, [&](auto in, auto out) { function(law, in, out); });
      },
      nb::arg(argument), nb::sig(signature.c_str()), doc);
}

}  // namespace

template <class S>
void bind_model_tails(Model<S>& model) {
  def_elementwise<S>(model, "cdf", "x", &cdf,
                     "Return p = P(X <= x), elementwise, d = 1 only. In the left tail the relative error is at most\n"
                     "1e-13 max(1, |log p|).");
  def_elementwise<S>(model, "sf", "x", &sf,
                     "Return P(X > x), elementwise, d = 1 only; it is computed as such, not as 1 - cdf.");
  def_elementwise<S>(model, "log_cdf", "x", &log_cdf,
                     "Return log P(X <= x), elementwise, d = 1 only; it does not underflow up to 1e100\n"
                     "standard units sigma sqrt(E[Y]) from mu, beyond which a tail that falls exponentially is 0.");
  def_elementwise<S>(model, "log_sf", "x", &log_sf,
                     "Return log P(X > x), elementwise, d = 1 only; it does not underflow within the same distance as\n"
                     "log_cdf.");
  def_elementwise<S>(model, "ppf", "q", &ppf,
                     "Return the x with cdf(x) = q, elementwise, d = 1 only. ValueError for q outside [0, 1].");
  def_elementwise<S>(model, "isf", "q", &isf,
                     "Return the x with sf(x) = q, elementwise, d = 1 only; it keeps all digits of a small q.\n"
                     "ValueError for q outside [0, 1].");
  def_elementwise<S>(
      model, "value_at_risk", "level", &value_at_risk,
      "Return the value at risk of a return X, elementwise, d = 1 only: the loss -X exceeds it with\n"
      "probability 1 - level. It is positive where it is a loss. ValueError for a level outside [0, 1].");
  def_elementwise<S>(
      model, "expected_shortfall", "level", &expected_shortfall,
      "Return the mean of the losses -X beyond value_at_risk(level), elementwise, d = 1 only; inf where it does\n"
      "not exist. ValueError for a level outside (0, 1].");
  using M = MeanVarianceMixture<S>;
  model.def("var", &M::var, "Return the variance, d = 1 only; it is the number in cov().")
      .def("median", &M::median, "Return the x with cdf(x) = 1/2, d = 1 only.")
      .def(
          "interval", [](const M& m, double confidence) { return pair_of(m.interval(confidence)); },
          nb::arg("confidence"),
          "Return the two points between which X lies with this probability, half of the rest on either side,\n"
          "d = 1 only. ValueError for a confidence outside [0, 1].");
}

#define VARIMIX_INSTANTIATE(S) template void bind_model_tails<S>(Model<S> & model);
VARIMIX_FOR_EACH_LAW(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix::python
