#pragma once

#include "varimix/random/counter_stream.hpp"
#include "varimix/subordinator/gig_parameters.hpp"

// Functions of GIG(p, a, b) off its faces: a, b normal doubles > 0.
namespace varimix {

/// As GeneralizedInverseGaussian::cumulants.
[[nodiscard]] Cumulants gig_cumulants(double p, double a, double b) noexcept;

/// As GeneralizedInverseGaussian::sample.
[[nodiscard]] double sample_gig(CounterStream& stream, double p, double a, double b) noexcept;

}  // namespace varimix
