#pragma once

#include "varimix/random/counter_stream.hpp"
#include "varimix/subordinator/gig_parameters.hpp"

// These are functions of GIG(p, a, b) off its faces: a and b are normal doubles > 0.
namespace varimix {

/// Returns what GeneralizedInverseGaussian::cumulants does.
[[nodiscard]] Cumulants gig_cumulants(double p, double a, double b) noexcept;

/// Returns what GeneralizedInverseGaussian::sample does.
[[nodiscard]] double sample_gig(CounterStream& stream, double p, double a, double b) noexcept;

}  // namespace varimix
