#include "pattern_block.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/distance.hpp"
#include "kernels/exponents.hpp"
#include "kernels/large_order_posterior.hpp"
#include "kernels/mixed_posterior.hpp"
#include "varimix/core/constants.hpp"

namespace varimix {
namespace {

/// Returns true if rows that show `shown` columns have a large order (LargeOrderPosterior).
bool has_large_order(const GigParameters& gig, const GigMode& mode, Index shown) {
  return kernels::has_large_order(mode, gig.p, std::sqrt(gig.a) * std::sqrt(gig.b),
                                  gig.p - 0.5 * static_cast<double>(shown));
}

}  // namespace

PatternTables::PatternTables(const JointLaw& joint)
    : gig_(joint.gig),
      mode_(joint.mode),
      has_bessel_(joint.gig.a > 0.0 || joint.gamma.squaredNorm() > 0.0),
      rows_(static_cast<std::size_t>(joint.d() + 1), 0),
      tables_(static_cast<std::size_t>(joint.d() + 1)) {}

void PatternTables::prepare(const RowGroups& groups) {
  if (!has_bessel_) return;
  for (Index g = 0; g < groups.groups(); ++g) {
    const auto k = static_cast<std::size_t>(g);
    rows_[static_cast<std::size_t>(groups.shown[k])] += groups.start[k + 1] - groups.start[k];
  }
  for (std::size_t shown = 1; shown < tables_.size(); ++shown) {
    const double order = gig_.p - 0.5 * static_cast<double>(shown);
    if (has_large_order(gig_, mode_, static_cast<Index>(shown))) continue;
    if (tables_[shown] == nullptr && kernels::table_pays(order, rows_[shown])) {
      tables_[shown] = std::make_unique<BesselTable>(order);
    }
  }
}

PatternBlock::PatternBlock(Index d) : block(d), shown_(d * kBlockStride), a_(kBlockRows), pattern_(d) {
  runs_.reserve(kBlockRows);
  large_order_.reserve(kBlockRows);
}

void PatternBlock::load(const PatternPass& pass, Index first, Index count) {
  const RowGroups& groups = pass.groups;
  pass.x.copy_columns(std::span(groups.rows).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)),
                      {pass.origin.data(), static_cast<std::size_t>(pass.origin.size())}, block.x.data(), kBlockStride);
  runs_.clear();
  large_order_.clear();
  Index group = groups.group_at(first);
  for (Index at = first; at < first + count; ++group) {
    const Index end = std::min(first + count, groups.start[static_cast<std::size_t>(group + 1)]);
    runs_.push_back({group, at - first, end - at});
    at = end;
  }
}

Index PatternBlock::distances(const PatternPass& pass, const Run& run, Rest rest) {
  pattern_.take(pass.joint, pass.groups.shows(run.group), rest);
  const Index shown = pattern_.shown();
  for (Index k = 0; k < shown; ++k) {
    const Index j = pattern_.observed[static_cast<std::size_t>(k)];
    std::copy_n(block.x.data() + j * kBlockStride + run.first, run.count, shown_.data() + k * kBlockStride + run.first);
  }
  const bool centred = has_large_order(pass.joint.gig, pass.joint.mode, shown);
  const kernels::RowLaw law{.mu = pattern_.mu_shown.data(),
                            .cholesky = pattern_.factor().data(),
                            .cholesky_stride = pattern_.d(),
                            .direction = pattern_.whitened_gamma.data(),
                            .root_a = centred ? 0.0 : std::sqrt(pass.joint.gig.a),
                            .root_b = centred ? 0.0 : std::sqrt(pass.joint.gig.b)};
  double* q = block.q.data() + run.first;
  double* misalignment = block.misalignment.data() + run.first;
  double* projection = block.projection.data() + run.first;
  double* exponent = block.exponent.data() + run.first;
  kernels::distance(law, shown_.data() + run.first, run.count, kBlockStride, shown, block.whitened.data() + run.first,
                    {q, projection, misalignment});
  Index raised = 0;
  if (pattern_.law.b < pass.distance_floor) {
    // The floor is in proportion to the dimension.
    const double floor = pass.distance_floor * static_cast<double>(shown) / static_cast<double>(pattern_.d());
    raised = raise_distances(centred ? pattern_.gamma_squared : pattern_.law.a, floor, run.count, q, misalignment);
  }
  std::fill_n(a_.data() + run.first, run.count, pattern_.law.a);
  if (centred) {
    const auto dimension = static_cast<double>(shown);
    large_order_.emplace_back(pass.joint.mode, pattern_.law.order, pattern_.gamma_squared, dimension,
                              -0.5 * dimension * kLogTwoPi - pattern_.log_det_root);
    return raised;
  }
  kernels::exponents(pattern_.law, pattern_.gamma_squared, run.count, q, projection, misalignment, exponent);
  for (Index i = 0; i < run.count; ++i) exponent[i] += pattern_.law.log_constant;
  return raised;
}

