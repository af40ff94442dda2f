#pragma once

#include "normal_box.hpp"
#include "varimix/random/key.hpp"

namespace varimix {

/// Draws of X given that its first k columns lie in a box.
struct BoxDraws {
  RowMatrix x;             ///< (n, d), in the order of the box
  Vector log_weights;      ///< (n); empty where all are equal
  double log_probability;  ///< of the box, where it was computed; with weights it is the log of their mean
  bool is_sharp = true;    ///< false where the proposal may miss the box's law
};

/// Returns n draws, of which row i uses the random stream (seed, i) alone. They are exact for k = 0, and for k = 1
/// where the quantiles of the column within its bounds can be told apart; else they have weights.
[[nodiscard]] BoxDraws draw_in_box(const BoxLaw& box, Index n, const Seed& seed);

/// Returns log P(lower <= X <= upper) of a column of a box, from the side on which it is smaller.
[[nodiscard]] double log_column_probability(const BoxLaw& box, Index column);

}  // namespace varimix
