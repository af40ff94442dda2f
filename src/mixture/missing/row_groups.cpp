#include "row_groups.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "core/aligned_doubles.hpp"
#include "varimix/core/block_reduce.hpp"

namespace varimix {
namespace {

constexpr Index kBits = 8;  // the columns in a byte of a pattern
constexpr std::size_t kBytes = 256;

/// The patterns of a window's rows: bytes[b * rows + i] has a bit for each of the columns 8b, ..., 8b + 7 of row i, which
/// is set if the column is missing.
struct PatternBytes {
  std::vector<std::uint8_t> bytes;
  Index planes;
  std::size_t rows;
  [[nodiscard]] const std::uint8_t* plane(Index b) const { return bytes.data() + static_cast<std::size_t>(b) * rows; }
};

/// A block of rows as they are.
struct PlainBlock {
  explicit PlainBlock(Index d) : x(d * kBlockStride), origin(static_cast<std::size_t>(d), 0.0) {}
  void load(const RowView& rows, Index first, Index count) {
    rows.copy_columns(first, count, origin, x.data(), kBlockStride);
  }
  AlignedDoubles x;
  std::vector<double> origin;
};

PatternBytes pattern_bytes(const RowView& x) {
  const Index d = x.columns();
  const auto rows = static_cast<std::size_t>(x.rows());
  const Index planes = (d + kBits - 1) / kBits;
  PatternBytes patterns{std::vector<std::uint8_t>(static_cast<std::size_t>(planes) * rows), planes, rows};
  for_each_block(
      x.rows(), [&] { return PlainBlock(d); },
      [&](PlainBlock& block, Index first, Index count) {
        block.load(x, first, count);
        for (Index j = 0; j < d; ++j) {
          const double* column = block.x.data() + j * kBlockStride;
          std::uint8_t* target = patterns.bytes.data() + static_cast<std::size_t>((j / kBits) * x.rows() + first);
          const Index bit = j % kBits;
          for (Index i = 0; i < count; ++i) {
            const int is_missing = column[i] == column[i] ? 0 : 1;
            target[i] = static_cast<std::uint8_t>(target[i] | (is_missing << bit));
          }
        }
      });
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

bool same_pattern(const PatternBytes& patterns, std::uint32_t row, std::uint32_t other) {
  for (Index b = 0; b < patterns.planes; ++b) {
    if (patterns.plane(b)[row] != patterns.plane(b)[other]) return false;
  }
  return true;
}

std::vector<std::int32_t> numbers_missing(const PatternBytes& patterns) {
  std::vector<std::int32_t> numbers(patterns.rows, 0);
  for (Index b = 0; b < patterns.planes; ++b) {
    const std::uint8_t* plane = patterns.plane(b);
    for (std::size_t i = 0; i < patterns.rows; ++i) numbers[i] += std::popcount(plane[i]);
  }
  return numbers;
}

/// Begins a group with the pattern of a row.
void add_group(const PatternBytes& patterns, std::uint32_t row, RowGroups& out) {
  out.start.push_back(out.size());
  out.missing_start.push_back(out.missing_columns.size());
  for (Index b = 0; b < patterns.planes; ++b) {
    for (unsigned rest = patterns.plane(b)[row]; rest != 0; rest &= rest - 1) {
      out.missing_columns.push_back(static_cast<std::int32_t>(b * kBits + std::countr_zero(rest)));
    }
  }
  out.shown.push_back(out.d - static_cast<Index>(out.missing_columns.size() - out.missing_start.back()));
}

}  // namespace

Index RowGroups::group_at(Index position) const {
  return std::upper_bound(start.begin(), start.end(), position) - start.begin() - 1;
}

RowGroups group_rows(const RowView& x, Index first, Index count) {
  const PatternBytes patterns = pattern_bytes(x.slice(first, count));
  RowGroups groups{.d = x.columns(), .rows = {}, .start = {}, .shown = {}, .missing_start = {}, .missing_columns = {}};
  Order order(patterns.rows);
  Order scratch(patterns.rows);
  std::iota(order.begin(), order.end(), 0U);
  for (Index b = patterns.planes - 1; b >= 0; --b) {
    const std::uint8_t* plane = patterns.plane(b);
    counting_sort(
        kBytes, [&](std::uint32_t row) { return plane[row]; }, order, scratch);
  }
  const std::vector<std::int32_t> missing = numbers_missing(patterns);
  counting_sort(
      static_cast<std::size_t>(groups.d + 1), [&](std::uint32_t row) { return missing[row]; }, order, scratch);

  groups.rows.reserve(patterns.rows);
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::uint32_t row = order[k];
    if (missing[row] == groups.d) break;
    if (k == 0 || !same_pattern(patterns, row, order[k - 1])) add_group(patterns, row, groups);
    groups.rows.push_back(first + static_cast<std::int64_t>(row));
  }
  groups.start.push_back(groups.size());
  groups.missing_start.push_back(groups.missing_columns.size());
  return groups;
}

bool has_missing(const RowView& x) {
  const auto look = [&](bool& found, PlainBlock& block, Index first, Index count) {
    if (found) return;
    block.load(x, first, count);
    for (Index j = 0; j < x.columns(); ++j) {
      const double* column = block.x.data() + j * kBlockStride;
      bool in_column = false;
      for (Index i = 0; i < count; ++i) in_column |= column[i] != column[i];
      found |= in_column;
    }
  };
  // Where values are missing at all, the first block tends to have one.
  PlainBlock first_block(x.columns());
  bool found = false;
  look(found, first_block, 0, std::min(kBlockRows, x.rows()));
  if (found) return true;
  struct Found {
    bool any = false;
  };
  return block_reduce(
             x.rows(), 1, Found{}, [&] { return PlainBlock(x.columns()); },
             [&](Found& partial, PlainBlock& block, Index first, Index count) {
               look(partial.any, block, first, count);
             },
             [](Found& left, const Found& right) { left.any |= right.any; })
      .any;
}

}  // namespace varimix
