#pragma once

namespace varimix {

/// The trials of draw_gamma for a shape alpha >= 1, with the names and numbers of Marsaglia and Tsang: d = alpha - 1/3,
/// c = 1/sqrt(9 d). A trial takes a normal and a uniform number.
struct GammaTrial {
  static constexpr double kSqueeze = 0.0331;

  explicit GammaTrial(double alpha) noexcept;
  /// Returns false where 1 + c normal <= 0, which has no logarithm: the squeeze is negative there too.
  [[nodiscard]] bool accepts(double normal, double u) const noexcept;
  /// Returns d (1 + c normal)^3, the draw if the trial is accepted.
  [[nodiscard]] double value(double normal) const noexcept {
    const double w = c * normal;
    return d * (1.0 + w) * (1.0 + w) * (1.0 + w);
  }

  double d, c;
};

}  // namespace varimix
