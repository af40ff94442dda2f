#pragma once

namespace varimix {

/// The logarithm of a tail's integrand in s = log(y/y0), up to a constant:
///   p s - a e^s - b e^{-s} + log Phi(u),  u = c e^{-s/2} - g e^{s/2},  slope = p - a + b.
struct TailShape {
  double slope, a, b;
  double c, g;
};

/// Returns the integrand's mode, to a tenth of its width. Where it has two (c g >= 0, small a and b), returns one of
/// them; the other is at most twice as high. |c| and |g| are below 1e150.
[[nodiscard]] double tail_mode(const TailShape& shape) noexcept;

}  // namespace varimix
