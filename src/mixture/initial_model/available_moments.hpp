#pragma once

#include "sample_moments.hpp"

namespace varimix {

/// Return the sums of the passes kProducts and kShape of rows with gaps (NaN): for each pair (j, k) of columns, over the
/// rows that show both, their number and the sums of z_j, z_j^2 and z_j z_k (each d, d) for z = (x - origin) / scale;
/// of q_o (x_o - m_o) / (d_o + 2) by column (d, 1) and q_o^2 / (d_o (d_o + 2)) (1, 1), as default_init.hpp has them, with
/// the number of rows that show something in `out_rows`.
[[nodiscard]] std::vector<Matrix> pair_products(const RowView& x, const Vector& origin, const Vector& scale);
[[nodiscard]] std::vector<Matrix> available_shape(const RowView& x, const Vector& mean, const Vector& deviation,
                                                  const Matrix& root, Index& out_rows);

/// Returns what sample_moments does, for rows with gaps, as default_init.hpp says.
[[nodiscard]] SampleMoments available_moments(const AskMoments& ask, const MomentPartial& ranges, Status& out_status);

}  // namespace varimix
