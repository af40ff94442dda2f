#pragma once

#include <optional>

#include "varimix/core/types.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// A target to which the statistics of every batch are drawn before their score is taken.
struct NaturalTarget {
  Eta target;
  Eta share;  ///< the share of the target in each element of the uncentred fields, in [0, 1)
};

/// The weights of a natural-gradient step: the model moves by D = [(P + m) F + n0 C]^{-1} m U, U the mean score of a
/// batch of weight m at the model, F the Fisher information of the model in a row, and C the information that a row
/// would have if its Y were seen.
struct NaturalStep {
  double past = 0.0;   ///< P, the weight of the rows before, as the rule counts them
  double prior = 0.0;  ///< n0, the weight of the model from which the rule started
  /// The share (d) of all rows that have shown each column; empty if all have. A column of share 0 is one of which hardly
  /// anything is known, and which no row of the batch shows: the step keeps its law given the others. Not all are 0.
  Vector shown = {};
  std::optional<NaturalTarget> target = std::nullopt;
};

}  // namespace varimix
