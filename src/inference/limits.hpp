#pragma once

#include <optional>
#include <string>

#include "varimix/inference/standard_errors.hpp"

namespace varimix {

/// An estimate further from the maximum than this many standard errors is no maximum.
inline constexpr double kLargestDistance = 0.1;

/// Why the likelihood of a law is not as smooth as standard errors ask.
struct Irregularity {
  std::string detail;
  bool has_errors;  ///< false where the information itself is infinite or has no mean
};

/// The least alpha of a VarianceGamma in d dimensions whose observed information has a finite variance.
[[nodiscard]] constexpr double least_regular_alpha(Index d) { return 1.0 + 0.25 * static_cast<double>(d); }

/// Returns what is irregular about a law; nothing for most. Near mu the density of a VarianceGamma of shape alpha in d
/// dimensions, at the distance r, is r^(2 alpha - d) where alpha < d/2, and a constant less r^(2 alpha - d) above: the
/// observed information of mu has no finite variance below least_regular_alpha (for d > 4 below 2, but the density is
/// unbounded up to d/2), and no mean below 1. The information about a gamma other than 0 of a NormalInverseGamma is
/// infinite up to alpha = 1.
template <class M>
[[nodiscard]] std::optional<Irregularity> irregularity(const M& model);

/// Returns the columns whose variance given the columns before them lies at the floor of a fit, or near it.
template <class M>
[[nodiscard]] std::vector<Index> collinear_columns(const M& model);

/// Returns the law of the face on which a model lies, as a model of the face's family; nothing off the faces.
template <class M>
[[nodiscard]] std::optional<AnyMeanVarianceMixture> law_of_face(const M& model);

/// Returns the names of the face's parameters for those that a fit of a GeneralizedHyperbolic held.
[[nodiscard]] std::vector<std::string> fixed_on_face(const std::vector<std::string>& fixed, Family family);

/// Returns the functionals of a face's law: those of the family's shape are replaced by the face's.
template <class M>
[[nodiscard]] std::vector<Functional> functionals_on_face(const std::vector<Functional>& functionals, const M& face);

/// Returns the names of the parameters of a model's law of Y, and that of gamma unless it is held at 0: what a law that
/// is told from no Gaussian holds.
template <class M>
[[nodiscard]] std::vector<std::string> all_but_location_and_dispersion(const InferenceOptions& options);

}  // namespace varimix