void PatternBlock::complete(const PatternPass& pass, const Run& run, Index k) {
  const Index j = pattern_.missing[static_cast<std::size_t>(k)];
  double* column = block.x.data() + j * kBlockStride + run.first;
  std::fill_n(column, run.count, pass.joint.mu(j));
  for (Index c = 0; c < pattern_.shown(); ++c) {
    const double* whitened = block.whitened.data() + c * kBlockStride + run.first;
    const double loading = pattern_.loading(k, c);
#pragma omp simd
    for (Index i = 0; i < run.count; ++i) column[i] += loading * whitened[i];
  }
}

GigParameters PatternBlock::posterior_law(const PatternPass& pass, const Run& run, Index i) const {
  const auto shown = static_cast<double>(pass.groups.shown[static_cast<std::size_t>(run.group)]);
  const auto row = static_cast<std::size_t>(i);
  return {pass.joint.gig.p - 0.5 * shown, a_[row], pass.joint.gig.b + block.q[row]};
}

void PatternBlock::posterior(const PatternPass& pass, Wanted wanted) {
  const auto shown_of = [&](const Run& run) { return pass.groups.shown[static_cast<std::size_t>(run.group)]; };
  const GigParameters& gig = pass.joint.gig;
  auto centred = large_order_.cbegin();
  for (auto from = runs_.begin(); from != runs_.end();) {
    const Index shown = shown_of(*from);
    const auto to = std::find_if(from, runs_.end(), [&](const Run& run) { return shown_of(run) != shown; });
    if (has_large_order(pass.joint.gig, pass.joint.mode, shown)) {
      for (; from != to; ++from) large_order_posterior(*centred++, *from, wanted);
      continue;
    }
    const Index first = from->first;
    const Index count = (to == runs_.end() ? runs_.back().first + runs_.back().count : to->first) - first;
    const kernels::PosteriorLaw law{
        .order = gig.p - 0.5 * static_cast<double>(shown), .a = 0.0, .b = gig.b, .z_prior = 0.0, .log_constant = 0.0};
    kernels::mixed_posterior(law, pass.tables.at(shown), count, a_.data() + first, block.q.data() + first,
                             block.exponent.data() + first, results(wanted, first));
    from = to;
  }
}

void PatternBlock::large_order_posterior(const kernels::LargeOrderPosterior& law, const Run& run, Wanted wanted) {
  kernels::large_order_posterior(law, run.count, block.q.data() + run.first, block.projection.data() + run.first,
                                 block.misalignment.data() + run.first, results(wanted, run.first));
}

kernels::Posteriors PatternBlock::results(Wanted wanted, Index first) {
  const LogY log_y = wanted == Wanted::kMomentsAndLogY ? LogY::kCompute : LogY::kLeaveOut;
  return block.posteriors(wanted != Wanted::kLogDensity, log_y).from(first);
}

}  // namespace varimix
