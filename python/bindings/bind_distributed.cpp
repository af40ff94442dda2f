#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>

#include <functional>
#include <span>
#include <tuple>
#include <variant>
#include <vector>

#include "any_family.hpp"
#include "between_steps.hpp"
#include "bindings.hpp"
#include "degenerate_data.hpp"
#include "families.hpp"
#include "gil.hpp"
#include "numpy_arguments.hpp"
#include "plain_data.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/fit_best.hpp"
#include "varimix/mixture/default_init.hpp"
#include "varimix/mixture/sampling.hpp"
#include "varimix/stream/partial_bytes.hpp"

namespace varimix::python {
namespace {

nb::bytes to_python_bytes(const std::vector<std::byte>& bytes) { return nb::bytes(bytes.data(), bytes.size()); }

std::span<const std::byte> span_of(const nb::bytes& bytes) {
  return {static_cast<const std::byte*>(bytes.data()), bytes.size()};
}

nb::bytes model_bytes(const AnyMeanVarianceMixture& any, const std::string& missing) {
  const auto gaps = choice_from<Missing>(missing, "missing");
  return std::visit(
      [&]<class M>(const M& model) {
        return to_python_bytes(to_bytes(EStepRequest<M>{.model = model, .missing = gaps}));
      },
      any);
}

AnyMeanVarianceMixture model_from_bytes(const nb::bytes& bytes) {
  return std::visit([](const auto& request) -> AnyMeanVarianceMixture { return request.model; },
                    request_from_bytes(span_of(bytes)));
}

nb::bytes answer(const nb::bytes& bytes, nb::handle x, nb::handle weights) {
  return std::visit(
      [&](const auto& request) {
        const Rows rows(x, request.model.d(), "X", request.model.columns());
        const auto w = weights.is_none() ? std::nullopt : std::optional<Numbers>(std::in_place, weights, "weights");
        const Index n = rows.view().rows();
        require(!w || static_cast<Index>(w->span().size()) == n, "weights", "one for each row, " + std::to_string(n),
                w ? w->span().size() : 0);
        return to_python_bytes(rows.read([&](const RowView& view) {
          return to_bytes(e_step_partial(request, view, w ? w->span() : std::span<const double>{}));
        }));
      },
      request_from_bytes(span_of(bytes)));
}

nb::bytes merged(const nb::bytes& left, const nb::bytes& right) {
  const MaybePartial both = merge(partial_from_bytes(span_of(left)), partial_from_bytes(span_of(right)));
  return to_python_bytes(to_bytes(both));
}

nb::bytes m_step_bytes(const nb::bytes& partial) {
  const MaybePartial of = partial_from_bytes(span_of(partial));
  require(of.has_value(), "partials", "of rows", "none");
  return std::visit(
      [&]<class M>(const M& model) {
        return to_python_bytes(to_bytes(EStepRequest<M>{.model = model, .missing = of->missing}));
      },
      m_step(*of));
}

nb::dict described(const nb::bytes& partial) {
  const MaybePartial of = partial_from_bytes(span_of(partial));
  nb::dict out;
  out["rows"] = of ? of->rows : Index{0};
  out["weight"] = of ? of->eta.weight : 0.0;
  out["log_likelihood"] = of ? nb::object(nb::float_(of->log_lik)) : nb::none();
  out["eta"] = of ? nb::cast(of->eta) : nb::none();
  return out;
}

/// Returns the bytes that a callable gave. Throws nb::type_error for anything else.
nb::bytes bytes_from(const nb::object& reply) {
  if (nb::isinstance<nb::bytes>(reply)) return nb::borrow<nb::bytes>(reply);
  const auto type = nb::cast<std::string>(reply.type().attr("__name__"));
  throw nb::type_error(("e_step must return the bytes of a partial, got " + type).c_str());
}

nb::bytes moments(const nb::bytes& request, nb::handle x, nb::handle columns) {
  std::vector<std::string> names;
  if (!columns.is_none()) names = nb::cast<std::vector<std::string>>(columns);
  const Rows rows(x, 0, "X", names.empty() ? ColumnNames() : ColumnNames(std::move(names)));
  const MomentRequest question = moment_request_from_bytes(span_of(request));
  return to_python_bytes(rows.read([&](const RowView& view) { return to_bytes(moment_partial(question, view)); }));
}

nb::bytes merged_moments(const nb::bytes& left, const nb::bytes& right) {
  return to_python_bytes(to_bytes(merge(moments_from_bytes(span_of(left)), moments_from_bytes(span_of(right)))));
}

AnyMeanVarianceMixture default_init_elsewhere(const std::string& family, nb::handle ask, const std::string& missing) {
  const auto gaps = choice_from<Missing>(missing, "missing");
  const auto wanted = choice_from<Family>(family, "family");
  const AskMoments run = [&](const MomentRequest& request) {
    return moments_from_bytes(span_of(bytes_from(ask(to_python_bytes(to_bytes(request))))));
  };
  Status status;
  std::optional<AnyMeanVarianceMixture> model;
#define VARIMIX_MAKE(S) \
  if (wanted == kFamily<S>) model = default_init<S>(run, status, gaps);
  VARIMIX_FOR_EACH_LAW(VARIMIX_MAKE)
#undef VARIMIX_MAKE
  warn_of_degenerate_data(status);
  return *std::move(model);
}

RowMatrix rows_from(const AnyMeanVarianceMixture& any, Index first, Index n, nb::handle seed) {
  require(first >= 0, "first", ">= 0", first);
  require(n >= 0, "n", ">= 0", n);
  const Seed key = to_key(seed, "seed");
  const GilRelease release;
  return std::visit([&](const auto& model) { return draw_rows(model, n, key, first); }, any);
}

/// Returns a table of fits in the order given, each (result, start_gap, seconds).
BestFit best_of(const std::vector<std::tuple<AnyEMResult, double, double>>& fits) {
  BestFit best;
  for (const auto& fit : fits) {
    visit_family(std::get<0>(fit), [&]<class S>(const EMResult<MeanVarianceMixture<S>>& of) {
      require(of.log_likelihood.has_value(), "fits", "fits of rows that show something", "one of none");
      best.table.push_back({.family = kFamily<S>,
                            .model = of.model,
                            .log_likelihood = of.log_likelihood.value(),
                            .n_parameters = of.n_parameters,
                            .aic = of.aic().value(),
                            .bic = of.bic().value(),
                            .start_gap = std::get<1>(fit),
                            .converged = of.converged,
                            .seconds = std::get<2>(fit),
                            .status = of.status});
    });
  }
  return best;
}

AnyEMResult fit_elsewhere(const BatchEMFitter& fitter, const AnyMeanVarianceMixture& any, nb::handle ask,
                          nb::handle progress, nb::handle callback) {
  return std::visit(
      [&]<class M>(const M& init) {
        BetweenSteps between(progress, callback);
        const auto run = [&](const EStepRequest<M>& request) {
          const std::vector<std::byte> question = to_bytes(request);
          return with_gil([&] { return partial_from_bytes(span_of(bytes_from(ask(to_python_bytes(question))))); });
        };
        auto result = [&] {
          const GilRelease release;
          return AnyEMResult{fitter.fit(init, run, std::ref(between))};
        }();
        between.raise_interruption();
        return result;
      },
      any);
}

}  // namespace

void bind_distributed(nb::module_& m) {
  m.def("model_bytes", &model_bytes, nb::arg("model"), nb::arg("missing") = "error",
        nb::sig("def model_bytes(model: MeanVarianceMixture, missing: str = \"error\") -> bytes"),
        "Return the request for the E-step at a model, as bytes.");
  m.def("model_from_bytes", &model_from_bytes, nb::arg("data"),
        nb::sig("def model_from_bytes(data: bytes) -> MeanVarianceMixture"), "Return the model of a request.");
  m.def("e_step_partial", &answer, nb::arg("model_bytes"), nb::arg("X"), nb::arg("weights") = nb::none(),
        nb::sig("def e_step_partial(model_bytes: bytes, X: numpy.typing.ArrayLike, "
                "weights: numpy.typing.ArrayLike | None = None) -> bytes"),
        "Return the answer of rows to a request.");
  m.def("merge_partials", &merged, nb::arg("left"), nb::arg("right"), "Return the answer of the rows of both.");
  m.def("m_step", &m_step_bytes, nb::arg("partial"), "Return the request at the M-step of an answer.");
  m.def("describe_partial", &described, nb::arg("partial"),
        nb::sig("def describe_partial(partial: bytes) -> dict[str, typing.Any]"), "Return what an answer holds.");
  m.def("moment_partial", &moments, nb::arg("request"), nb::arg("X"), nb::arg("columns") = nb::none(),
        nb::sig("def moment_partial(request: bytes, X: numpy.typing.ArrayLike, "
                "columns: collections.abc.Sequence[str] | None = None) -> bytes"),
        "Return the answer of rows to a request of default_init_elsewhere.");
  m.def("merge_moments", &merged_moments, nb::arg("left"), nb::arg("right"), "Return the answer of the rows of both.");
  m.def("default_init_elsewhere", &default_init_elsewhere, nb::arg("family"), nb::arg("ask"),
        nb::arg("missing") = "error",
        nb::sig("def default_init_elsewhere(family: str, ask: collections.abc.Callable[[bytes], bytes], "
                "missing: str = \"error\") -> MeanVarianceMixture"),
        "Return the initial model of rows that ``ask`` asks.");
  m.def("rows_from", &rows_from, nb::arg("model"), nb::arg("first"), nb::arg("n"), nb::arg("seed"),
        nb::sig("def rows_from(model: MeanVarianceMixture, first: int, n: int, seed: numpy.typing.ArrayLike) -> "
                "numpy.typing.NDArray[numpy.float64]"),
        "Return rows first, ..., first + n - 1 of model.rvs(first + n, seed).");
  m.def("best_of", &best_of, nb::arg("fits"),
        nb::sig("def best_of(fits: collections.abc.Sequence[tuple[EMResult[typing.Any], float, float]]) -> BestFit"),
        "Return fits, each (result, start_gap, seconds), as a table in their order.");
  m.def("fit_elsewhere", &fit_elsewhere, nb::arg("fitter"), nb::arg("model"), nb::arg("e_step"),
        nb::arg("progress") = nb::none(), nb::arg("callback") = nb::none(),
        nb::sig("def fit_elsewhere(fitter: BatchEMFitter, model: AnyModel, "
                "e_step: collections.abc.Callable[[bytes], bytes], "
                "progress: collections.abc.Callable[[int], object] | None = None, "
                "callback: collections.abc.Callable[[BatchReport], bool | None] | None = None) -> EMResult[AnyModel]"),
        "Run a batch fit of rows that ``e_step`` asks.");
}

}  // namespace varimix::python
