#pragma once

namespace varimix {

/// The step of central differences in LocalCoordinates, which are free of units: their error is 1e-10 of the size of a
/// third derivative, and the rounding of the numbers times 1e5.
inline constexpr double kLocalStep = 1e-5;

}  // namespace varimix
