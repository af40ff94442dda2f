#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/variant.h>

#include <filesystem>

#include "any_family.hpp"
#include "bindings.hpp"
#include "inference_values.hpp"
#include "named_status.hpp"
#include "numpy_arguments.hpp"
#include "pickling.hpp"
#include "shared_bootstrap.hpp"
#include "short_text.hpp"
#include "varimix/inference/stream_errors.hpp"
#include "varimix/stream/rule_bytes.hpp"

namespace varimix::python {
namespace {

/// Returns a copy of the state that was given, or the start of a fit of the model that was given.
OneOfFamilies::OnlineEM start_of(const std::variant<const AnyOnlineEM*, AnyMeanVarianceMixture>& start) {
  if (const auto* state = std::get_if<const AnyOnlineEM*>(&start)) return AnyOnlineEM(**state).any;
  return std::visit([](const auto& model) { return OneOfFamilies::OnlineEM(OnlineEM(model)); },
                    std::get<AnyMeanVarianceMixture>(start));
}

SharedBootstrapEM make_bootstrap(const std::variant<const AnyOnlineEM*, AnyMeanVarianceMixture>& start, int replicas,
                                 const Key& key, std::int64_t stream) {
  return std::visit(
      []<class M>(const BootstrapOptions& options, OnlineEM<M> state) {
        const UpdateRule& rule = state.state().rule;
        require(users_rule_in(rule) == nullptr, "eta_update", "one of varimix's own", called(rule));
        return SharedBootstrapEM(AnyBootstrapEM(BootstrapEM<M>(std::move(state), options)));
      },
      std::variant<BootstrapOptions>(BootstrapOptions{.replicas = replicas, .key = key, .stream = stream}),
      start_of(start));
}

std::optional<Numbers> numbers_of(nb::handle values, const char* name) {
  if (values.is_none()) return std::nullopt;
  std::optional<Numbers> numbers(std::in_place, values, name);
  require(!numbers->span().empty(), name, "one a row", "none");
  return numbers;
}

/// Names the columns of a bootstrap that has no names while it learns from rows that have some; where it learned nothing,
/// it has none again afterwards.
template <class M>
class NamedWhileBootstrapping {
 public:
  NamedWhileBootstrapping(BootstrapEM<M>& of, const ColumnNames& columns)
      : of_(of), step_(of.fit().step()), is_new_(columns_of(of).empty() && !columns.empty()) {
    if (is_new_) of.name_columns(columns);
  }
  NamedWhileBootstrapping(const NamedWhileBootstrapping&) = delete;
  NamedWhileBootstrapping& operator=(const NamedWhileBootstrapping&) = delete;
  ~NamedWhileBootstrapping() {
    if (is_new_ && of_.fit().step() == step_) of_.name_columns({});
  }

