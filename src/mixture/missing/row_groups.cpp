#include "row_groups.hpp"

#include <algorithm>
#include <numeric>

#include "core/aligned_doubles.hpp"
#include "varimix/core/block_reduce.hpp"

namespace varimix {
namespace {

constexpr Index kBits = 8;  // the columns in a byte of a pattern
constexpr std::size_t kBytes = 256;

/// The patterns of a window's rows: bytes[b * rows + i] has the columns 8b, ..., 8b + 7 of row i, a bit each; shown[i]
/// is the number of columns that row i shows.
struct PatternBytes {
  std::vector<std::uint8_t> bytes;
  std::vector<std::int32_t> shown;
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
  PatternBytes patterns{std::vector<std::uint8_t>(static_cast<std::size_t>(planes) * rows),
                        std::vector<std::int32_t>(rows), planes, rows};
  for_each_block(
      x.rows(), [&] { return PlainBlock(d); },
      [&](PlainBlock& block, Index first, Index count) {
        block.load(x, first, count);
        for (Index j = 0; j < d; ++j) {
          const double* column = block.x.data() + j * kBlockStride;
          std::uint8_t* target = patterns.bytes.data() + static_cast<std::size_t>((j / kBits) * x.rows() + first);
          std::int32_t* shown = patterns.shown.data() + first;
          const Index bit = j % kBits;
          for (Index i = 0; i < count; ++i) {
            const int is_shown = column[i] == column[i] ? 1 : 0;
            target[i] = static_cast<std::uint8_t>(target[i] | (is_shown << bit));
            shown[i] += is_shown;
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

}  // namespace

Index RowGroups::group_at(Index position) const {
  return std::upper_bound(start.begin(), start.end(), position) - start.begin() - 1;
}

RowGroups group_rows(const RowView& x, Index first, Index count) {
  const PatternBytes patterns = pattern_bytes(x.slice(first, count));
  const std::vector<std::int32_t>& shown = patterns.shown;
  RowGroups groups{.d = x.columns(), .rows = {}, .start = {}, .shown = {}, .shows_column = {}};
  Order order(patterns.rows);
  Order scratch(patterns.rows);
  std::iota(order.begin(), order.end(), 0U);
  for (Index b = patterns.planes - 1; b >= 0; --b) {
    const std::uint8_t* plane = patterns.plane(b);
    counting_sort(
        kBytes, [&](std::uint32_t row) { return plane[row]; }, order, scratch);
  }
  const auto hidden = [&](std::uint32_t row) { return groups.d - shown[row]; };
  counting_sort(static_cast<std::size_t>(groups.d + 1), hidden, order, scratch);

  groups.rows.reserve(patterns.rows);
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::uint32_t row = order[k];
    if (shown[row] == 0) break;
    if (k == 0 || !same_pattern(patterns, row, order[k - 1])) {
      groups.start.push_back(groups.size());
      groups.shown.push_back(shown[row]);
      for (Index j = 0; j < groups.d; ++j) {
        groups.shows_column.push_back((patterns.plane(j / kBits)[row] >> (j % kBits)) & 1U);
      }
    }
    groups.rows.push_back(first + static_cast<std::int64_t>(row));
  }
  groups.start.push_back(groups.size());
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
