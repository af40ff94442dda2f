#include <nanobind/stl/filesystem.h>

#include <memory>

#include "any_family.hpp"
#include "between_steps.hpp"
#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "update_rule_argument.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/arrow_source.hpp"
#include "varimix/stream/fit_stream.hpp"

namespace varimix::python {
namespace {

/// An array that a source is, kept alive; released with the interpreter's lock.
std::shared_ptr<const Rows> shared_rows(nb::handle array, Index d) {
  return {new Rows(array, d, "source"), [](const Rows* rows) {
            const nb::gil_scoped_acquire acquire;
            delete rows;
          }};
}

/// The Arrow stream that an object exports.
AnyBatchSource arrow_source(const nb::object& exported, Index d, bool has_weights, bool has_times) {
  const nb::object capsule = exported.attr("__arrow_c_stream__")();
  auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream"));
  if (stream == nullptr) throw nb::python_error();
  const auto names = nb::cast<std::vector<std::string>>(exported.attr("schema").attr("names"));
  const auto columns = static_cast<std::size_t>(d);
  ArrowColumns wanted{.x = {names.begin(), names.begin() + static_cast<std::ptrdiff_t>(columns)}};
  if (has_weights) wanted.weights = names.at(columns);
  if (has_times) wanted.times = names.at(columns + (has_weights ? 1U : 0U));
  return ArrowSource(stream, wanted);
}

/// What Python's `source_at(rows)` gives, the rows from there on: a reader of X's columns, then weights, then times, or an
/// array (of all rows).
OpenSource open_with(nb::handle source_at, Index d, bool has_weights, bool has_times) {
  return [=](const SourcePosition& at) -> AnyBatchSource {
    const nb::gil_scoped_acquire acquire;
    const nb::object source = source_at(at.rows);
    if (nb::hasattr(source, "__arrow_c_stream__")) return arrow_source(source, d, has_weights, has_times);
    const std::shared_ptr<const Rows> rows = shared_rows(source, d);
    ArraySource array(rows->view(), {}, {}, rows);
    array.skip(at.rows);
    return array;
  };
}

}  // namespace

void bind_fit_stream(nb::module_& m) {
  m.def(
      "learn_stream",
      [](AnyOnlineEM& any, nb::handle source_at, bool has_weights, bool has_times, std::int64_t batch_size,
         std::int64_t passes, std::optional<std::int64_t> max_steps, std::int64_t shuffle_buffer,
         std::int64_t read_ahead, const std::optional<std::filesystem::path>& checkpoint, std::int64_t every,
         nb::handle rule, const std::optional<EarlyStopping>& stop_when, nb::handle callback, nb::handle progress) {
        StreamOptions options{.batch_size = batch_size,
                              .passes = passes,
                              .shuffle_buffer = shuffle_buffer,
                              .read_ahead = read_ahead,
                              .checkpoint = checkpoint.value_or(std::filesystem::path{}),
                              .every = every,
                              .stop_when = stop_when};
        if (max_steps) options.max_steps = *max_steps;
        const std::optional<UpdateRule> users_rule = optional_rule(rule, "rule");
        BetweenSteps between(&any, progress, callback);
        options.while_waiting = [&any](const std::function<void()>& wait) {
          const BetweenChanges open(any);
          wait();
        };
        AnyEMResult result = change_state(any, [&](auto& state) {
          const nb::gil_scoped_release release;
          return AnyEMResult{fit_stream(state, open_with(source_at, state.d(), has_weights, has_times), options,
                                        users_rule, std::ref(between))};
        });
        between.raise_interruption();
        return result;
      },
      nb::arg("state"), nb::arg("source_at"), nb::kw_only(), nb::arg("has_weights"), nb::arg("has_times"),
      nb::arg("batch_size"), nb::arg("passes"), nb::arg("max_steps").none(), nb::arg("shuffle_buffer"),
      nb::arg("read_ahead"), nb::arg("checkpoint").none(), nb::arg("every"), nb::arg("rule").none(),
      nb::arg("stop_when").none(), nb::arg("callback").none(), nb::arg("progress").none(),
      nb::sig("def learn_stream(state: OnlineEM[AnyModel], source_at: collections.abc.Callable[[int], object], *, "
              "has_weights: bool, has_times: bool, batch_size: int, passes: int, max_steps: int | None, "
              "shuffle_buffer: int, read_ahead: int, checkpoint: str | os.PathLike[str] | None, every: int, "
              "rule: object | None, stop_when: EarlyStopping | None, "
              "callback: collections.abc.Callable[[BatchReport], bool | None] | None, "
              "progress: collections.abc.Callable[[int], object] | None) -> EMResult[AnyModel]"),
      "The compiled loop of varimix.fit_stream.");
}

}  // namespace varimix::python