 private:
  BootstrapEM<M>& of_;
  std::int64_t step_;
  bool is_new_;
};

BatchReport update(SharedBootstrapEM& shared, nb::handle batch, nb::handle weights, nb::handle times) {
  const BootstrapLock lock(shared);
  return std::visit(
      [&]<class M>(BootstrapEM<M>& of) {
        const ColumnNames before = columns_of(of);
        const Rows rows(batch, of.fit().d(), "batch", before);
        require_shape(rows.view(), of.fit().d(), "batch");
        const auto w = numbers_of(weights, "weights");
        const auto t = numbers_of(times, "times");
        const ColumnNames names = rows.columns();
        const NamedWhileBootstrapping<M> is_named(of, names);
        return rows.read([&](const RowView& view) {
          return named(of.update(view, {.weights = w ? w->span() : std::span<const double>{},
                                        .times = t ? t->span() : std::span<const double>{}}),
                       names);
        });
      },
      shared.any);
}

void merge(SharedBootstrapEM& shared, const SharedBootstrapEM& other) {
  const SharedBootstrapEM theirs = other;  // one lock at a time
  visit_bootstrap(shared, [&]<class M>(BootstrapEM<M>& of) {
    const auto* same = std::get_if<BootstrapEM<M>>(&theirs.any);
    require(same != nullptr, "other", "a bootstrap of the same family", "one of another");
    const GilRelease release;
    of.merge(*same);
  });
}

nb::bytes bytes_of(const SharedBootstrapEM& shared) {
  const std::vector<std::byte> bytes = visit_bootstrap(shared, [](const auto& of) { return to_bytes(of); });
  return nb::bytes(bytes.data(), bytes.size());
}

SharedBootstrapEM from_bytes(const nb::bytes& bytes) {
  const auto* data = static_cast<const std::byte*>(bytes.data());
  return {bootstrap_from_bytes(std::span(data, bytes.size()))};
}

SharedBootstrapEM unpickled(nb::handle parts) {
  if (!nb::isinstance<nb::bytes>(parts)) throw nb::type_error("a pickled BootstrapEM is bytes");
  return from_bytes(nb::borrow<nb::bytes>(parts));
}

bool are_the_same(const SharedBootstrapEM& left, const SharedBootstrapEM& right) {
  const SharedBootstrapEM other = right;
  return visit_bootstrap(left, [&](const auto& of) {
    const auto* same = std::get_if<std::decay_t<decltype(of)>>(&other.any);
    return same != nullptr && of == *same;
  });
}

std::string repr_of(const SharedBootstrapEM& shared) {
  return visit_bootstrap(shared, [](const auto& of) {
    return "BootstrapEM(replicas=" + std::to_string(of.replicas().size()) +
           ", rows=" + std::to_string(of.rows().total) + ", stream=" + std::to_string(of.stream()) +
           ", model=" + short_text(of.fit().model()) + ")";
  });
}

/// Returns the numbers of varimix.inference.Inference, those that only streams have among them.
nb::dict stream_errors_to_python(const StreamErrors& errors) {
  nb::dict numbers = to_python(errors);
  numbers["known_rows"] = errors.known_rows;
  numbers["replicas"] = nb::cast(errors.replicas);
  const InferenceOptions& used = errors.options;
  nb::dict options;
  options["cov_type"] = std::string(word(used.cov_type));
  options["cosines"] = used.cosines;
  options["maxlags"] = nb::none();
  options["symmetric"] = used.symmetric;
  options["fixed"] = nb::cast(used.fixed);
  options["alpha_min"] = std::string(word(used.alpha_min));
  options["missing"] = std::string(word(used.missing));
  options["replicas"] = used.replicas;
  numbers["options"] = options;
  return numbers;
}

nb::dict ewma_errors(const AnyOnlineEM& state, bool defaults, const nb::list& functionals,
                     std::optional<double> batch_rows) {
  const std::vector<Functional> more = functionals_from_python(functionals);
  return visit_family(state, [&](const auto& of) {
    return stream_errors_to_python(ewma_standard_errors(of, with_defaults(of.model(), defaults, more), batch_rows));
  });
}

nb::dict bootstrap_errors(const SharedBootstrapEM& shared, bool defaults, const nb::list& functionals) {
  const std::vector<Functional> more = functionals_from_python(functionals);
  const SharedBootstrapEM held = shared;  // functions of the caller's may change the bootstrap, or wait for it
  return std::visit(
      [&](const auto& of) {
        return stream_errors_to_python(bootstrap_standard_errors(of, with_defaults(of.fit().model(), defaults, more)));
      },
      held.any);
}

void bind_bootstrap_state(nb::class_<SharedBootstrapEM>& bound) {
  bound
      .def_prop_ro(
          "state",
          [](const SharedBootstrapEM& self) {
            return visit_bootstrap(self, [](const auto& of) { return AnyOnlineEM{OneOfFamilies::OnlineEM(of.fit())}; });
          },
          nb::for_getter(nb::sig("def state(self) -> OnlineEM[AnyModel]")),
          "A copy of the fit with the rows' own weights: what an OnlineEM without replicas would be, bit by bit.")
      .def_prop_ro(
          "model",
          [](const SharedBootstrapEM& self) {
            return visit_bootstrap(self, [](const auto& of) { return nb::cast(of.fit().model()); });
          },
          nb::for_getter(nb::sig("def model(self) -> AnyModel")), "The model of that fit.")
      .def_prop_ro(
          "replicas",
          [](const SharedBootstrapEM& self) {
            return visit_bootstrap(self, [](const auto& of) {
              nb::list models;
              for (const auto& replica : of.replicas()) models.append(nb::cast(replica.model()));
              return nb::tuple(models);
            });
          },
          nb::for_getter(nb::sig("def replicas(self) -> tuple[AnyModel, ...]")), "The models of the replicas.")
      .def_prop_ro(
          "rows",
          [](const SharedBootstrapEM& self) {
            return visit_bootstrap(self, [](const auto& of) { return of.rows().total; });
          },
          "Rows learned, with those that were merged in.")
      .def_prop_ro(
          "stream",
          [](const SharedBootstrapEM& self) {
            return visit_bootstrap(self, [](const auto& of) { return of.stream(); });
          },
          "The number of this stream.")
      .def_prop_ro(
          "columns",
          [](const SharedBootstrapEM& self) {
            return visit_bootstrap(self, [](const auto& of) {
              const ColumnNames& columns = columns_of(of);
              return columns.empty() ? nb::object(nb::none()) : nb::object(tuple_of(columns));
            });
          },
          nb::for_getter(nb::sig("def columns(self) -> tuple[str, ...] | None")),
          "Names of the columns, in order, or None.");
}

void bind_bootstrap_files(nb::class_<SharedBootstrapEM>& bound) {
  bound.def("to_bytes", &bytes_of, "Return the bytes of a checkpoint; from_bytes gives it back equal in every bit.")
      .def_static(
          "from_bytes", &from_bytes, nb::arg("data"), nb::sig("def from_bytes(data: bytes) -> BootstrapEM[typing.Any]"),
          "Return the bootstrap whose bytes to_bytes gave. Raises CheckpointError for bytes that are damaged, or "
          "newer\nthan this build.")
      .def(
          "save",
          [](const SharedBootstrapEM& self, const std::filesystem::path& path) {
            visit_bootstrap(self, [&](const auto& of) { save(of, path); });
          },
          nb::arg("path"), nb::sig("def save(self, path: str | os.PathLike[str]) -> None"),
          "Write it to a file, whole or not at all. A file that was there is kept as ``path``.prev.")
      .def_static(
          "load", [](const std::filesystem::path& path) { return SharedBootstrapEM{load_bootstrap(path)}; },
          nb::arg("path"), nb::sig("def load(path: str | os.PathLike[str]) -> BootstrapEM[typing.Any]"),
          "Return the bootstrap in a file. Raises CheckpointError that names the file and the fault.");
}

}  // namespace

void bind_inference_streams(nb::module_& m) {
  nb::class_<SharedBootstrapEM> bound(
      m, "BootstrapEM", nb::is_generic(), nb::sig("class BootstrapEM(typing.Generic[AnyModel])"),
      "A fit to a stream with replicas that learn the same batches with random weights.\n\n"
      "In every replica a row counts Poisson(1) times, as in a sample drawn with replacement; the spread of the\n"
      "replicas is that of the estimates, whatever the update rule and the law of the rows. The weights are keyed by\n"
      "(key, stream, replica, number of the row): they do not depend on batches or threads. `update` takes all rows "
      "as\n"
      "new ones; fit_stream knows the rows of a source, and gives each one weight in all passes. It holds\n"
      "O(replicas d^2) numbers, never a row. Threads may share it.\n\n"
      "Parameters\n----------\n"
      "start : OnlineEM or model\n    A state that has learned nothing, which is copied; of a model OnlineEM(model). "
      "Its "
      "rule is one of\n    varimix's own.\n"
      "replicas : int\n    Their number B, >= 2. A standard error has itself the error 1 / sqrt(2 (B - 1)): 16% for "
      "20.\n"
      "key : int or array of int\n    Keys the weights.\n"
      "stream : int\n    The number of this stream, from 0 to 2^53: another one in every place whose bootstraps are to "
      "be "
      "merged.");
  bind_pickling(bound, &bytes_of, &unpickled);
  bound
      .def(
          "__init__",
          [](SharedBootstrapEM* self, const std::variant<const AnyOnlineEM*, AnyMeanVarianceMixture>& start,
             int replicas, nb::handle key, std::int64_t stream) {
            new (self) SharedBootstrapEM(make_bootstrap(start, replicas, to_key(key, "key"), stream));
          },
          nb::arg("start"), nb::arg("replicas") = 20, nb::arg("key").none() = 0, nb::kw_only(), nb::arg("stream") = 0,
          nb::sig("def __init__(self, start: OnlineEM[AnyModel] | AnyModel, replicas: int = 20, key: "
                  "numpy.typing.ArrayLike | numpy.random.Generator | None = 0, *, stream: int = 0) -> None"))
      .def("update", &update, nb::arg("batch"), nb::arg("weights") = nb::none(), nb::arg("times") = nb::none(),
           nb::sig("def update(self, batch: numpy.typing.ArrayLike, weights: numpy.typing.ArrayLike | None = None, "
                   "times: numpy.typing.ArrayLike | None = None) -> BatchReport"),
           "Learn from a batch, as OnlineEM.update does; every replica learns it with ``weights`` times its own.\n\n"
           "A row of weight 0 counts as absent. Raises as OnlineEM.update does, before anything changes.")
      .def("merge", &merge, nb::arg("other"), nb::sig("def merge(self, other: BootstrapEM[AnyModel]) -> None"),
           "Take in what another bootstrap learned, replica by replica, as OnlineEM.merge does.\n\n"
           "Raises ValueError, before anything changes, as that does, and for one of another key or number of "
           "replicas,\nor of a ``stream`` whose rows this one holds.")
      .def(
          "inference",
          [](nb::handle self, nb::handle functionals, bool defaults) {
            return nb::module_::import_("varimix.inference.streams")
                .attr("stream_inference")(self, nb::arg("functionals") = functionals, nb::arg("defaults") = defaults);
          },
          nb::arg("functionals") = nb::none(), nb::arg("defaults") = true,
          nb::sig("def inference(self, functionals: collections.abc.Mapping[str, typing.Any] | None = None, defaults: "
                  "bool = True) -> typing.Any"),
          "Return varimix.inference.stream_inference of it: standard errors and intervals.")
      .def("__eq__", &are_the_same, nb::is_operator(), nb::sig("def __eq__(self, arg: object, /) -> bool"),
           "True if both are the same in every bit.")
      .def("__repr__", &repr_of);
  bound.attr("__hash__") = nb::none();
  bind_bootstrap_state(bound);
  bind_bootstrap_files(bound);
  m.def("percentile_intervals", &percentile_intervals, nb::arg("replicas"), nb::arg("alpha"),
        nb::sig("def percentile_intervals(replicas: numpy.typing.NDArray[numpy.float64], alpha: float) -> "
                "numpy.typing.NDArray[numpy.float64]"),
        "Return the percentile intervals (k, 2) of varimix.inference.StreamInference.conf_int.");
  m.def("ewma_standard_errors", &ewma_errors, nb::arg("state"), nb::arg("defaults"), nb::arg("functionals"),
        nb::arg("batch_rows").none(),
        nb::sig("def ewma_standard_errors(state: OnlineEM[typing.Any], defaults: bool, functionals: "
                "list[tuple[typing.Any, ...]], batch_rows: float | None) -> dict[str, typing.Any]"),
        "Return the numbers of varimix.inference.stream_inference of a state.");
  m.def("bootstrap_standard_errors", &bootstrap_errors, nb::arg("state"), nb::arg("defaults"), nb::arg("functionals"),
        nb::sig("def bootstrap_standard_errors(state: BootstrapEM[typing.Any], defaults: bool, functionals: "
                "list[tuple[typing.Any, ...]]) -> dict[str, typing.Any]"),
        "Return the numbers of varimix.inference.stream_inference of a bootstrap.");
}

}  // namespace varimix::python
