#pragma once

#include "sample_moments.hpp"

namespace varimix {

/// Returns what sample_moments does, for rows with gaps (NaN), as default_init.hpp says.
[[nodiscard]] SampleMoments available_moments(const RowView& x, Status& out_status);

}  // namespace varimix
