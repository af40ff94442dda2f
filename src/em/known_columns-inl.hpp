#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "mixture/column_order.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix {

// A column is known to one of two states alone if it has shown it in a share of its rows that is so many times the
// other's: a mean by all rows would count what the other's start says of it as rows.
constexpr double kKnownToOne = 10.0;

/// Returns the columns that the other of two rules' states alone knows.
inline std::vector<Index> known_to_other(const UpdateRule& rule, const UpdateRule& other, Index d) {
  const Vector all = Vector::Ones(d);
  const Vector mine = rule.shares_shown();
  const Vector theirs = other.shares_shown();
  std::vector<Index> columns;
  for (Index j = 0; j < d; ++j) {
    const double my_share = (mine.size() > 0 ? mine : all)(j);
    if ((theirs.size() > 0 ? theirs : all)(j) > kKnownToOne * my_share) columns.push_back(j);
  }
  return columns;
}

/// The models of two states whose mean a merge takes, and of what both had before, if anything: all in one gauge.
template <NaturalFittable M>
struct ModelsToMerge {
  M mine, theirs;
  std::optional<M> shared;
};

/// Gives each state's model, and the shared one, the columns that the other state alone knows as that has them: their
/// law given the columns that both know.
template <NaturalFittable M>
void take_known_columns(const std::vector<Index>& known_to_them, const std::vector<Index>& known_to_me,
                        const typename M::Fit& fit, ModelsToMerge<M>& inout) {
  std::vector<Index> to_one;
  std::set_union(known_to_them.begin(), known_to_them.end(), known_to_me.begin(), known_to_me.end(),
                 std::back_inserter(to_one));
  const std::vector<Index> to_both = other_columns(to_one, inout.mine.d());
  const auto take = [&](const std::vector<Index>& columns, const M& from, M& model) {
    const std::vector<Index> rest = other_columns(columns, model.d());
    if (!columns.empty()) model = fit.with_marginal(from, marginal(model, rest), rest, to_both);
  };
  const M my_own = inout.mine;
  take(known_to_them, inout.theirs, inout.mine);
  if (inout.shared) take(known_to_them, inout.theirs, *inout.shared);
  take(known_to_me, my_own, inout.theirs);
  if (inout.shared) take(known_to_me, my_own, *inout.shared);
}

}  // namespace varimix
