#pragma once

namespace varimix {

/// Writes the segments of u in [2^exponent, 2^{exponent + 1}) of the table of order nu to `out`, which has
/// simd::kOctaveDoubles doubles.
void make_octave(double nu, int exponent, double* out);

}  // namespace varimix
