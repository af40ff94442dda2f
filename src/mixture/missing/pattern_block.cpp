#include "pattern_block.hpp"

#include <algorithm>

#include "kernels/distance.hpp"
#include "varimix/core/constants.hpp"

namespace varimix {
namespace {

// Rows of one pattern share its factor if they are this many: making it costs as much as a vector of rows that have
// each its own.
constexpr Index kSharingRows = 10;

// The doubles that a vector of rows may need for its factors, a megabyte.
constexpr Index kMostScratch = Index{1} << 17;

/// Returns the most missing columns for which kPartialRows rows need no more scratch than that; -1 if none.
Index most_missing_in_vectors(Index d) {
  Index missing = d;
  while (missing >= 0 && kernels::partial_rows_scratch(kernels::kPartialRows, d, missing) > kMostScratch) --missing;
  return missing;
}

}  // namespace

PatternBlock::PatternBlock(Index d, Index rows)
    : block(d, rows),
      most_missing_(most_missing_in_vectors(d)),
      shown_(d * block.stride),
      scratch_(kernels::partial_rows_scratch(kernels::kPartialRows, d, std::max(Index{0}, most_missing_))),
      mean_(std::max(d, kernels::kPartialRows * std::max(Index{0}, most_missing_))),
      gamma_(static_cast<Index>(mean_.size())),
      covariance_(std::max(triangle_of(d), kernels::kPartialRows * triangle_of(std::max(Index{0}, most_missing_)))),
      rest_{0, mean_.data(), gamma_.data(), covariance_.data()},
      pattern_(d) {
  runs_.reserve(kBlockRows);
  batches_.reserve(kBlockRows);
}

void PatternBlock::load(const PatternPass& pass, Index first, Index count) {
  const RowGroups& groups = pass.groups;
  numbers_ = std::span(groups.rows).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  pass.rows.copy_columns(first, count, {pass.origin.data(), static_cast<std::size_t>(pass.origin.size())},
                         block.x.data(), block.stride);
  runs_.clear();
  batches_.clear();
  Index group = groups.group_at(first);
  for (Index at = first; at < first + count; ++group) {
    const Index end = std::min(first + count, groups.start[static_cast<std::size_t>(group + 1)]);
    add_run(pass, group, at - first, end - at);
    at = end;
  }
}

/// Adds rows of a group to the batches.
void PatternBlock::add_run(const PatternPass& pass, Index group, Index first, Index count) {
  const RowGroups& groups = pass.groups;
  const Index missing = static_cast<Index>(groups.missing(group).size());
  const auto shown_in = [&](std::size_t run) { return groups.shown[static_cast<std::size_t>(runs_[run].group)]; };
  const Index shown = groups.shown[static_cast<std::size_t>(group)];
  if (count >= kSharingRows || missing == 0 || missing > most_missing_) {
    batches_.push_back({runs_.size(), runs_.size() + 1, true});
    runs_.push_back({group, first, count});
    return;
  }
  while (count > 0) {
    const bool joins = !batches_.empty() && !batches_.back().shares_factor &&
                       pass.orders.is_large(shown) == pass.orders.is_large(shown_in(batches_.back().first_run)) &&
                       first - runs_[batches_.back().first_run].first < kernels::kPartialRows;
    if (!joins) batches_.push_back({runs_.size(), runs_.size(), false});
    Batch& batch = batches_.back();
    const Index batch_first = batch.first_run < runs_.size() ? runs_[batch.first_run].first : first;
    const Index taken = std::min(count, batch_first + kernels::kPartialRows - first);
    runs_.push_back({group, first, taken});
    ++batch.last_run;
    first += taken;
    count -= taken;
  }
}

Index PatternBlock::distances(const PatternPass& pass, const Batch& batch, Rest rest) {
  const std::span<const Run> runs = runs_of(batch);
  batch_first_ = runs.front().first;
  if (batch.shares_factor) {
    shared_distances(pass, runs.front(), rest);
  } else {
    own_distances(pass, runs, rest);
  }
  Index raised = 0;
  for (const Run& run : runs) {
    raised += block.raise(pass.joint, pass.orders, pass.distance_floor,
                          pass.groups.shown[static_cast<std::size_t>(run.group)], run.first, run.count);
  }
  return raised;
}

Index PatternBlock::distances(const PatternPass& pass, Rest rest) {
  Index raised = 0;
  for (const Batch& batch : batches_) raised += distances(pass, batch, rest);
  return raised;
}

void PatternBlock::shared_distances(const PatternPass& pass, const Run& run, Rest rest) {
  rest_.stride = 1;
  pattern_.take(pass.joint, pass.partial, pass.groups.missing(run.group), block.x.data() + run.first, block.stride,
                rest_, rest);
  const Index shown = pattern_.shown();
  for (Index k = 0; k < shown; ++k) {
    const Index j = pattern_.observed[static_cast<std::size_t>(k)];
    std::copy_n(block.x.data() + j * block.stride + run.first, run.count, shown_.data() + k * block.stride);
  }
  const kernels::PartialRowLaw roots = pass.partial.kernel(pass.orders.is_large(shown));
  const kernels::RowLaw law{.mu = pattern_.mu_shown.data(),
                            .cholesky = pattern_.factor(),
                            .cholesky_stride = pattern_.stride(),
                            .direction = pattern_.whitened_gamma.data(),
                            .root_a = roots.root_a,
                            .root_b = roots.root_b};
  kernels::distance(law, shown_.data(), run.count, block.stride, shown, block.whitened.data(),
                    block.results_from(run.first).distances);
  std::fill_n(block.gamma_squared.data() + run.first, run.count, pattern_.gamma_squared);
  std::fill_n(block.log_det_root.data() + run.first, run.count, pattern_.log_det_root);
  if (rest == Rest::kDescribe) complete_shared(pass, run);
}

void PatternBlock::complete_shared(const PatternPass& pass, const Run& run) {
  const std::span<const std::int32_t> missing = pass.groups.missing(run.group);
  for (std::size_t k = 0; k < missing.size(); ++k) {
    const Index j = missing[k];
    double* column = block.x.data() + j * block.stride + run.first;
    std::fill_n(column, run.count, 0.0);
    kernels::take_explained(pattern_.loading(static_cast<Index>(k)), block.whitened.data(), run.count, block.stride,
                            pattern_.shown(), column);
    const double mu = pass.joint.mu(j);
    const double unit = pass.partial.unit(j);
    for (Index i = 0; i < run.count; ++i) column[i] = mu - unit * column[i];
  }
}

void PatternBlock::own_distances(const PatternPass& pass, std::span<const Run> runs, Rest rest) {
  const Index first = runs.front().first;
  const Index count = runs.back().first + runs.back().count - first;
  Index fewest = pass.joint.d();
  for (const Run& run : runs) fewest = std::min(fewest, pass.groups.shown[static_cast<std::size_t>(run.group)]);
  rest_.stride = kernels::kPartialRows;
  kernels::partial_rows(pass.partial.kernel(pass.orders.is_large(fewest)), block.x.data() + first, count, block.stride,
                        pass.joint.d() - fewest, scratch_.data(), block.results_from(first),
                        rest == Rest::kDescribe ? &rest_ : nullptr, nullptr);
  for (const Run& run : rest == Rest::kDescribe ? runs : std::span<const Run>()) {
    const std::span<const std::int32_t> missing = pass.groups.missing(run.group);
    for (std::size_t k = 0; k < missing.size(); ++k) {
      const Index j = missing[k];
      const double* mean = mean_.data() + static_cast<Index>(k) * kernels::kPartialRows + run.first - first;
      double* column = block.x.data() + j * block.stride + run.first;
      for (Index i = 0; i < run.count; ++i) column[i] = pass.joint.mu(j) + pass.partial.unit(j) * mean[i];
    }
  }
}

ConditionalLaw PatternBlock::conditional(const PatternPass& pass, const Run& run) const {
  const Index at = rest_.stride == 1 ? 0 : run.first - batch_first_;
  return {pass.groups.missing(run.group),
          pass.partial,
          {rest_.stride, rest_.mean + at, rest_.gamma + at, rest_.covariance + at}};
}

GigParameters PatternBlock::posterior_law(const PatternPass& pass, const Run& run, Index i) const {
  const auto shown = static_cast<double>(pass.groups.shown[static_cast<std::size_t>(run.group)]);
  const auto row = static_cast<std::size_t>(i);
  const GigParameters& gig = pass.joint.gig;
  return {gig.p - 0.5 * shown, gig.a + block.gamma_squared[row], gig.b + block.q[row]};
}

void PatternBlock::posterior(const PatternPass& pass, Wanted wanted) {
  const auto shown_of = [&](const Run& run) { return pass.groups.shown[static_cast<std::size_t>(run.group)]; };
  for (auto from = runs_.begin(); from != runs_.end();) {
    const Index shown = shown_of(*from);
    const auto to = std::find_if(from, runs_.end(), [&](const Run& run) { return shown_of(run) != shown; });
    const Index end = to == runs_.end() ? size() : to->first;
    block.posterior(pass.joint, pass.orders, shown, from->first, end - from->first, wanted);
    from = to;
  }
}

}  // namespace varimix
