#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/aligned_doubles.hpp"
#include "partial_block.hpp"
#include "partial_law.hpp"
#include "varimix/core/row_view.hpp"

namespace varimix {

class FewGapsBlock;

/// Rows of which those with few gaps are visited in the order of their blocks, and the law and settings of the pass.
struct FewGapsPass {
  using Block = FewGapsBlock;
  const JointLaw& joint;
  const PartialLaw& partial;
  const RowView rows;
  const Vector& origin;
  const ShownOrders& orders;
  double distance_floor;
  [[nodiscard]] Index size() const noexcept { return rows.rows(); }
};

/// The rows of a block that show something and miss no more than PartialLaw::few_missing() columns, sorted by how many
/// they miss. Those that miss something go by the precision (kernels::precision_rows).
class FewGapsBlock {
 public:
  /// @param rows  all rows of the pass.
  FewGapsBlock(Index d, Index rows);

  /// Rows that miss as many columns.
  struct Class {
    Index missing, first, count;
  };

  /// Reads rows first, ..., first + count - 1. Columns that are missing are NaN.
  void load(const FewGapsPass& pass, Index first, Index count);
  [[nodiscard]] Index size() const noexcept { return static_cast<Index>(numbers_.size()); }
  [[nodiscard]] const std::vector<Class>& classes() const noexcept { return classes_; }
  /// Returns the number of row i in the view.
  [[nodiscard]] std::size_t number(Index i) const {
    return static_cast<std::size_t>(numbers_[static_cast<std::size_t>(i)]);
  }
  /// Returns the missing columns of row i and those after; the k-th from k * block.stride on.
  [[nodiscard]] const std::int64_t* columns(Index i) const { return columns_.data() + i; }
  /// Computes the distances of all rows, and returns how many were raised.
  Index distances(const FewGapsPass& pass, Rest rest);
  /// Returns what missing columns of row i and those after have. @pre `distances` was called with Rest::kDescribe.
  [[nodiscard]] kernels::MissingColumns rest(Index i) noexcept {
    return {block.stride, mean_.get() + i, gamma_.get() + i, covariance_.get() + i};
  }
  /// Computes posterior moments and log densities. @pre The distances are computed.
  void posterior(const FewGapsPass& pass, Wanted wanted);

  PartialBlock block;

 private:
  [[nodiscard]] std::size_t numbers_of(Index lines) const noexcept {
    return static_cast<std::size_t>(lines * block.stride);
  }
  void sort(const FewGapsPass& pass, Index first, Index count);
  void list_columns(Index d);
  void complete_distances(const FewGapsPass& pass, const Class& complete, bool is_large);
  Index fill_places(Index first, Index rows, Index d);
  void prefetch_beside(Index first, Index rows) const;

  std::span<const std::byte> ahead_;  // the memory of the next block
  AlignedDoubles as_read_;
  std::vector<std::uint64_t> words_;  // kernels::find_gaps
  std::vector<std::int64_t> missing_, order_, numbers_;
  std::vector<Class> classes_;
  // For as many columns as any block had: those that rows miss, as kernels::precision_rows reads them, and what it finds
  // of them (kernels::MissingColumns), to which nothing is written before.
  std::vector<std::int64_t> columns_;
  std::unique_ptr<double[]> mean_, gamma_, covariance_;
  AlignedDoubles scratch_;
};

}  // namespace varimix
