#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "varimix/core/choice.hpp"
#include "varimix/core/missing.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// The three passes that default_init takes over its rows. Each gives sums, which add up over parts of the rows.
enum class MomentPass {
  kRanges,    ///< the range of each column, and whether values are missing; the rows are checked
  kProducts,  ///< first and second moments about the middle of each range
  kShape,     ///< Mardia's skewness and kurtosis, of rows made white
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<MomentPass> = {"ranges", "products", "shape"};

/// What default_init asks whoever holds the rows.
struct MomentRequest {
  MomentPass pass = MomentPass::kRanges;
  Missing missing = Missing::kError;
  bool gaps = false;   ///< values are missing among all rows
  Vector origin = {};  ///< (d) of kProducts, the middles; of kShape, the means
  Vector scale = {};   ///< (d) of kProducts, half the ranges; of kShape, the standard deviations
  Matrix root = {};    ///< (d, d) of kShape, the lower factor of the correlation
};

/// The answer of some rows.
struct MomentPartial {
  MomentPass pass = MomentPass::kRanges;
  Index rows = 0;                 ///< all rows; of kShape with gaps, those that show something
  bool gaps = false;              ///< values are missing among these rows
  Vector low = {}, high = {};     ///< (d) of kRanges, (inf, -inf) where no row shows the column
  std::vector<Matrix> sums = {};  ///< of the other passes
};

/// The answer of no rows: nothing, the identity of merges.
using MaybeMoments = std::optional<MomentPartial>;

/// Answers a request for rows that lie in memory. Throws std::invalid_argument for rows that default_init does not take.
[[nodiscard]] MaybeMoments moment_partial(const MomentRequest& request, const RowView& x);

/// Returns the answer of the rows of both. With nothing on a side it is the other side's, to the bit. Throws
/// std::invalid_argument for the answers to different requests.
[[nodiscard]] MaybeMoments merge(const MaybeMoments& left, const MaybeMoments& right);

/// Whoever holds the rows: returns the answer of all of them.
using AskMoments = std::function<MaybeMoments(const MomentRequest&)>;

}  // namespace varimix
