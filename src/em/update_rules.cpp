#include "varimix/em/update_rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>

#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {
namespace {

/// Free parameters of a skewed law with one shape: mu, gamma, Sigma and the shape, less the gauge.
double number_of_parameters(Index d) {
  const auto dimension = static_cast<double>(d);
  return 1.0 + 2.0 * dimension + 0.5 * dimension * (dimension + 1.0);
}

/// W(N) of PolyakRuppertUpdate: a part of m rows takes the step m / W.
double step_scale(const PolyakRuppertUpdate& rule, double rows_before, Index d) {
  const auto size = static_cast<double>(d + 1);
  const double n0 = rule.n0.value_or(size * size);
  return n0 * std::pow((rows_before + n0) / n0, rule.exponent);  // n0^(1-e) (N + n0)^e, exactly n0 at N = 0
}

}  // namespace

Eta checked_statistics(Eta eta, const EtaLayout& layout, const char* function) {
  const auto name = [&] { return std::string("what ") + function + " of the update rule returns"; };
  if (eta.d() != layout.d()) require(false, name(), "of dimension " + std::to_string(layout.d()), eta.d());
  if (!eta.layout.begins(layout) && !layout.begins(eta.layout)) {
    require(false, name(), "the statistics that it was given", "other ones");
  }
  const bool is_whole = eta.origin.size() == layout.d() && eta.values.size() == eta.layout.size();
  if (!is_whole) require(false, name(), "as many numbers as its layout has", eta.values.size());
  return eta;
}

Eta IdentityUpdate::accumulate(const Eta& running, const Eta& batch, const StepInfo& /*info*/) const {
  return blend(running, batch, 1.0);
}

Eta RobbinsMonroUpdate::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) const {
  const double t = tau0 + static_cast<double>(info.step);
  return blend(running, batch, exponent == 1.0 ? 1.0 / t : std::pow(t, -exponent));
}

void RobbinsMonroUpdate::check(Index /*d*/) const {
  require(std::isfinite(tau0) && tau0 > 0.0, "tau0", "finite and > 0", tau0);
  require(tau0 >= 1.0, "tau0", ">= 1 (the first step 1/tau0 must not exceed 1)", tau0);
  require(exponent > 0.5 && exponent <= 1.0, "exponent", "in (1/2, 1]", exponent);
}

Eta SampleWeightedUpdate::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) const {
  return blend(running, batch, info.batch_weight / (n0 + info.weight_before + info.batch_weight));
}

void SampleWeightedUpdate::merge(const SampleWeightedUpdate& /*other*/, const SampleWeightedUpdate* /*ancestor*/,
                                 const CombineStatistics& /*combine*/) {
  // It carries nothing.
}

void SampleWeightedUpdate::check(Index /*d*/) const {
  require(std::isfinite(n0) && n0 >= 0.0, "n0", "finite and >= 0", n0);
}

Eta EWMAUpdate::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  if (const std::optional<double> time = time_half_life()) {
    const double before =
        std::exp2(-info.elapsed / *time) * remembered.value_or(2.0 * number_of_parameters(running.d()));
    remembered = before + info.batch_weight;
    return blend(running, batch, info.batch_weight / *remembered);
  }
  const double step = half_life ? -std::expm1(-kLogTwo * info.batch_weight / half_life->length) : w.value_or(kDefaultW);
  return blend(running, batch, step);
}

std::optional<double> EWMAUpdate::time_half_life() const {
  return half_life && half_life->unit == HalfLife::Unit::kTime ? std::optional(half_life->length) : std::nullopt;
}

bool EWMAUpdate::same_settings(const EWMAUpdate& other) const {
  return half_life == other.half_life && (half_life || w.value_or(kDefaultW) == other.w.value_or(kDefaultW));
}

void EWMAUpdate::check(Index /*d*/) const {
  require(!(w && half_life), "w", "left out where half_life is given", w.value_or(0.0));
  if (w) require(*w > 0.0 && *w <= 1.0, "w", "in (0, 1]", *w);
  if (half_life) {
    require(std::isfinite(half_life->length) && half_life->length > 0.0, "half_life", "finite and > 0",
            half_life->length);
  }
}

Eta AffineUpdate::accumulate(const Eta& running, const Eta& batch, const StepInfo& /*info*/) const {
  const std::array<AffineTerm, 3> terms = {{{b, &running}, {c, &batch}, {1.0, a ? &*a : nullptr}}};
  return affine_combine(std::span(terms).first(a ? 3 : 2));
}

void AffineUpdate::rescale_y(double s) {
  if (a) a = varimix::rescale_y(*a, s);
}

bool AffineUpdate::same_settings(const AffineUpdate& other) const {
  const bool same_a = a && other.a ? is_near(*a, *other.a) : a.has_value() == other.a.has_value();
  return same_a && b == other.b && c == other.c;
}

bool AffineUpdate::weights_sum_to_one() const {
  constexpr double kRounding = 4.0 * kEpsilon;
  return a.has_value() || std::abs(b + c - 1.0) <= kRounding;
}

void AffineUpdate::check(Index d) const {
  require(std::isfinite(b), "b", "finite", b);
  require(std::isfinite(c), "c", "finite", c);
  if (!a) return;
  require(a->is_finite(), "a", "finite", std::string(a->first_not_finite()) + " that is not");
  require(d == 0 || a->d() == d, "a", "of dimension " + std::to_string(d), a->d());
}

std::int64_t PolyakRuppertUpdate::parts(const StepInfo& info, Index d) const {
  constexpr double kMostParts = 0x1p62;  // an integer still; there are never more parts than rows
  const double parts = std::ceil(2.0 * info.batch_weight / step_scale(*this, info.weight_before, d));
  return static_cast<std::int64_t>(std::min(kMostParts, parts));
}

Eta PolyakRuppertUpdate::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  const double rows = info.batch_weight;
  const double rows_with = info.weight_before + rows;
  Eta next = blend(running, batch, std::min(1.0, rows / step_scale(*this, info.weight_before, running.d())));
  const double share = 2.0 * rows / (rows_with + rows);
  reported = reported ? blend(*reported, next, share) : next;
  return next;
}

Eta PolyakRuppertUpdate::report(const Eta& running) const { return reported.value_or(running); }

void PolyakRuppertUpdate::rescale_y(double s) {
  if (reported) reported = varimix::rescale_y(*reported, s);
}

void PolyakRuppertUpdate::merge(const PolyakRuppertUpdate& other, const PolyakRuppertUpdate* ancestor,
                                const CombineStatistics& combine) {
  if (!reported || !other.reported) {
    if (!reported) reported = other.reported;
    return;
  }
  reported =
      combine(*reported, *other.reported, ancestor != nullptr && ancestor->reported ? &*ancestor->reported : nullptr);
}

bool PolyakRuppertUpdate::same_settings(const PolyakRuppertUpdate& other) const {
  return exponent == other.exponent && n0 == other.n0;
}

void PolyakRuppertUpdate::check(Index d) const {
  require(d == 0 || !reported || reported->d() == d, "reported", "of dimension " + std::to_string(d),
          reported ? reported->d() : 0);
  require(exponent > 0.5 && exponent <= 1.0, "exponent", "in (1/2, 1]", exponent);
  if (n0) require(std::isfinite(*n0) && *n0 > 0.0, "n0", "finite and > 0", *n0);
}

}  // namespace varimix
