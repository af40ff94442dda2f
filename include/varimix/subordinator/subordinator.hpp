#pragma once

#include <concepts>
#include <optional>

#include "varimix/random/counter_stream.hpp"

namespace varimix {

/// GIG(p, a, b): density (a/b)^{p/2} / (2 K_p(sqrt(ab))) y^{p-1} exp(-(a y + b/y)/2), y > 0.
struct GigParameters {
  double p;
  double a;
  double b;
};

/// Mean and the second to fourth cumulants of Y.
struct Cumulants {
  double mean;
  double second;
  double third;
  double fourth;
};

/// The law of Y > 0 in X = mu + gamma Y + sqrt(Y) Z. A small value; each is a GIG or one of its limits.
template <class S>
concept Subordinator = std::equality_comparable<S> && requires(const S& law, double y, CounterStream& stream) {
  { law.gig() } -> std::same_as<GigParameters>;
  // log of the density's constant, less sqrt(ab): log f(y) = log_constant + sqrt(ab) + (p-1) log y - (a y + b/y)/2.
  { law.log_constant() } -> std::same_as<double>;
  { law.log_density(y) } -> std::same_as<double>;
  { law.E_inv_Y() } -> std::same_as<double>;
  { law.E_Y() } -> std::same_as<double>;
  { law.E_log_Y() } -> std::same_as<double>;
  { law.cumulants() } -> std::same_as<Cumulants>;
  { law.rescale_y(y) } -> std::same_as<S>;
  { law.sample(stream) } -> std::same_as<double>;
  // The law with these moments; of those that the family does not use any value, or none, will do.
  { S::from_expectation(y, y, std::optional<double>{}) } -> std::same_as<S>;
  { S::kUsesLogY } -> std::convertible_to<bool>;
};

}  // namespace varimix
