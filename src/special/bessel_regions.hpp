#pragma once

namespace varimix {

// The constants below say which method serves K_nu(z), nu >= 0, w = hypot(nu, z). The reference table has points on
// both sides of every seam.

/// Temme's series serves z <= kSeriesArgument with nu < kSeriesOrder. Above that argument its differences lose digits
/// (a factor e^{2z}); above that order the trapezoidal rule needs few nodes even as z -> 0.
inline constexpr double kSeriesArgument = 0.5;
inline constexpr double kSeriesOrder = 12.0;

/// The number of terms of Temme's series after the first: the next is (z/2)^{2k} / k!^2 < 1e-17 of the sum.
inline constexpr int kTemmeTerms = 8;

/// Debye's expansion errs by less than 4e-16 with ten terms from w = kDebyeFrom on, and with five terms from
/// w = kFarDebyeFrom on.
inline constexpr double kDebyeFrom = 40.0;
inline constexpr double kFarDebyeFrom = 400.0;
inline constexpr int kDebyeTermsNear = 10;
inline constexpr int kDebyeTermsFar = 5;

/// The trapezoidal rule serves all other points: grid g serves kGridEdges[g] <= w < kGridEdges[g + 1].
inline constexpr int kSaddleGrids = 8;
inline constexpr double kGridEdges[kSaddleGrids + 1] = {kSeriesArgument, 1.0, 2.0, 4.0, 7.0, 12.0, 19.0, 28.0,
                                                        kDebyeFrom};

}  // namespace varimix
