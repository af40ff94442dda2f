#include "row_groups.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "kernels/gaps.hpp"
#include "mixture/e_step_block.hpp"
#include "varimix/core/block_reduce.hpp"

namespace varimix {
namespace {

using Word = std::uint64_t;  // what vectors compare to doubles lane by lane
constexpr Index kWordBits = kernels::kColumnsOfWord;
constexpr Word kFirstBit = Word{1} << (kWordBits - 1);
constexpr Index kMostDigitBits = 11;  // of a word, by which rows are sorted: the counts stay in the first-level cache
constexpr Index kLeastDigitBits = 4;

/// The patterns of a part's rows: words[w * rows + i] has a bit for each of the columns 64w, ..., 64w + 63 of row i,
/// which is set if the column is missing. The first column has the highest bit, so that patterns beside each other
/// begin alike.
struct Patterns {
  std::vector<Word> words;
  std::vector<std::int64_t> missing;  // how many columns a row misses
  Index planes;
  std::size_t rows;
  [[nodiscard]] const Word* plane(Index w) const { return words.data() + static_cast<std::size_t>(w) * rows; }
};

/// A block of rows as they are.
struct PlainBlock {
  PlainBlock(Index d, Index most_rows) : columns(d, most_rows), origin(static_cast<std::size_t>(d), 0.0) {}
  void load(const RowView& rows, Index first, Index count) {
    rows.copy_columns(first, count, origin, columns.x.data(), columns.stride);
  }
  RowBlock columns;
  std::vector<double> origin;
};

Patterns patterns_of(const RowView& x) {
  const Index d = x.columns();
  const auto rows = static_cast<std::size_t>(x.rows());
  const Index planes = kernels::words_of(d);
  Patterns patterns{std::vector<Word>(static_cast<std::size_t>(planes) * rows), std::vector<std::int64_t>(rows), planes,
                    rows};
  PlainBlock block(d, x.rows());
  for (Index first = 0; first < x.rows(); first += kBlockRows) {
    const Index count = std::min(kBlockRows, x.rows() - first);
    block.load(x, first, count);
    kernels::find_gaps(block.columns.x.data(), count, block.columns.stride, d, patterns.words.data() + first, x.rows(),
                       patterns.missing.data() + first);
  }
  return patterns;
}

using Order = std::vector<std::uint32_t>;

/// Sorts by key(row), 0 <= key < buckets, keeping the order of equal keys.
template <class Key>
void counting_sort(std::size_t buckets, Key&& key, Order& inout_order, Order& scratch) {
  std::vector<std::uint32_t> next(buckets + 1, 0);
  for (const std::uint32_t row : inout_order) ++next[static_cast<std::size_t>(key(row)) + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  for (const std::uint32_t row : inout_order) scratch[next[static_cast<std::size_t>(key(row))]++] = row;
  inout_order.swap(scratch);
}

/// Sorts rows by their patterns, by a digit of the words at a time: a few rows by digits of about as many values.
void sort_by_pattern(const Patterns& patterns, Index d, Order& inout_order, Order& scratch) {
  const Index digit_bits =
      std::clamp(static_cast<Index>(std::bit_width(patterns.rows)), kLeastDigitBits, kMostDigitBits);
  const std::size_t digits = std::size_t{1} << digit_bits;
  for (Index w = patterns.planes - 1; w >= 0; --w) {
    const Word* plane = patterns.plane(w);
    for (Index shift = kWordBits - std::min(kWordBits, d - w * kWordBits); shift < kWordBits; shift += digit_bits) {
      counting_sort(
          digits, [=](std::uint32_t row) { return (plane[row] >> shift) % digits; }, inout_order, scratch);
    }
  }
}

bool same_pattern(const Patterns& patterns, std::uint32_t row, std::uint32_t other) {
  for (Index w = 0; w < patterns.planes; ++w) {
    if (patterns.plane(w)[row] != patterns.plane(w)[other]) return false;
  }
  return true;
}

/// Rows of one pattern, from `first` to before `last` in an order.
struct Stretch {
  std::size_t first, last;
  std::int64_t missing;  // columns
};

std::vector<Stretch> stretches_of(const Patterns& patterns, const Order& order) {
  std::vector<Stretch> stretches;
  for (std::size_t k = 0; k < order.size(); ++k) {
    if (k > 0 && same_pattern(patterns, order[k], order[k - 1])) {
      ++stretches.back().last;
      continue;
    }
    stretches.push_back({k, k + 1, patterns.missing[order[k]]});
  }
  return stretches;
}

/// Begins a group with the pattern of a row.
void add_group(const Patterns& patterns, std::uint32_t row, RowGroups& out) {
  out.start.push_back(out.size());
  out.missing_start.push_back(out.missing_columns.size());
  for (Index w = 0; w < patterns.planes; ++w) {
    for (Word rest = patterns.plane(w)[row]; rest != 0;) {
      const int column = std::countl_zero(rest);
      out.missing_columns.push_back(static_cast<std::int32_t>(w * kWordBits + column));
      rest &= ~(kFirstBit >> column);
    }
  }
  out.shown.push_back(out.d - static_cast<Index>(out.missing_columns.size() - out.missing_start.back()));
}

/// Groups the rows of a part.
RowGroups group_part(const RowView& x, Index first, Index count) {
  const Patterns patterns = patterns_of(x.slice(first, count));
  RowGroups groups{.d = x.columns(), .rows = {}, .start = {}, .shown = {}, .missing_start = {}, .missing_columns = {}};
  Order order(patterns.rows);
  Order scratch(patterns.rows);
  std::iota(order.begin(), order.end(), 0U);
  sort_by_pattern(patterns, groups.d, order, scratch);
  const std::vector<Stretch> stretches = stretches_of(patterns, order);
  Order by_missing(stretches.size());
  std::iota(by_missing.begin(), by_missing.end(), 0U);
  scratch.resize(stretches.size());
  counting_sort(
      static_cast<std::size_t>(groups.d + 1), [&](std::uint32_t k) { return stretches[k].missing; }, by_missing,
      scratch);

  groups.rows.reserve(patterns.rows);
  for (auto* of_groups : {&groups.start, &groups.shown}) of_groups->reserve(stretches.size() + 1);
  groups.missing_start.reserve(stretches.size() + 1);
  for (const std::uint32_t k : by_missing) {
    const Stretch& stretch = stretches[k];
    if (stretch.missing == groups.d) break;
    add_group(patterns, order[stretch.first], groups);
    for (std::size_t i = stretch.first; i < stretch.last; ++i) {
      groups.rows.push_back(first + static_cast<std::int64_t>(order[i]));
    }
  }
  groups.start.push_back(groups.size());
  groups.missing_start.push_back(groups.missing_columns.size());
  return groups;
}

/// Adds the groups of a part after those of others.
void append(const RowGroups& part, RowGroups& inout) {
  const auto add_shifted = [](const auto& from, auto& to) {  // the last start of the one is the first of the other
    const auto shift = to.back();
    to.pop_back();
    for (const auto start : from) to.push_back(shift + start);
  };
  add_shifted(part.start, inout.start);
  add_shifted(part.missing_start, inout.missing_start);
  inout.rows.insert(inout.rows.end(), part.rows.begin(), part.rows.end());
  inout.shown.insert(inout.shown.end(), part.shown.begin(), part.shown.end());
  inout.missing_columns.insert(inout.missing_columns.end(), part.missing_columns.begin(), part.missing_columns.end());
}

}  // namespace

Index RowGroups::group_at(Index position) const {
  return std::upper_bound(start.begin(), start.end(), position) - start.begin() - 1;
}

Index rows_of_part(Index d) noexcept {
  constexpr Index kNumbers = Index{1} << 19;  // four megabytes
  return std::clamp(kNumbers / d / kBlockRows * kBlockRows, kBlockRows, kWindowRows);
}

RowGroups group_rows(const RowView& x, Index first, Index count) {
  const Index part_rows = rows_of_part(x.columns());
  std::vector<RowGroups> parts(static_cast<std::size_t>((count + part_rows - 1) / part_rows));
  parallel_for(static_cast<Index>(parts.size()), [&](Index part) {
    const Index from = part * part_rows;
    parts[static_cast<std::size_t>(part)] = group_part(x, first + from, std::min(part_rows, count - from));
  });
  RowGroups all = std::move(parts.front());
  for (std::size_t part = 1; part < parts.size(); ++part) append(parts[part], all);
  return all;
}

std::vector<std::int64_t> rows_with_more_gaps(const RowView& x, Index few) {
  std::vector<std::int64_t> rows;
  if (few >= x.columns() - 1) return rows;
  for (Index first = 0; first < x.rows(); first += kWindowRows) {
    const Patterns patterns = patterns_of(x.slice(first, std::min(kWindowRows, x.rows() - first)));
    for (std::size_t i = 0; i < patterns.rows; ++i) {
      if (patterns.missing[i] <= few || patterns.missing[i] == x.columns()) continue;
      rows.push_back(first + static_cast<std::int64_t>(i));
    }
  }
  return rows;
}

std::vector<Index> rows_by_shown(const RowView& x) {
  std::vector<Index> rows(static_cast<std::size_t>(x.columns() + 1), 0);
  for (const std::int64_t missing : patterns_of(x).missing) ++rows[static_cast<std::size_t>(x.columns() - missing)];
  return rows;
}

bool has_missing(const RowView& x) {
  const auto look = [&](bool& found, PlainBlock& block, Index first, Index count) {
    if (found) return;
    block.load(x, first, count);
    for (Index j = 0; j < x.columns(); ++j) {
      const double* column = block.columns.x.data() + j * block.columns.stride;
      bool in_column = false;
      for (Index i = 0; i < count; ++i) in_column |= column[i] != column[i];
      found |= in_column;
    }
  };
  // Where values are missing at all, the first block tends to have one.
  PlainBlock first_block(x.columns(), x.rows());
  bool found = false;
  look(found, first_block, 0, std::min(kBlockRows, x.rows()));
  if (found) return true;
  struct Found {
    bool any = false;
  };
  return block_reduce(
             x.rows(), 1, Found{}, [&] { return PlainBlock(x.columns(), x.rows()); },
             [&](Found& partial, PlainBlock& block, Index first, Index count) {
               look(partial.any, block, first, count);
             },
             [](Found& left, const Found& right) { left.any |= right.any; })
      .any;
}

}  // namespace varimix
