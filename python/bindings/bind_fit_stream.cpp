#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/pair.h>

#include <memory>
#include <utility>

#include "any_family.hpp"
#include "between_steps.hpp"
#include "bindings.hpp"
#include "bootstrap_result.hpp"
#include "gil.hpp"
#include "numpy_arguments.hpp"
#include "shared_bootstrap.hpp"
#include "update_rule_argument.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/arrow_source.hpp"
#include "varimix/stream/fit_stream.hpp"

namespace varimix::python {
namespace {

/// Returns the rows of a source that is an array, and keeps it alive. It is released with the interpreter's lock.
std::shared_ptr<const Rows> shared_rows(nb::handle array, Index d) {
  return {new Rows(array, d, "source"), [](const Rows* rows) { with_gil([=] { delete rows; }); }};
}

/// Returns the source of the Arrow stream that an object exports, with the columns of X, then the weights, then the
/// times.
AnyBatchSource arrow_source(const nb::object& exported, Index d, bool has_weights, bool has_times) {
  const auto names = nb::cast<std::vector<std::string>>(exported.attr("schema").attr("names"));
  const Index others = (has_weights ? 1 : 0) + (has_times ? 1 : 0);
  require(static_cast<Index>(names.size()) == d + others, "source",
          "of " + std::to_string(d) + " columns, as the state, beside weights and times",
          static_cast<Index>(names.size()) - others);
  const nb::object capsule = exported.attr("__arrow_c_stream__")();
  auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream"));
  if (stream == nullptr) throw nb::python_error();
  const auto columns = static_cast<std::size_t>(d);
  ArrowColumns wanted{.x = {names.begin(), names.begin() + d}};
  if (has_weights) wanted.weights = names.at(columns);
  if (has_times) wanted.times = names.at(columns + (has_weights ? 1U : 0U));
  return ArrowSource(stream, wanted);
}

/// Returns the items as pairs of name and number of rows.
std::vector<std::pair<std::string, std::int64_t>> pairs_of(const std::vector<SourceItem>& items) {
  std::vector<std::pair<std::string, std::int64_t>> pairs;
  pairs.reserve(items.size());
  for (const SourceItem& item : items) pairs.emplace_back(item.name, item.rows);
  return pairs;
}

/// Gives the columns of a state without names those of a source, a tuple or None.
void take_names(AnyOnlineEM& state, nb::handle names) {
  if (names.is_none()) return;
  const ColumnNames columns(nb::cast<std::vector<std::string>>(names));
  change_state(state, [&](auto& of) {
    if (of.state().initial.columns().empty()) of.name_columns(columns);
  });
}

void take_names(SharedBootstrapEM& state, nb::handle names) {
  if (names.is_none()) return;
  const ColumnNames columns(nb::cast<std::vector<std::string>>(names));
  visit_bootstrap(state, [&](auto& of) {
    if (columns_of(of).empty()) of.name_columns(columns);
  });
}

/// Returns a function that opens Python's source by `open_at(learned, read, to_end, begin_item)`, which gives the rows
/// after those learned, as a reader of the columns of X, then the weights, then the times, or as an array, and the names
/// of the columns, or None. `read` is None unless a shuffled order is to be drawn anew.
template <class Shared>
OpenSource open_with(Shared& state, nb::handle open_at, Index d, bool has_weights, bool has_times,
                     const std::shared_ptr<SourceItems>& items) {
  return [=, &state](const SourcePosition& at) {
    return with_gil([&]() -> AnyBatchSource {
      const nb::object begin_item =
          nb::cpp_function([items](std::int64_t first_row, std::int64_t index, const std::string& name, bool is_new) {
            items->begin(first_row, index, name, is_new);
          });
      const nb::object read = at.shuffled ? nb::cast(pairs_of(at.shuffled->read)) : nb::none();
      const nb::object opened = open_at(pairs_of(at.items), read, at.shuffled && at.shuffled->to_end, begin_item);
      const nb::object source = opened[0];
      take_names(state, nb::object(opened[1]));
      if (nb::hasattr(source, "__arrow_c_stream__")) return arrow_source(source, d, has_weights, has_times);
      const std::shared_ptr<const Rows> rows = shared_rows(source, d);
      return ArraySource(rows->view(), {}, {}, rows);
    });
  };
}

/// Returns a function that describes a place by Python's `place(row, column)`, in which the columns are those of X,
/// then the weights, then the times.
DescribePlace describe_with(nb::handle place, Index d, bool has_weights) {
  return [=](const SourcePlace& at) {
    return with_gil([&] {
      const Index column = at.field == SourceField::kX         ? at.column
                           : at.field == SourceField::kWeights ? d
                                                               : d + (has_weights ? 1 : 0);
      return nb::cast<std::string>(place(at.row, column));
    });
  };
}

/// The settings of a call, but for what belongs to the state.
struct StreamCall {
  nb::handle open_at, place;
  bool has_weights, has_times;
  StreamOptions options;
  nb::handle callback, progress;
};

/// Returns what fit(state, open, options, callback) makes of the state, which the caller holds.
template <class Shared, class State, class Fit>
AnyEMResult learn_with(StreamCall& call, Shared& shared, State& state, Index d, BetweenSteps& between, Fit&& fit) {
  call.options.place = describe_with(call.place, d, call.has_weights);
  call.options.while_waiting = [of = held(shared)](const std::function<void()>& wait) {
    const BetweenChanges open(of);
    wait();
  };
  const GilRelease release;
  return AnyEMResult{fit(state,
                         open_with(shared, call.open_at, d, call.has_weights, call.has_times, call.options.items),
                         call.options, std::ref(between))};
}

AnyEMResult learn(AnyOnlineEM& any, StreamCall call, nb::handle rule) {
  const std::optional<UpdateRule> users_rule = optional_rule(rule, "rule");
  BetweenSteps between(any, call.progress, call.callback);
  AnyEMResult result = change_state(any, [&](auto& state) {
    const auto fit = [&](auto& of, const OpenSource& open, const StreamOptions& options, const StepCallback& callback) {
      return fit_stream(of, open, options, users_rule, callback);
    };
    return learn_with(call, any, state, state.d(), between, fit);
  });
  between.raise_interruption();
  return result;
}

BootstrapResult learn(SharedBootstrapEM& shared, StreamCall call, nb::handle rule) {
  require(rule.is_none(), "rule", "None for a BootstrapEM, whose rule is one of varimix's own",
          nb::cast<std::string>(nb::repr(rule)));
  const auto columns = [&] { return visit_bootstrap(shared, [](const auto& of) { return columns_of(of); }); };
  BetweenSteps between(held(shared), columns, call.progress, call.callback);
  AnyEMResult result = visit_bootstrap(shared, [&](auto& state) {
    const auto fit = [](auto& of, const OpenSource& open, const StreamOptions& options, const StepCallback& callback) {
      return fit_stream(of, open, options, callback);
    };
    return learn_with(call, shared, state, state.fit().d(), between, fit);
  });
  between.raise_interruption();
  return {std::move(result), nb::find(shared)};
}

template <class Shared>
auto learn_stream(Shared& shared, nb::handle open_at, nb::handle place, bool has_weights, bool has_times,
                  std::int64_t batch_size, std::int64_t passes, std::optional<std::int64_t> max_steps,
                  std::int64_t shuffle_buffer, std::int64_t read_ahead,
                  const std::optional<std::filesystem::path>& checkpoint, std::int64_t every, nb::handle rule,
                  const std::optional<EarlyStopping>& stop_when, nb::handle callback, nb::handle progress) {
  StreamOptions options{.batch_size = batch_size,
                        .passes = passes,
                        .shuffle_buffer = shuffle_buffer,
                        .read_ahead = read_ahead,
                        .checkpoint = checkpoint.value_or(std::filesystem::path{}),
                        .every = every,
                        .stop_when = stop_when,
                        .items = std::make_shared<SourceItems>()};
  if (max_steps) options.max_steps = *max_steps;
  return learn(shared, {open_at, place, has_weights, has_times, std::move(options), callback, progress}, rule);
}

/// Binds the function for one kind of state; its signature differs in the words for state and result.
template <class Shared>
void def_learn_stream(nb::module_& m, const std::string& state, const std::string& result) {
  const std::string signature =
      "def learn_stream(state: " + state +
      ", open_at: collections.abc.Callable[..., object], place: collections.abc.Callable[[int, int], str], *, "
      "has_weights: bool, has_times: bool, batch_size: int, passes: int, max_steps: int | None, shuffle_buffer: int, "
      "read_ahead: int, checkpoint: str | os.PathLike[str] | None, every: int, rule: object | None, stop_when: "
      "EarlyStopping | None, callback: collections.abc.Callable[[BatchReport], bool | None] | None, progress: "
      "collections.abc.Callable[[int], object] | None) -> " +
      result;
  m.def("learn_stream", &learn_stream<Shared>, nb::arg("state"), nb::arg("open_at"), nb::arg("place"), nb::kw_only(),
        nb::arg("has_weights"), nb::arg("has_times"), nb::arg("batch_size"), nb::arg("passes"),
        nb::arg("max_steps").none(), nb::arg("shuffle_buffer"), nb::arg("read_ahead"), nb::arg("checkpoint").none(),
        nb::arg("every"), nb::arg("rule").none(), nb::arg("stop_when").none(), nb::arg("callback").none(),
        nb::arg("progress").none(), nb::sig(signature.c_str()), "The compiled loop of varimix.fit_stream.");
}

}  // namespace

void bind_fit_stream(nb::module_& m) {
  def_learn_stream<AnyOnlineEM>(m, "OnlineEM[AnyModel]", "EMResult[AnyModel]");
  def_learn_stream<SharedBootstrapEM>(m, "BootstrapEM[AnyModel]", "BootstrapResult[AnyModel]");
}

}  // namespace varimix::python
