#include <nanobind/stl/variant.h>

#include <tuple>
#include <variant>

#include "any_family.hpp"
#include "bindings.hpp"
#include "families.hpp"
#include "named_status.hpp"
#include "plain_data.hpp"
#include "read_only.hpp"
#include "short_text.hpp"

namespace varimix::python {
namespace {

ReadOnlyVector to_array(const std::vector<double>& values) {
  return read_only(Vector(Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()))));
}

constexpr auto kResultMembers = [](auto& result) {
  auto& [model, log_likelihoods, param_changes, log_score, log_likelihood, n_parameters, held, has_prior, total_weight,
         n_iter, converged, elapsed_time, diverged, status, goodness_of_fit] = result;
  return std::tie(model, log_likelihoods, param_changes, log_score, log_likelihood, n_parameters, held, has_prior,
                  total_weight, n_iter, converged, elapsed_time, diverged, status, goodness_of_fit);
};

bool same_results(const AnyEMResult& left, const AnyEMResult& right) {
  return visit_family(left, [&]<class S>(const EMResult<MeanVarianceMixture<S>>& mine) {
    const auto* other = std::get_if<EMResult<MeanVarianceMixture<S>>>(&right.any);
    return other != nullptr && same_members(mine, *other, kResultMembers);
  });
}

AnyEMResult from_state(nb::handle parts) {
  if (!nb::isinstance<nb::tuple>(parts) || nb::len(parts) == 0) throw nb::type_error("a pickled EMResult has parts");
  const auto any = member_from_python<AnyMeanVarianceMixture>(nb::object(parts[0]));
  return std::visit(
      [&]<class S>(const MeanVarianceMixture<S>& /*model*/) {
        return AnyEMResult{members_from_python<EMResult<MeanVarianceMixture<S>>>(parts, kResultMembers)};
      },
      any);
}

std::string repr_of_result(const AnyEMResult& result) {
  return visit_family(result, [](const auto& r) {
    return "EMResult(n_iter=" + std::to_string(r.n_iter) + ", elapsed_time=" + to_string(r.elapsed_time) +
           " s, status='" + named(r.status, r.model.columns()).sentence() + "', model=" + short_text(r.model) + ")";
  });
}

/// Adds a property that shows a field of the result, whatever the family.
template <class Class, class Field>
void def_field(Class& bound, const char* name, Field field, const char* doc) {
  bound.def_prop_ro(
      name, [field](const AnyEMResult& result) { return visit_family(result, field); }, kArray, doc);
}

}  // namespace

void bind_em_result(nb::module_& m) {
  nb::class_<AnyEMResult> result(m, "EMResult", nb::is_generic(), nb::sig("class EMResult(typing.Generic[AnyModel])"),
                                 "The result of a fit, of any family. It holds no data. It is a value: it is "
                                 "compared by all that it holds, and can be pickled and copied.");
  result.def("__eq__", &same_results, nb::is_operator(), nb::sig("def __eq__(self, arg: object, /) -> bool"));
  result.attr("__hash__") = nb::none();
  bind_pickling(
      result,
      [](const AnyEMResult& of) {
        return visit_family(of, [](const auto& r) { return members_to_python(r, kResultMembers); });
      },
      &from_state);
  result
      .def_prop_ro(
          "model",
          [](const AnyEMResult& r) { return visit_family(r, [](const auto& of) { return nb::cast(of.model); }); },
          nb::for_getter(nb::sig("def model(self) -> AnyModel")), "The fitted model.")
      .def(
          "summary",
          [](const AnyEMResult& r) {
            return visit_family(r, [](const auto& of) { return named(of, of.model.columns()).summary(); });
          },
          "Return some lines in plain words: the family, how the fit ended, and each outcome with what can be done.")
      .def(
          "inference",
          [](nb::handle self, nb::handle x, const nb::kwargs& options) {
            return nb::module_::import_("varimix.inference").attr("inference")(self, x, **options);
          },
          nb::arg("X"), nb::arg("options"),
          nb::sig("def inference(self, X: numpy.typing.ArrayLike, **options: typing.Any) -> typing.Any"),
          "Return varimix.inference.inference(self, X, **options), an Inference: standard errors and intervals of the\n"
          "model, which was fitted to the rows X.")
      .def("__repr__", &repr_of_result);
  def_field(
      result, "log_likelihoods", [](const auto& r) { return to_array(r.log_likelihoods); },
      "Mean log-likelihoods, nats per row. Batch EM gives that of every model that it accepted, the initial one\n"
      "first (with a prior, penalised). Incremental EM gives, with verbose, that of all rows after every\n"
      "max(1, max_steps // 10) steps and at the end. Read-only.");
  def_field(
      result, "param_changes", [](const auto& r) { return to_array(r.param_changes); },
      "The largest gauge-free change of the driving model in every step. Read-only.");
  def_field(
      result, "log_score", [](const auto& r) { return r.log_score; },
      "Mean score of the rows of fit_stream before they were learned, nats per row; None for other fits.");
  def_field(
      result, "log_likelihood", [](const auto& r) { return r.log_likelihood; },
      "Log-likelihood of the model, the sum over all rows by weight, nats, without a prior, of batch EM: inf where\n"
      "the density of a row is, -inf where rows overflow. None for other fits, whose last model has not seen all\n"
      "rows: model.log_prob(X) tells.");
  def_field(
      result, "n_parameters", [](const auto& r) { return r.n_parameters; },
      "Number of free parameters: those that `symmetric` and `fixed` do not hold.");
  result.def_prop_ro(
      "held",
      [](const AnyEMResult& r) { return visit_family(r, [](const auto& of) { return nb::tuple(nb::cast(of.held)); }); },
      nb::for_getter(nb::sig("def held(self) -> tuple[str, ...]")),
      "Names of the parameters that batch EM held, sorted; `symmetric` held 'gamma'.");
  def_field(
      result, "has_prior", [](const auto& r) { return r.has_prior; },
      "True if batch EM raised a penalised likelihood: the model is not of maximum likelihood.");
  def_field(
      result, "goodness_of_fit", [](const auto& r) { return r.goodness_of_fit; },
      "What a test of goodness of fit found, in words; '' where none was made: see varimix.inference.goodness_of_fit.");
  def_field(
      result, "total_weight", [](const auto& r) { return r.total_weight; },
      "Sum of the weights behind log_likelihood, of batch EM: the number of rows that show something, without "
      "weights.");
  def_field(
      result, "aic", [](const auto& r) { return r.aic(); },
      "Akaike's criterion, 2 n_parameters - 2 log_likelihood; None where log_likelihood is.");
  def_field(
      result, "bic", [](const auto& r) { return r.bic(); },
      "Schwarz's criterion, n_parameters log N - 2 log_likelihood, N the sum of weights; None where log_likelihood "
      "is.");
  def_field(
      result, "n_iter", [](const auto& r) { return r.n_iter; },
      "Number of steps taken; for batch EM, of passes over the rows.");
  def_field(
      result, "converged", [](const auto& r) { return r.converged; },
      "True if the stopping rule was met. False for incremental EM, which has none; see status.");
  def_field(
      result, "elapsed_time", [](const auto& r) { return r.elapsed_time; }, "Time taken, seconds.");
  def_field(
      result, "diverged", [](const auto& r) { return r.diverged; }, "True if a step was not finite and was not taken.");
  def_field(
      result, "status", [](const auto& r) { return named(r.status, r.model.columns()); }, "The outcomes of the fit.");
}

}  // namespace varimix::python
