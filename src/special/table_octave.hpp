#pragma once

namespace varimix {

/// The segments of u in [2^exponent, 2^{exponent + 1}) of the table of order nu, simd::kOctaveDoubles of them.
void make_octave(double nu, int exponent, double* out);

}  // namespace varimix
