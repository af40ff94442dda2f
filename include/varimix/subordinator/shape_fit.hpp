#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace varimix {

/// The limit of its family at which a maximum of the likelihood lies.
enum class ShapeLimit {
  kNone,                ///< no limit: the moments that the family uses are matched
  kGaussian,            ///< Y is constant to rounding; the shape was capped, E[Y] is matched
  kGammaFace,           ///< GIG with b = 0: the maximum is a Gamma law
  kInverseGammaFace,    ///< GIG with a = 0: the maximum is an inverse Gamma law
  kOrderNotIdentified,  ///< too few data to tell the GIG's order p; set by callers that know the number of data
  kParameterBound,      ///< a parameter that is not held lies at the end of its range
};

/// Returns the name of a limit as it is printed and serialised, for example "gamma_face"; "none" for kNone.
[[nodiscard]] std::string_view name(ShapeLimit limit) noexcept;

/// The values at which parameters of S are held, in the order of S::kParameterNames; free parameters have none.
template <class S>
struct HeldParameters {
  std::array<std::optional<double>, S::kParameterNames.size()> values{};
  [[nodiscard]] bool any() const noexcept {
    return std::any_of(values.begin(), values.end(),
                       [](const std::optional<double>& value) { return value.has_value(); });
  }
};

/// The law at which a likelihood is largest, and the limit of the family at which it lies, if any.
template <class S>
struct ShapeFit {
  S law;
  ShapeLimit limit = ShapeLimit::kNone;
};

/// From this shape on (alpha of Gamma and InverseGamma, lam / mu_ig, sqrt(ab)) Y is constant to rounding. A
/// maximum-likelihood shape is capped here. The value is the inverse of kGaussianTailWeight.
inline constexpr double kLargestShape = 1e7;

}  // namespace varimix
