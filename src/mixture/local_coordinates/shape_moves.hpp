#pragma once

#include <array>

#include "varimix/core/types.hpp"
#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"
#include "varimix/subordinator/inverse_gaussian.hpp"

namespace varimix {

/// The posterior means of 1/Y, Y and log Y, the last 0 where a law does not use it.
struct MomentsOfY {
  double inv_y, y, log_y;
};

/// How a law of Y moves in its shape, in the gauge where its two scale parameters are one number. For every S:
///   kNames           the numbers of the shape;
///   scale(law)       the s for which the law is that of sY in that gauge;
///   moved(law, by)   the law, which is in the gauge, with its shape moved by these amounts;
///   score(law, y)    the derivatives of the log density of Y, a function of the moments that y has;
///   information(law) their covariance for Y of this law;
///   kPowers          row k: how the logarithm of parameter k (p itself for a GIG) moves with each number of the shape,
///                    and last with log s, where the law is that of sY.
template <class S>
struct ShapeMoves;

template <>
struct ShapeMoves<InverseGaussian> {
  static constexpr std::array<const char*, 1> kNames = {"log_sqrt_ab"};
  static constexpr std::array<std::array<double, 2>, 2> kPowers = {{{0.0, 1.0}, {1.0, 1.0}}};
  [[nodiscard]] static double scale(const InverseGaussian& law);
  [[nodiscard]] static InverseGaussian moved(const InverseGaussian& law, const Vector& by);
  [[nodiscard]] static Vector score(const InverseGaussian& law, const MomentsOfY& y);
  [[nodiscard]] static Matrix information(const InverseGaussian& law);
};

template <>
struct ShapeMoves<Gamma> {
  static constexpr std::array<const char*, 1> kNames = {"log_alpha"};
  static constexpr std::array<std::array<double, 2>, 2> kPowers = {{{1.0, 0.0}, {1.0, -1.0}}};
  [[nodiscard]] static double scale(const Gamma& law);
  [[nodiscard]] static Gamma moved(const Gamma& law, const Vector& by);
  [[nodiscard]] static Vector score(const Gamma& law, const MomentsOfY& y);
  [[nodiscard]] static Matrix information(const Gamma& law);
};

template <>
struct ShapeMoves<InverseGamma> {
  static constexpr std::array<const char*, 1> kNames = {"log_alpha"};
  static constexpr std::array<std::array<double, 2>, 2> kPowers = {{{1.0, 0.0}, {1.0, 1.0}}};
  [[nodiscard]] static double scale(const InverseGamma& law);
  [[nodiscard]] static InverseGamma moved(const InverseGamma& law, const Vector& by);
  [[nodiscard]] static Vector score(const InverseGamma& law, const MomentsOfY& y);
  [[nodiscard]] static Matrix information(const InverseGamma& law);
};

template <>
struct ShapeMoves<GeneralizedInverseGaussian> {
  static constexpr std::array<const char*, 2> kNames = {"p", "log_sqrt_ab"};
  static constexpr std::array<std::array<double, 3>, 3> kPowers = {
      {{1.0, 0.0, 0.0}, {0.0, 1.0, -1.0}, {0.0, 1.0, 1.0}}};
  [[nodiscard]] static double scale(const GeneralizedInverseGaussian& law);
  [[nodiscard]] static GeneralizedInverseGaussian moved(const GeneralizedInverseGaussian& law, const Vector& by);
  [[nodiscard]] static Vector score(const GeneralizedInverseGaussian& law, const MomentsOfY& y);
  [[nodiscard]] static Matrix information(const GeneralizedInverseGaussian& law);
};

}  // namespace varimix
