#pragma once

#include <array>
#include <concepts>
#include <optional>

#include "varimix/random/counter_stream.hpp"
#include "varimix/subordinator/gig_parameters.hpp"
#include "varimix/subordinator/shape_fit.hpp"

namespace varimix {

/// The law of Y > 0 in X = mu + gamma Y + sqrt(Y) Z. It is a small value type, and a GIG or one of its limits.
template <class S>
concept Subordinator = std::equality_comparable<S> && requires(const S& law, double y, CounterStream& stream) {
  { law.gig() } -> std::same_as<GigParameters>;
  // Returns the log of the density's constant less sqrt(ab):
  // log f(y) = log_constant + sqrt(ab) + (p-1) log y - (a y + b/y)/2.
  { law.log_constant() } -> std::same_as<double>;
  { law.log_prob(y) } -> std::same_as<double>;
  // These return +inf where the moment does not exist.
  { law.E_inv_Y() } -> std::same_as<double>;
  { law.E_Y() } -> std::same_as<double>;
  { law.E_log_Y() } -> std::same_as<double>;
  { law.cumulants() } -> std::same_as<Cumulants>;
  { law.rescale_y(y) } -> std::same_as<S>;
  { law.sample(stream) }
  noexcept->std::same_as<double>;
  // Returns the law with these moments. A moment that the family does not use may have any value, or none.
  { S::from_expectation(y, y, std::optional<double>{}) } -> std::same_as<S>;
  // Does the same over the parameters that are not held, and does not throw where the moments are feasible to rounding.
  { S::maximum_likelihood(y, y, std::optional<double>{}, HeldParameters<S>{}) } -> std::same_as<ShapeFit<S>>;
  { S::kUsesLogY } -> std::convertible_to<bool>;
  { S::kName } -> std::convertible_to<const char*>;
  { S::from_parameters(law.parameters()) } -> std::same_as<S>;
  requires S::kParameterNames.size() == std::tuple_size_v<decltype(law.parameters())>;
};

}  // namespace varimix
