#include <nanobind/stl/variant.h>

#include <optional>
#include <utility>

#include "any_family.hpp"
#include "bindings.hpp"
#include "families.hpp"
#include "numpy_arguments.hpp"
#include "read_only.hpp"
#include "varimix/core/choice.hpp"
#include "varimix/core/require.hpp"
#include "varimix/inference/distinguishability_test.hpp"
#include "varimix/inference/goodness_of_fit.hpp"
#include "varimix/inference/likelihood_ratio.hpp"
#include "varimix/inference/symmetry_test.hpp"
#include "varimix/inference/vuong_test.hpp"
#include "varimix/mixture/fixed_parameters.hpp"

namespace varimix::python {
namespace {

template <Choice E>
nb::object word_of(E value) {
  return nb::cast(std::string(word(value)));
}

/// Returns a test as the fields of its class in Python.
nb::dict fields_of_test(const LikelihoodRatio& test) {
  nb::dict fields;
  fields["statistic"] = test.statistic;
  fields["degrees"] = test.degrees;
  fields["p_value"] = test.p_value;
  fields["null_law"] = word_of(test.null_law);
  fields["status"] = word_of(test.status);
  return fields;
}

nb::dict fields_of_test(const VuongTest& test) {
  nb::dict fields;
  fields["statistic"] = test.statistic;
  fields["p_value"] = test.p_value;
  fields["p_value_a_better"] = test.p_value_a_better;
  fields["p_value_b_better"] = test.p_value_b_better;
  fields["mean"] = test.mean;
  fields["variance"] = test.variance;
  fields["rows"] = test.rows;
  fields["maxlags"] = test.maxlags;
  fields["status"] = word_of(test.status);
  return fields;
}

nb::dict fields_of_test(const GoodnessOfFit& test) {
  nb::dict fields;
  fields["directions"] = nb::cast(read_only(test.directions));
  fields["statistics"] = nb::cast(read_only(test.statistics));
  fields["p_values"] = test.p_value ? nb::cast(read_only(test.p_values)) : nb::object(nb::none());
  fields["statistic"] = test.statistic;
  fields["p_value"] = test.p_value;
  fields["rows"] = test.rows;
  fields["replicates"] = test.replicates;
  fields["failed_refits"] = test.failed_refits;
  fields["unconverged_refits"] = test.unconverged_refits;
  fields["fitted"] = test.fitted;
  return fields;
}

nb::dict run_likelihood_ratio(const AnyEMResult& small, const AnyEMResult& large) {
  return fields_of_test(
      std::visit([](const auto& a, const auto& b) { return likelihood_ratio(a, b); }, small.any, large.any));
}

template <class S>
nb::tuple symmetry_of(const Rows& rows, const SymmetryTestOptions& options, std::span<const double> weights) {
  auto found = rows.read([&](const RowView& view) { return symmetry_test<S>(view, options, weights); });
  for (auto* fit : {&found.symmetric, &found.free}) fit->model = std::move(fit->model).with_columns(rows.columns());
  return nb::make_tuple(fields_of_test(found.test), AnyEMResult{std::move(found.symmetric)},
                        AnyEMResult{std::move(found.free)});
}

nb::tuple run_symmetry_test(nb::handle x, const std::string& family, nb::handle weights, double tol, int max_iter,
                            const std::string& missing, nb::handle columns) {
  const SymmetryTestOptions options{
      .tol = tol, .max_iter = max_iter, .missing = choice_from<Missing>(missing, "missing")};
  const auto of = choice_from<Family>(family, "family");
  const Rows rows(chosen(x, columns), 0);
  const auto w = weights.is_none() ? std::nullopt : std::optional<Numbers>(std::in_place, weights, "weights");
  require(!w || !w->span().empty(), "weights", "one for each row", "none");
  const std::span<const double> counts = w ? w->span() : std::span<const double>{};
#define VARIMIX_RETURN_IF_IT(S) \
  if (of == kFamily<S>) return symmetry_of<S>(rows, options, counts);
  VARIMIX_FOR_EACH_LAW(VARIMIX_RETURN_IF_IT)
#undef VARIMIX_RETURN_IF_IT
  return {};
}

/// Throws std::invalid_argument for laws that nest, of which Vuong's statistic is not normal.
template <class A, class B>
void require_not_nested(const A& /*a*/, const B& /*b*/) {
  const bool nests = kNesting<A, B> != Nesting::kNone || kNesting<B, A> != Nesting::kNone;
  require(!nests, "model_a and model_b", "of families that do not nest; likelihood_ratio tests those that do",
          std::string(kModelName<A>) + " and " + kModelName<B>);
}

Index parameters_of(const AnyMeanVarianceMixture& any, std::optional<Index> given) {
  if (given) return *given;
  return std::visit(
      []<class S>(const MeanVarianceMixture<S>& model) { return free_parameters(model.d(), FixedParameters<S>{}); },
      any);
}

nb::dict run_vuong_test(const AnyMeanVarianceMixture& model_a, const AnyMeanVarianceMixture& model_b,
                        nb::handle log_density_a, nb::handle log_density_b, std::optional<Index> n_parameters_a,
                        std::optional<Index> n_parameters_b, const std::string& correction, std::int64_t maxlags) {
  std::visit([](const auto& a, const auto& b) { require_not_nested(a, b); }, model_a, model_b);
  const VuongOptions options{.correction = choice_from<VuongCorrection>(correction, "correction"),
                             .n_parameters_a = parameters_of(model_a, n_parameters_a),
                             .n_parameters_b = parameters_of(model_b, n_parameters_b),
                             .maxlags = maxlags};
  const Numbers a(log_density_a, "log_density_a");
  const Numbers b(log_density_b, "log_density_b");
  const GilRelease release;
  const VuongTest test = vuong_test(a.span(), b.span(), options);
  return with_gil([&] { return fields_of_test(test); });
}

nb::dict run_distinguishability_test(const AnyMeanVarianceMixture& model_a, const AnyMeanVarianceMixture& model_b,
                                     nb::handle x_a, nb::handle x_b, const std::vector<std::string>& fixed_a,
                                     const std::vector<std::string>& fixed_b, const std::string& missing) {
  const auto d_of = [](const AnyMeanVarianceMixture& any) {
    return std::visit([](const auto& model) { return model.d(); }, any);
  };
  const auto of_missing = choice_from<Missing>(missing, "missing");
  const Rows rows_a(x_a, d_of(model_a), "X");
  const Rows rows_b(x_b, d_of(model_b), "X");
  const DistinguishabilityTest test = rows_a.read([&](const RowView& a) {
    return distinguishability_test({model_a, a, fixed_a}, {model_b, rows_b.view(), fixed_b}, of_missing);
  });
  nb::dict fields;
  fields["statistic"] = test.statistic;
  fields["p_value"] = test.p_value;
  fields["variance"] = test.variance;
  fields["weights"] = nb::cast(read_only(test.weights));
  fields["rows"] = test.rows;
  fields["status"] = word_of(test.status);
  return fields;
}

nb::tuple run_goodness_of_fit(const AnyMeanVarianceMixture& any, nb::handle x, nb::handle directions, Index random,
                              std::int64_t replicates, nb::handle seed, bool fitted, const BatchEMFitter& fitter) {
  GoodnessOfFitOptions options{
      .replicates = replicates, .seed = to_key(seed, "seed"), .fitted = fitted, .fit = fitter.options()};
  if (!directions.is_none()) options.directions = to_matrix(directions, "directions");
  return std::visit(
      [&](const auto& model) {
        if (random > 0) options.directions = random_directions(model.L_Sigma(), random, options.seed);
        const Rows rows(x, model.d(), "X", model.columns());
        const GoodnessOfFit test =
            rows.read([&](const RowView& view) { return goodness_of_fit(model, view, options); });
        return nb::make_tuple(fields_of_test(test), test.line());
      },
      any);
}

AnyEMResult with_line(const AnyEMResult& result, const std::string& line) {
  AnyEMResult copy = result;
  std::visit([&](auto& of) { of.goodness_of_fit = line; }, copy.any);
  return copy;
}

}  // namespace

void bind_inference_tests(nb::module_& m) {
  m.def("likelihood_ratio", &run_likelihood_ratio, nb::arg("small"), nb::arg("large"),
        nb::sig(
            "def likelihood_ratio(small: EMResult[typing.Any], large: EMResult[typing.Any]) -> dict[str, typing.Any]"),
        "The compiled part of varimix.inference.likelihood_ratio.");
  m.def("symmetry_test", &run_symmetry_test, nb::arg("X"), nb::arg("family"), nb::arg("weights").none(), nb::arg("tol"),
        nb::arg("max_iter"), nb::arg("missing"), nb::arg("columns").none(),
        nb::sig("def symmetry_test(X: numpy.typing.ArrayLike, family: str, weights: numpy.typing.ArrayLike | None, "
                "tol: float, max_iter: int, missing: str, columns: collections.abc.Sequence[str | int] | None) -> "
                "tuple[dict[str, typing.Any], EMResult[typing.Any], EMResult[typing.Any]]"),
        "The compiled part of varimix.inference.test_symmetry.");
  m.def("vuong_test", &run_vuong_test, nb::arg("model_a"), nb::arg("model_b"), nb::arg("log_density_a"),
        nb::arg("log_density_b"), nb::arg("n_parameters_a").none(), nb::arg("n_parameters_b").none(),
        nb::arg("correction"), nb::arg("maxlags"),
        nb::sig("def vuong_test(model_a: MeanVarianceMixture, model_b: MeanVarianceMixture, log_density_a: "
                "numpy.typing.ArrayLike, log_density_b: numpy.typing.ArrayLike, n_parameters_a: int | None, "
                "n_parameters_b: int | None, correction: str, maxlags: int) -> dict[str, typing.Any]"),
        "The compiled part of varimix.inference.vuong.");
  m.def("distinguishability_test", &run_distinguishability_test, nb::arg("model_a"), nb::arg("model_b"), nb::arg("X_a"),
        nb::arg("X_b"), nb::arg("fixed_a"), nb::arg("fixed_b"), nb::arg("missing"),
        nb::sig("def distinguishability_test(model_a: MeanVarianceMixture, model_b: MeanVarianceMixture, X_a: "
                "numpy.typing.ArrayLike, X_b: numpy.typing.ArrayLike, fixed_a: list[str], fixed_b: list[str], missing: "
                "str) -> dict[str, typing.Any]"),
        "The compiled part of varimix.inference.test_distinguishability.");
  m.def("goodness_of_fit", &run_goodness_of_fit, nb::arg("model"), nb::arg("X"), nb::arg("directions").none(),
        nb::arg("random"), nb::arg("replicates"), nb::arg("seed").none(), nb::arg("fitted"), nb::arg("fitter"),
        nb::sig("def goodness_of_fit(model: MeanVarianceMixture, X: numpy.typing.ArrayLike, directions: "
                "numpy.typing.ArrayLike | None, random: int, replicates: int, seed: numpy.typing.ArrayLike | "
                "numpy.random.Generator | None, fitted: bool, fitter: BatchEMFitter) -> "
                "tuple[dict[str, typing.Any], str]"),
        "The compiled part of varimix.inference.goodness_of_fit: the test, and its line in a summary.");
  m.def("with_goodness_of_fit", &with_line, nb::arg("result"), nb::arg("line"),
        nb::sig("def with_goodness_of_fit(result: EMResult[AnyModel], line: str) -> EMResult[AnyModel]"),
        "Return the result with this line in its summary.");
}

}  // namespace varimix::python
