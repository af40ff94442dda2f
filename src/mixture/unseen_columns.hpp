#pragma once

#include <vector>

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// True if none of the rows of an E-step has shown anything.
[[nodiscard]] inline bool shows_nothing(const EStepResult& e_step) {
  return e_step.observed.size() > 0 && e_step.observed.isZero(0.0);
}

/// Returns the columns that none of the rows of an E-step has shown.
[[nodiscard]] inline std::vector<Index> unseen_columns(const EStepResult& e_step) {
  std::vector<Index> columns;
  for (Index j = 0; j < e_step.observed.size(); ++j) {
    if (e_step.observed(j) == 0.0) columns.push_back(j);
  }
  return columns;
}

}  // namespace varimix
