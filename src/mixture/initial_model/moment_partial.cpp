#include "varimix/mixture/moment_partial.hpp"

#include <Eigen/Dense>
#include <algorithm>

#include "available_moments.hpp"
#include "column_ranges.hpp"
#include "mixture/missing/row_groups.hpp"
#include "sample_moments.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

MomentPartial ranges_of(const MomentRequest& request, const RowView& x) {
  require_rows(x, std::max<Index>(1, x.columns()), "X", request.missing);
  ColumnRanges range = column_ranges(x);
  return {.pass = MomentPass::kRanges,
          .rows = x.rows(),
          .gaps = request.missing == Missing::kExact && has_missing(x),
          .low = std::move(range.low),
          .high = std::move(range.high)};
}

void require_same_request(bool holds) {
  require(holds, "partial", "the answer to the same request as the other", "one to another");
}

}  // namespace

MaybeMoments moment_partial(const MomentRequest& request, const RowView& x) {
  if (request.pass != MomentPass::kRanges) {
    const Index d = x.columns();
    require_dimension(request.origin.size(), d, "the columns of X");
    require_dimension(request.scale.size(), d, "scale");
    if (request.pass == MomentPass::kShape) require_square(request.root, d, "root");
  }
  if (x.rows() == 0) return std::nullopt;
  if (request.pass == MomentPass::kRanges) return ranges_of(request, x);
  MomentPartial partial{.pass = request.pass, .rows = x.rows(), .gaps = request.gaps};
  if (request.pass == MomentPass::kProducts) {
    partial.sums =
        request.gaps ? pair_products(x, request.origin, request.scale) : products(x, request.origin, request.scale);
  } else if (request.gaps) {
    partial.sums = available_shape(x, request.origin, request.scale, request.root, partial.rows);
  } else {
    partial.sums = shape(x, request.origin, request.scale, request.root);
  }
  return partial;
}

MaybeMoments merge(const MaybeMoments& left, const MaybeMoments& right) {
  if (!left) return right;
  if (!right) return left;
  require_same_request(left->pass == right->pass && left->sums.size() == right->sums.size());
  require_dimension(right->low.size(), left->low.size(), "the columns of the other partial");
  MomentPartial both = *left;
  both.rows += right->rows;
  both.gaps = left->gaps || right->gaps;
  if (both.low.size() > 0) {
    both.low = left->low.cwiseMin(right->low);
    both.high = left->high.cwiseMax(right->high);
  }
  for (std::size_t k = 0; k < both.sums.size(); ++k) {
    const Matrix& other = right->sums[k];
    require_same_request(other.rows() == both.sums[k].rows() && other.cols() == both.sums[k].cols());
    both.sums[k] += other;
  }
  return both;
}

}  // namespace varimix
