#pragma once

#include <array>
#include <optional>

#include "varimix/random/counter_stream.hpp"
#include "varimix/subordinator/shape_fit.hpp"

namespace varimix {

/// The parameters of a Gamma law, or of an InverseGamma, which is the law of 1/G with G from the first.
struct GammaShape {
  double alpha;
  double beta;
  ShapeLimit limit = ShapeLimit::kNone;
};

/// Returns the most likely Gamma(alpha, rate beta) for E[Y] = mean and E[log Y] = log_mean, both finite, over the
/// parameters that are not held; alpha is capped at kLargestShape where beta is free.
/// Throws std::invalid_argument if log(mean) < log_mean by more than rounding.
[[nodiscard]] GammaShape gamma_maximum_likelihood(double mean, double log_mean,
                                                  const std::array<std::optional<double>, 2>& held);

/// Returns one draw of Y, or with `inverse` of 1/Y; a draw beyond the normal doubles becomes the nearest of them.
[[nodiscard]] double sample_gamma_law(CounterStream& stream, double alpha, double beta, bool inverse) noexcept;

}  // namespace varimix
