#pragma once

#include <cmath>

#include "varimix/subordinator/gig_parameters.hpp"

namespace varimix {

/// The two tails of Y at a point, in logarithms: log P(Y <= y) and log P(Y > y).
struct LogTails {
  double lower;
  double upper;
};

/// Returns the tails of GIG(p, a, b), faces included, at y. For y <= 0 and for +inf one of them is 0 and the other
/// -inf; NaN gives NaN.
/// The tail on y's side of the mode of log Y is an integral of positive terms over s = log Y, by Gauss-Legendre panels
/// on which the log density falls by at most 8. The other tail is its complement, or an integral where that is small.
/// Accuracy: either probability has a relative error of at most kGigTailError max(1, |log probability|), for y as
/// given.
/// Cost: 4 to 20 us; no allocation.
[[nodiscard]] LogTails gig_log_tails(const GigParameters& law, double y) noexcept;

/// Returns the y with log P(Y <= y) = log_q, or with `upper` that with log P(Y > y) = log_q, by Newton's method, which
/// is monotone because log tails are concave in log y. log_q is <= 0, -inf included; anything else gives NaN. Where y
/// is beyond the doubles, 0 or inf is returned.
[[nodiscard]] double gig_quantile(const GigParameters& law, double log_q, bool upper) noexcept;

/// Returns E[Y^r], +inf where it does not exist or is beyond the doubles, and NaN for NaN.
/// Accuracy: 1e-13 relative for |r| <= 4 and, from w = hypot(p, sqrt(ab)) = 8 on, for |r| <= sqrt(w); elsewhere 1e-13
/// times max(1, |log(e^z K_p(z))|, |log(e^z K_{p+r}(z))|, |r log sqrt(b/a)|), z = sqrt(ab).
[[nodiscard]] double gig_moment(const GigParameters& law, double r) noexcept;

/// Returns the entropy -E[log f(Y)]. Accuracy: 1e-13 of max(1, |value|, |E[log Y]|).
[[nodiscard]] double gig_entropy(const GigParameters& law) noexcept;

/// Throws std::invalid_argument unless 0 <= q <= 1.
void require_probability(double q);

/// The two points between which a law's value lies with a given probability, half of the rest on either side.
struct Interval {
  double lower;
  double upper;
};

/// Returns the probability beyond either end of a central interval, (1 - confidence)/2. Throws std::invalid_argument
/// unless 0 <= confidence <= 1.
[[nodiscard]] double probability_beyond(double confidence);

/// The promised error of gig_log_tails.
inline constexpr double kGigTailError = 1e-13;

/// The functions that every law of Y has because it is a GIG or a limit of one.
template <class Law>
class GigLaw {
 public:
  /// Return P(Y <= y) and P(Y > y), each to kGigTailError relative in its own tail; their logarithms do not underflow.
  [[nodiscard]] double cdf(double y) const noexcept { return std::exp(log_cdf(y)); }
  [[nodiscard]] double sf(double y) const noexcept { return std::exp(log_sf(y)); }
  [[nodiscard]] double log_cdf(double y) const noexcept { return gig_log_tails(self().gig(), y).lower; }
  [[nodiscard]] double log_sf(double y) const noexcept { return gig_log_tails(self().gig(), y).upper; }
  /// Return the y with cdf(y) = q, and that with sf(y) = q. Throw std::invalid_argument unless 0 <= q <= 1.
  [[nodiscard]] double ppf(double q) const {
    require_probability(q);
    return gig_quantile(self().gig(), std::log(q), /*upper=*/false);
  }
  [[nodiscard]] double isf(double q) const {
    require_probability(q);
    return gig_quantile(self().gig(), std::log(q), /*upper=*/true);
  }
  [[nodiscard]] double median() const { return ppf(0.5); }
  /// Returns the central interval that holds Y with probability `confidence`. Throws std::invalid_argument unless
  /// 0 <= confidence <= 1.
  [[nodiscard]] Interval interval(double confidence) const {
    const double beyond = probability_beyond(confidence);
    return {ppf(beyond), isf(beyond)};
  }
  /// Return the mean, variance and standard deviation of Y, +inf where they do not exist.
  [[nodiscard]] double mean() const noexcept { return self().cumulants().mean; }
  [[nodiscard]] double var() const noexcept { return self().cumulants().second; }
  [[nodiscard]] double std() const noexcept { return std::sqrt(var()); }
  /// Returns E[Y^r] for any number r, +inf where it does not exist.
  [[nodiscard]] double moment(double r) const noexcept { return gig_moment(self().gig(), r); }
  /// Returns the entropy -E[log f(Y)].
  [[nodiscard]] double entropy() const noexcept { return gig_entropy(self().gig()); }
  bool operator==(const GigLaw&) const = default;

 private:
  GigLaw() = default;
  friend Law;
  [[nodiscard]] const Law& self() const noexcept { return static_cast<const Law&>(*this); }
};

}  // namespace varimix
