#include "few_gaps_block.hpp"

#include <algorithm>
#include <bit>

#include "core/prefetch.hpp"
#include "kernels/gaps.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix {
using kernels::kPrecisionRows;

FewGapsBlock::FewGapsBlock(Index d, Index rows)
    : block(d, rows),
      as_read_(d * block.stride),
      words_(numbers_of(kernels::words_of(d))),
      missing_(static_cast<std::size_t>(kBlockRows)),
      order_(static_cast<std::size_t>(kBlockRows)),
      scratch_(kernels::precision_rows_scratch(d, std::min(kernels::kMostMissing, d))) {
  numbers_.reserve(static_cast<std::size_t>(kBlockRows));
}

void FewGapsBlock::load(const FewGapsPass& pass, Index first, Index count) {
  const Index d = pass.joint.d();
  pass.rows.copy_columns(first, count, {pass.origin.data(), static_cast<std::size_t>(d)}, as_read_.data(),
                         block.stride);
  ahead_ = pass.rows.memory(first + count, std::min(count, pass.rows.rows() - first - count));
  kernels::find_gaps(as_read_.data(), count, block.stride, d, words_.data(), block.stride, missing_.data());
  sort(pass, first, count);
  kernels::take_rows(as_read_.data(), order_.data(), size(), block.stride, d, block.x.data());
  list_columns(d);
}

/// Sorts the rows by how many columns they miss, and keeps those that miss few.
void FewGapsBlock::sort(const FewGapsPass& pass, Index first, Index count) {
  const Index d = pass.joint.d();
  const Index most = std::min(pass.partial.few_missing(), d - 1);
  std::vector<Index> rows_missing(static_cast<std::size_t>(d + 1), 0);
  for (Index i = 0; i < count; ++i) {
    ++rows_missing[static_cast<std::size_t>(missing_[static_cast<std::size_t>(i)])];
  }
  classes_.clear();
  std::vector<Index> next(static_cast<std::size_t>(d + 1), 0);
  Index kept = 0;
  Index all = 0;
  for (Index missing = 0; missing <= d; ++missing) {
    const Index rows = rows_missing[static_cast<std::size_t>(missing)];
    next[static_cast<std::size_t>(missing)] = all;
    all += rows;
    if (rows == 0 || missing > most) continue;
    classes_.push_back({missing, kept, rows});
    kept += rows;
  }
  for (Index i = 0; i < count; ++i) {
    order_[static_cast<std::size_t>(next[static_cast<std::size_t>(missing_[static_cast<std::size_t>(i)])]++)] = i;
  }
  numbers_.assign(order_.begin(), order_.begin() + kept);
  for (std::int64_t& number : numbers_) number += first;
}

/// Lists the missing columns of each row.
void FewGapsBlock::list_columns(Index d) {
  if (classes_.empty()) return;
  const Index most = classes_.back().missing;
  const std::size_t numbers = numbers_of(most);
  if (columns_.size() < numbers + kPrecisionRows) {  // the last vector may reach beyond
    columns_.resize(numbers + kPrecisionRows);
    mean_ = std::make_unique_for_overwrite<double[]>(numbers);
    gamma_ = std::make_unique_for_overwrite<double[]>(numbers);
    covariance_ = std::make_unique_for_overwrite<double[]>(numbers_of(triangle_of(most)));
  }
  for (Index i = 0; i < size(); ++i) {
    const std::uint64_t* word = words_.data() + order_[static_cast<std::size_t>(i)];
    std::int64_t* to = columns_.data() + i;
    for (Index from = 0; from < d; from += kernels::kColumnsOfWord, word += block.stride) {
      for (std::uint64_t rest = *word; rest != 0; to += block.stride) {
        const int column = std::countl_zero(rest);
        *to = from + column;
        rest &= ~(std::uint64_t{1} << (kernels::kColumnsOfWord - 1 - column));
      }
    }
  }
}

namespace {

/// Returns the law of rows whose orders are large or are not. Exponents need no misalignments below a product of
/// kScaledNormalizerFrom, which may differ by roundings, unless distances are raised.
kernels::PrecisionLaw law_of(const FewGapsPass& pass, bool is_large) {
  kernels::PrecisionLaw law = pass.partial.precision_kernel(is_large);
  const bool raises = pass.joint.gig.b < pass.distance_floor;
  if (!is_large && !raises) law.misalignment_from = 0.5 * kScaledNormalizerFrom;
  return law;
}

}  // namespace

Index FewGapsBlock::distances(const FewGapsPass& pass, Rest rest_too) {
  const Index d = pass.joint.d();
  const auto is_large = [&](const Class& same) { return pass.orders.is_large(d - same.missing); };
  auto from = classes_.begin();
  if (from != classes_.end() && from->missing == 0) complete_distances(pass, *from++, is_large(classes_.front()));
  while (from != classes_.end()) {
    const bool of_first = is_large(*from);
    const auto to = std::find_if(from, classes_.end(), [&](const Class& same) { return is_large(same) != of_first; });
    const Index end = to == classes_.end() ? size() : to->first;
    const kernels::PrecisionLaw law = law_of(pass, of_first);
    for (Index first = from->first; first < end; first += kPrecisionRows) {
      const Index rows = std::min(kPrecisionRows, end - first);
      const Index most = fill_places(first, rows, d);
      prefetch_beside(first, rows);
      const kernels::MissingColumns described = rest(first);
      kernels::precision_rows(law, block.x.data() + first, rows, block.stride, most, columns_.data() + first,
                              scratch_.data(), block.results_from(first),
                              rest_too == Rest::kDescribe ? &described : nullptr);
    }
    from = to;
  }
  Index raised = 0;
  for (const Class& same : classes_) {
    raised += block.raise(pass.joint, pass.orders, pass.distance_floor, d - same.missing, same.first, same.count);
  }
  return raised;
}

void FewGapsBlock::complete_distances(const FewGapsPass& pass, const Class& complete, bool is_large) {
  kernels::distance(pass.partial.complete_kernel(is_large), block.x.data() + complete.first, complete.count,
                    block.stride, pass.joint.d(), block.whitened.data(), block.results_from(complete.first).distances);
  std::fill_n(block.gamma_squared.data() + complete.first, complete.count, pass.partial.gamma_squared());
  std::fill_n(block.log_det_root.data() + complete.first, complete.count, pass.partial.log_det_root());
}

/// Lists places beyond d for what a row misses less than others that go with it, and returns how many columns these miss.
Index FewGapsBlock::fill_places(Index first, Index rows, Index d) {
  const auto after = std::partition_point(classes_.begin(), classes_.end(),
                                          [&](const Class& same) { return same.first < first + rows; });
  const Index most = std::prev(after)->missing;
  for (auto same = std::prev(after); same != classes_.begin() && same->first > first;) {
    --same;
    for (Index k = same->missing; k < most; ++k) {
      const Index from = std::max(first, same->first);
      std::fill_n(columns_.data() + k * block.stride + from, same->first + same->count - from, d + k);
    }
  }
  return most;
}

/// Asks for as large a part of the next block as these rows are of this one.
void FewGapsBlock::prefetch_beside(Index first, Index rows) const {
  const auto before = [&](Index row) { return ahead_.size() * static_cast<std::size_t>(row) / numbers_.size(); };
  prefetch(ahead_.subspan(before(first), before(first + rows) - before(first)));
}

void FewGapsBlock::posterior(const FewGapsPass& pass, Wanted wanted) {
  for (const Class& same : classes_) {
    block.posterior(pass.joint, pass.orders, pass.joint.d() - same.missing, same.first, same.count, wanted);
  }
}

}  // namespace varimix
