#pragma once

#include "varimix/core/choice.hpp"
#include "varimix/mixture/fit_constraints.hpp"

namespace varimix {

/// The acceleration of batch EM.
enum class Acceleration { kAnderson, kNone };
template <>
inline constexpr std::array<std::string_view, 2> kWords<Acceleration> = {"anderson", "none"};

/// The criterion by which fits of several families are ranked.
enum class Criterion { kBic, kAic, kLogLikelihood };
template <>
inline constexpr std::array<std::string_view, 3> kWords<Criterion> = {"bic", "aic", "log_likelihood"};

}  // namespace varimix
