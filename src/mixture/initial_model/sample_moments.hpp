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
  double rows;                  // that show something, at least 1
};

/// @pre x has rows and only finite values (checked by the caller). Outcomes go to `out_status`; see default_init.hpp.
[[nodiscard]] SampleMoments sample_moments(const RowView& x, Status& out_status);

/// Standard deviations > 0 for every column, from those computed and the columns' means.
[[nodiscard]] Vector usable_deviations(const Vector& raw, const Vector& mean, Status& out_status);

/// R^{1/2} of a correlation matrix of n rows: the identity for n < d + 1, and with pivots raised where columns are
/// collinear.
[[nodiscard]] Matrix usable_correlation_cholesky(const Matrix& correlation, Index n, Status& out_status);

}  // namespace varimix
