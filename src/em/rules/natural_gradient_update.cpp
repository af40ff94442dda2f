#include "varimix/em/rules/natural_gradient_update.hpp"

#include <cmath>
#include <cstddef>

#include "least_share.hpp"
#include "varimix/em/rules/number_of_parameters.hpp"

namespace varimix {
namespace {

/// Returns the share of the rows that have shown each column. A column that none has shown counts as shown once.
Vector shares(const std::vector<double>& seen, double rows) {
  const auto by_column = Vector::Map(seen.data(), static_cast<Index>(seen.size()));
  return (by_column / rows).cwiseMax(1.0 / (1.0 + rows)).cwiseMin(1.0);
}

/// Returns the rows that determine a column's law given the others: five for each of its numbers, which are those in mu,
/// gamma and Sigma. From fewer rows than numbers its likelihood has no maximum; from twice as many it is far from quadratic.
double least_rows(std::size_t d) { return 5.0 * static_cast<double>(d + 2); }

/// Returns the shares of NaturalStep: 0 for a column that is hardly known, if the batch does not show it or too few rows
/// have, with those of the batch.
Vector shown_shares(const std::vector<double>& seen, const std::vector<double>& observed, double rows) {
  constexpr double kFew = 0.1;  // a share: rows of which most show a column determine it as they do the others
  const Vector all = shares(seen, rows);
  Vector shown = all;
  for (std::size_t j = 0; j < observed.size(); ++j) {
    const bool is_unseen = observed[j] == 0.0 && seen[j] < kLeastShare * rows;
    const bool is_undetermined = seen[j] < kFew * rows && seen[j] < least_rows(seen.size());
    if (is_unseen || is_undetermined) shown(static_cast<Index>(j)) = 0.0;
  }
  return shown.isZero(0.0) ? all : shown;
}

}  // namespace

double NaturalGradientUpdate::Hooks::kept(const StepInfo& info) const {
  if (!half_life) return 1.0;
  return std::exp2(-(half_life->time() ? info.elapsed : info.batch_weight) / half_life->length);
}

std::vector<double> NaturalGradientUpdate::Hooks::seen_with(const StepInfo& info) const {
  std::vector<double> with = seen;
  if (with.empty()) with.assign(info.observed.size(), remembered);
  for (std::size_t j = 0; j < with.size(); ++j) {
    with[j] = kept(info) * with[j] + (info.observed.empty() ? info.batch_weight : info.observed[j]);
  }
  return with;
}

Eta NaturalGradientUpdate::Hooks::accumulate(const Eta& /*running*/, const Eta& batch, const StepInfo& info) {
  seen = seen_with(info);
  remembered = kept(info) * remembered + info.batch_weight;
  squares = kept(info) * kept(info) * squares + info.batch_weight;
  return batch;
}

std::optional<NaturalStep> NaturalGradientUpdate::Hooks::natural_step(const StepInfo& info, Index d) const {
  constexpr double kEarlyRows = 10.0;  // rows for each parameter that count half
  const double past = kept(info) * remembered;
  const double rows = past + info.batch_weight;
  const Vector shown = shown_shares(seen_with(info), info.observed, rows);
  const Index known = shown.size() == 0 ? d : (shown.array() > 0.0).count();
  const double early = kEarlyRows * number_of_parameters(known);
  const auto size = static_cast<double>(known + 1);
  NaturalStep step{.past = past * (early + info.weight_before) / (2.0 * early + info.weight_before),
                   .prior = n0.value_or(size * size)};
  step.shown = shown;
  return step;
}

std::optional<KnownRows> NaturalGradientUpdate::Hooks::known_rows() const {
  if (!(squares > 0.0)) return KnownRows{};
  KnownRows known{.rows = remembered * (remembered / squares)};
  known.shown = shares(seen, remembered);
  return known;
}

Vector NaturalGradientUpdate::Hooks::shares_shown() const {
  if (seen.empty() || !(remembered > 0.0)) return {};
  return Vector::Map(seen.data(), static_cast<Index>(seen.size())) / remembered;
}

std::optional<double> NaturalGradientUpdate::Hooks::time_half_life() const {
  return half_life ? half_life->time() : std::nullopt;
}

void NaturalGradientUpdate::Hooks::merge(const NaturalGradientUpdate& other, const NaturalGradientUpdate* ancestor,
                                         const CombineStatistics& /*combine*/) {
  const auto add = [&](const NaturalGradientUpdate& rule, double sign) {
    for (std::size_t j = 0; j < seen.size(); ++j)
      seen[j] += sign * (rule.seen.empty() ? rule.remembered : rule.seen[j]);
  };
  if (seen.empty() && !other.seen.empty()) seen.assign(other.seen.size(), remembered);
  add(other, 1.0);
  if (ancestor != nullptr) add(*ancestor, -1.0);
  remembered += other.remembered - (ancestor == nullptr ? 0.0 : ancestor->remembered);
  squares += other.squares - (ancestor == nullptr ? 0.0 : ancestor->squares);
}

}  // namespace varimix
