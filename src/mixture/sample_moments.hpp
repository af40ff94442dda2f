#pragma once

#include <vector>

#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// Moments of rows, computed without overflow and about the middle of each column's range.
struct SampleMoments {
  Vector mean;                  // (d)
  Vector deviation;             // (d) standard deviations, substituted where a column has none
  Matrix correlation_cholesky;  // lower factor R^{1/2} of the (possibly shrunk) correlation
  Vector skewness;              // mean of q v, v = R^{-1/2} D^{-1} (x - mean), q = v'v
  double kurtosis;              // mean of q^2
};

/// @pre x has rows and only finite values (checked by the caller). Outcomes go to `out_status`; see default_init.hpp.
[[nodiscard]] SampleMoments sample_moments(const RowView& x, Status& out_status);

}  // namespace varimix
