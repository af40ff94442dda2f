#pragma once

namespace varimix {

/// The share of the rows below which a natural-gradient step does not move a column that its batch does not show, where
/// what tells of it are rows or a target. In the blocks of a whole row a column shares the noise of the shape, and what it
/// has of that grows as share^{-1/2}.
inline constexpr double kLeastShare = 0.02;

}  // namespace varimix
