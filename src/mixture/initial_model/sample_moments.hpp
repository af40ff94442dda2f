#pragma once

#include <vector>

#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/core/types.hpp"
#include "varimix/mixture/moment_partial.hpp"

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

/// Return the sums of the passes kProducts and kShape: of z (d, 1) and zz' (d, d, the lower triangle) for z = (x -
/// origin) / scale; of q v (d, 1) and q^2 (1, 1), as below.
[[nodiscard]] std::vector<Matrix> products(const RowView& x, const Vector& origin, const Vector& scale);
[[nodiscard]] std::vector<Matrix> shape(const RowView& x, const Vector& mean, const Vector& deviation,
                                        const Matrix& root);

/// Returns the moments of the rows that `ask` knows and whose ranges these are. Outcomes go to `out_status`; see
/// default_init.hpp. @pre No value is missing.
[[nodiscard]] SampleMoments sample_moments(const AskMoments& ask, const MomentPartial& ranges, Status& out_status);

/// Returns what `ask` answers. Throws std::invalid_argument unless it is an answer to the request, of rows.
[[nodiscard]] MomentPartial answer_to(const MomentRequest& request, const AskMoments& ask);

/// Returns standard deviations > 0 for all columns, from those computed and, for constant columns, from the columns'
/// means.
[[nodiscard]] Vector usable_deviations(const Vector& raw, const Vector& mean, Status& out_status);

/// Returns R^{1/2} of a correlation matrix R of n rows: the identity for n < d + 1, else with pivots raised where
/// columns are collinear.
[[nodiscard]] Matrix usable_correlation_cholesky(const Matrix& correlation, Index n, Status& out_status);

}  // namespace varimix
