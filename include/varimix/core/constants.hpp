#pragma once

#include <cstdint>
#include <limits>
#include <numbers>

#include "varimix/core/types.hpp"

namespace varimix {

/// The spacing of doubles at 1.
inline constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

/// log(2 pi), which the Gaussian density has.
inline constexpr double kLogTwoPi = 1.83787706640934548356;

/// log(2), which the norming integral 2 K_p(sqrt(ab)) (b/a)^(p/2) of GIG(p, a, b) has.
inline constexpr double kLogTwo = std::numbers::ln2;

/// The number of rows that the E-step holds at once, as columns: 256 doubles per column stay in the first-level cache
/// up to d = 10.
inline constexpr Index kBlockRows = 256;

/// From one column of such a block to the next, in doubles. A cache line more than the rows: at a power of two all
/// columns would fall on a few sets of the cache, and a load would wait for the stores to every other column.
inline constexpr Index kBlockStride = kBlockRows + 8;

/// Blocks are handed out in at most this many chunks, which is enough for any machine's cores.
inline constexpr Index kMaxChunks = 64;

/// All partial results of a reduction together hold at most this many numbers (half a gigabyte), unless one alone holds
/// more. From d = 1024 on an E-step therefore has fewer than kMaxChunks chunks.
inline constexpr Index kMostPartialNumbers = Index{1} << 26;

/// A chunk has at least this many blocks, where there are so many: waking a thread costs about as much as half a block
/// at d = 2.
inline constexpr Index kMinBlocksPerChunk = 2;

/// Below this tail weight E[Y]E[1/Y] - 1 a law is Gaussian to rounding: mu and gamma are not separately identified
/// (their difference quotient has a relative error above kEpsilon / 1e-7) and the M-step takes gamma = 0.
inline constexpr double kGaussianTailWeight = 1e-7;

/// A conditional variance of Sigma (a pivot of its Cholesky factorisation, times E[Y]) never falls below this fraction
/// of the initial model's variance of that column: a factor 1e-10 in standard deviation.
inline constexpr double kDispersionFloorRatio = 1e-20;

/// In a fit a row's squared distance from mu, in the working gauge E[Y] = 1 and per dimension, is never below this
/// where b = 0: the density of a Variance Gamma with alpha < d/2 is unbounded at mu, so every row would be a trap for
/// mu. It is the square of a hundred-thousandth of a standard deviation.
inline constexpr double kModeDistanceFloor = 1e-10;

/// A Cholesky pivot below this many roundings (kEpsilon times the diagonal entry that it came from) is noise, not
/// information.
inline constexpr double kPivotRoundings = 8.0;

/// Counts lie between 0 and this: every language reads them from a checkpoint, and adding to them does not overflow.
inline constexpr std::int64_t kLargestCount = std::int64_t{1} << 53;

/// The total weight of a state is at most this, so that scores by weight stay doubles.
inline constexpr double kLargestTotalWeight = 1e290;

/// An infeasible step is taken back half-way to the last feasible statistics at most this often.
inline constexpr int kMaxHalvings = 8;

}  // namespace varimix
