#pragma once

#include <vector>

#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// The moments of rows, computed without overflow and about the middle of each column's range.
struct SampleMoments {
  Vector mean;                  // (d)
  Vector deviation;             // (d) standard deviations, substituted where a column has none
  Matrix correlation_cholesky;  // lower factor R^{1/2} of the (possibly shrunk) correlation R
  Vector skewness;              // mean of q v, v = R^{-1/2} D^{-1} (x - mean), q = v'v, D = diag(deviation)
  double kurtosis;              // mean of q^2
  double rows;                  // the number of rows that show something, at least 1
};

/// Returns the moments of x. Outcomes go to `out_status`; see default_init.hpp.
/// @pre x has rows and only finite values, which the caller checks.
[[nodiscard]] SampleMoments sample_moments(const RowView& x, Status& out_status);

/// Returns standard deviations > 0 for all columns, from those computed and, for constant columns, from the columns'
/// means.
[[nodiscard]] Vector usable_deviations(const Vector& raw, const Vector& mean, Status& out_status);

/// Returns R^{1/2} of a correlation matrix R of n rows: the identity for n < d + 1, else with pivots raised where
/// columns are collinear.
[[nodiscard]] Matrix usable_correlation_cholesky(const Matrix& correlation, Index n, Status& out_status);

}  // namespace varimix
