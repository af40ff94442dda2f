#include "varimix/risk/scenarios.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <variant>

#include "box_draws.hpp"
#include "mixture/column_order.hpp"
#include "mixture/families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/risk/conditional_law.hpp"

namespace varimix {
namespace {

/// Squares of standard units further from mu are no doubles.
constexpr double kFarthest = 1e150;

/// Conditions, checked and sorted by their kinds. Conditions without a bound are left out.
struct Sorted {
  std::vector<Index> given;  // columns
  Vector values;             // of the columns given
  std::vector<ColumnCondition> bounds;
};

Sorted sorted(const std::vector<ColumnCondition>& conditions, Index d) {
  require(!conditions.empty(), "conditions", "on at least one column", "none");
  Sorted result;
  std::vector<bool> is_met(static_cast<std::size_t>(d), false);
  std::vector<double> values;
  for (const ColumnCondition& condition : conditions) {
    const auto [column, lower, upper] = condition;
    require(column >= 0 && column < d, "conditions", "on columns from 0 to " + std::to_string(d - 1), column);
    require(!is_met[static_cast<std::size_t>(column)], "conditions", "on different columns", column);
    is_met[static_cast<std::size_t>(column)] = true;
    const std::string name = "conditions on column " + std::to_string(column);
    require(!std::isnan(lower) && !std::isnan(upper), name, "numbers", "nan");
    require(lower <= upper, name, "with lower <= upper, which is " + std::to_string(upper), lower);
    require(lower < kNoBound && upper > -kNoBound, name, "met by a finite number", lower);
    if (lower == upper) {
      result.given.push_back(column);
      values.push_back(lower);
    } else if (lower > -kNoBound || upper < kNoBound) {
      result.bounds.push_back(condition);
    }
  }
  require(static_cast<Index>(values.size()) < d, "conditions", "values of fewer than all columns", values.size());
  result.values = Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
  return result;
}

/// Returns the law of the columns of a model, all of them with bounds, most of which are none.
template <Subordinator S>
BoxLaw box_of(const MeanVarianceMixture<S>& model, const std::vector<ColumnCondition>& bounds) {
  BoxLaw box{model.mu(),
             model.gamma(),
             model.L_Sigma(),
             model.subordinator().gig(),
             Vector::Constant(model.d(), -kNoBound),
             Vector::Constant(model.d(), kNoBound)};
  for (const auto& [column, lower, upper] : bounds) {
    const double nearest = std::clamp(model.mu()(column), lower, upper);
    require(std::abs(nearest - model.mu()(column)) <= kFarthest * model.L_Sigma().row(column).head(column + 1).norm(),
            "conditions", "met within 1e150 standard units of mu", nearest);
    box.lower(column) = lower;
    box.upper(column) = upper;
  }
  return box;
}

/// Returns an order of the columns in which those with bounds come first, the least likely of them before the others:
/// what is drawn later depends less on what was drawn before.
std::vector<Index> order_of(const BoxLaw& box, const std::vector<ColumnCondition>& bounds) {
  std::vector<std::pair<double, Index>> by_probability;
  by_probability.reserve(bounds.size());
  for (const ColumnCondition& bound : bounds) {
    by_probability.emplace_back(log_column_probability(box, bound.column), bound.column);
  }
  std::sort(by_probability.begin(), by_probability.end());
  std::vector<Index> order;
  order.reserve(static_cast<std::size_t>(box.mu.size()));
  for (const auto& [log_probability, column] : by_probability) order.push_back(column);
  const std::vector<Index> free = other_columns(order, box.mu.size());
  order.insert(order.end(), free.begin(), free.end());
  return order;
}

/// Returns draws with columns in the order of the model.
template <Subordinator S>
BoxDraws draw_within_bounds(const MeanVarianceMixture<S>& model, const std::vector<ColumnCondition>& bounds, Index n,
                            const Seed& seed) {
  const BoxLaw box = box_of(model, bounds);
  const std::vector<Index> order = order_of(box, bounds);
  const auto k = static_cast<Index>(bounds.size());
  const BoxLaw ordered{box.mu(order), box.gamma(order),         reordered_factor(box.factor, order),
                       box.y,         box.lower(order).head(k), box.upper(order).head(k)};
  BoxDraws draws = draw_in_box(ordered, n, seed);
  RowMatrix x(n, model.d());
  x(Eigen::all, order) = draws.x;
  draws.x = std::move(x);
  return draws;
}

Scenarios weighted(BoxDraws draws) {
  const Index rows = draws.x.rows();
  const auto n = static_cast<double>(rows);
  Scenarios result{
      std::move(draws.x), Vector::Constant(rows, 1.0 / n), n, draws.log_probability, 0.0, ScenarioMethod::kExact,
      ScenarioStatus::kOk};
  if (draws.log_weights.size() == 0) return result;
  require(draws.log_probability > -kNoBound, "conditions", "such that draws can be proposed", "no row that meets them");
  const Vector weights = (draws.log_weights.array() - draws.log_weights.maxCoeff()).exp();
  result.weights = weights / weights.sum();
  result.effective_sample_size = std::min(n, 1.0 / result.weights.squaredNorm());
  const double variance = (n / result.effective_sample_size - 1.0) / (n - 1.0);
  result.relative_error = n > 1.0 ? std::sqrt(variance) : std::numeric_limits<double>::infinity();
  result.method = ScenarioMethod::kImportance;
  if (result.effective_sample_size < kSmallEffectiveShare * n) {
    result.status = ScenarioStatus::kSmallEffectiveSampleSize;
  }
  if (!draws.is_sharp) result.status = ScenarioStatus::kUncertainProposal;
  return result;
}

}  // namespace

std::string_view sentence(ScenarioStatus status) noexcept {
  switch (status) {
    case ScenarioStatus::kSmallEffectiveSampleSize:
      return "a few rows have most of the weight: draw more, or ask for less at once";
    case ScenarioStatus::kUncertainProposal:
      return "the proposal was not found to its accuracy: rows may miss the conditional law, and weights do not tell";
    default:
      return "";
  }
}

template <Subordinator S>
Scenarios draw_scenarios(const MeanVarianceMixture<S>& model, const std::vector<ColumnCondition>& conditions, Index n,
                         const Seed& seed) {
  require(n >= 1, "n", ">= 1", n);
  const Sorted all = sorted(conditions, model.d());
  if (all.given.empty()) return weighted(draw_within_bounds(model, all.bounds, n, seed));
  const std::vector<Index> rest = other_columns(all.given, model.d());
  std::vector<ColumnCondition> bounds = all.bounds;
  for (ColumnCondition& bound : bounds) {
    bound.column = std::find(rest.begin(), rest.end(), bound.column) - rest.begin();
  }
  BoxDraws draws = std::visit([&](const auto& law) { return draw_within_bounds(law, bounds, n, seed); },
                              conditional_law(model, all.given, all.values));
  RowMatrix x(n, model.d());
  x(Eigen::all, rest) = draws.x;
  x(Eigen::all, all.given) = all.values.transpose().replicate(n, 1);
  draws.x = std::move(x);
  return weighted(std::move(draws));
}

#define VARIMIX_INSTANTIATE(S)                                                                                 \
  template Scenarios draw_scenarios(const MeanVarianceMixture<S>&, const std::vector<ColumnCondition>&, Index, \
                                    const Seed&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
