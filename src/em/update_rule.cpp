#include "varimix/em/update_rule.hpp"

#include <string>
#include <utility>
#include <vector>

#include "varimix/stats/gauge.hpp"

namespace varimix {
namespace {

/// Returns `eta`, the result of the hook `hook` of a rule, without fields beyond those of `layout`. Throws
/// std::invalid_argument unless it has those.
Eta checked(Eta eta, const EtaLayout& layout, const char* hook) {
  const auto name = [&] { return std::string("what ") + hook + " of the update rule returns"; };
  if (eta.d() != layout.d()) require(false, name(), "of dimension " + std::to_string(layout.d()), eta.d());
  if (!layout.begins(eta.layout)) require(false, name(), "the statistics that it was given", "other ones");
  const bool is_whole = eta.origin.size() == layout.d() && eta.values.size() == eta.layout.size();
  if (!is_whole) require(false, name(), "as many numbers as its layout has", eta.values.size());
  if (eta.values.size() > layout.size()) {
    eta.values.conservativeResize(layout.size());
    eta.layout = layout;
  }
  return eta;
}

}  // namespace

void check_member(const Eta& eta, const char* name, const Domain& /*domain*/, Index d) {
  require(d == 0 || eta.d() == d, name, "of dimension " + std::to_string(d), eta.d());
  require(eta.is_finite(), name, "finite", std::string("one whose ") + eta.first_not_finite() + " is not");
  require(eta.origin.allFinite() && std::isfinite(eta.weight), name, "of finite origin and weight", "one that is not");
}

void check_member(const std::vector<double>& by_column, const char* name, const Domain& domain, Index d) {
  const auto size = static_cast<Index>(by_column.size());
  require(d == 0 || size == 0 || size == d, name, "of dimension " + std::to_string(d), size);
  for (const double value : by_column) require(domain.holds(value), name, domain.words, value);
}

void rescale_member(Eta& eta, double s) { eta = rescale_y(std::move(eta), s); }

bool same_setting(const Eta& left, const Eta& right) { return is_near(left, right); }

Eta UpdateRule::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  return checked(hooks_->accumulate(running, batch, info), running.layout, "accumulate");
}

Eta UpdateRule::emit(const Eta& running) const { return checked(hooks_->emit(running), running.layout, "emit"); }

Eta UpdateRule::report(const Eta& running) const { return checked(hooks_->report(running), running.layout, "report"); }

std::optional<double> UpdateRule::time_half_life() const {
  const std::optional<double> time = hooks_->time_half_life();
  if (time) require(kPositive.holds(*time), "the time_half_life of the update rule", kPositive.words, *time);
  return time;
}

double UpdateRule::initial_weight() const {
  const double rows = hooks_->initial_weight();
  require(kNotNegative.holds(rows), "the initial_weight of the update rule", kNotNegative.words, rows);
  return rows;
}

std::string called(const UpdateRule& rule) { return rule.name().empty() ? "a rule of yours" : rule.name(); }

}  // namespace varimix
