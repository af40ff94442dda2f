#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace varimix {

/// At which limit of its family a maximum of the likelihood lies.
enum class ShapeLimit {
  kNone,                ///< inside: the moments that the family uses are matched
  kGaussian,            ///< Y is constant to rounding; the shape was capped, E[Y] is matched
  kGammaFace,           ///< GIG with b = 0: the maximum is a Gamma law
  kInverseGammaFace,    ///< GIG with a = 0: the maximum is an inverse Gamma law
  kOrderNotIdentified,  ///< too few data to tell the GIG's order p; decided by those who know how many there are
  kParameterBound,      ///< a parameter that is not held lies at the end of its range
};

/// Name of a limit as it is printed and serialised, for example "gamma_face"; "none" inside.
[[nodiscard]] std::string_view name(ShapeLimit limit) noexcept;

/// Which parameters of S are held, and at what value; in the order of S::kParameterNames.
template <class S>
struct HeldParameters {
  std::array<std::optional<double>, S::kParameterNames.size()> values{};
  [[nodiscard]] bool any() const noexcept {
    return std::any_of(values.begin(), values.end(),
                       [](const std::optional<double>& value) { return value.has_value(); });
  }
};

/// The law at which a likelihood is largest, and whether that is a limit of the family.
template <class S>
struct ShapeFit {
  S law;
  ShapeLimit limit = ShapeLimit::kNone;
};

/// From this shape on (alpha of Gamma and InverseGamma, lam / mu_ig, sqrt(ab)) Y is constant to rounding: the inverse of
/// kGaussianTailWeight. A maximum-likelihood shape is capped here.
inline constexpr double kLargestShape = 1e7;

}  // namespace varimix
