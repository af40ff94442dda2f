#pragma once

#include <optional>
#include <utility>

#include "any_family.hpp"
#include "numpy_arguments.hpp"
#include "varimix/core/require.hpp"

namespace varimix::python {

/// What a state says of the columns of its rows.
struct StateColumns {
  Index d;
  ColumnNames names;
};

/// Returns it; other threads wait meanwhile.
inline StateColumns columns_of(const AnyOnlineEM& state) {
  return visit_family(state, [](const auto& of) { return StateColumns{of.d(), of.state().initial.columns()}; });
}

/// Throws std::invalid_argument if the state has come to other names than those by which rows were put in order: another
/// thread has named it meanwhile. @pre the state is locked.
template <class M>
void require_still(const OnlineEM<M>& state, const ColumnNames& columns, const char* name) {
  const ColumnNames& now = state.state().initial.columns();
  if (!(now == columns)) require(false, name, "of the columns " + to_text(now), "those of another order");
}

/// Names the columns of a state that has no names while it learns from rows that have some; where it learned nothing, it
/// has none again afterwards. @pre the state is locked.
template <class M>
class NamedWhileLearning {
 public:
  NamedWhileLearning(OnlineEM<M>& state, const ColumnNames& columns) : state_(state), step_(state.step()) {
    if (!state.state().initial.columns().empty() || columns.empty()) return;
    state.name_columns(columns);
    is_new_ = true;
  }
  NamedWhileLearning(const NamedWhileLearning&) = delete;
  NamedWhileLearning& operator=(const NamedWhileLearning&) = delete;
  ~NamedWhileLearning() {
    if (is_new_ && state_.step() == step_) state_.name_columns({});
  }

 private:
  OnlineEM<M>& state_;
  std::int64_t step_;
  bool is_new_ = false;
};

}  // namespace varimix::python
