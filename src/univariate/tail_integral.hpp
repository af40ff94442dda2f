#pragma once

#include <cstddef>
#include <optional>

#include "varimix/univariate/univariate_law.hpp"

namespace varimix {

/// Which tail: its sign multiplies c and g.
enum class Tail { kLower, kUpper };

/// A law made ready for many points: its unit of Y and the constant of Y's density.
/// About a point y of Y, with v = log(Y/y), the density of v is e^{w(v)} times a constant,
///   w(v) = slope v - A E(v) - B E(-v), E(v) = e^v - 1 - v, A = a y/2, B = b/(2y), slope = p - A + B.
class PreparedLaw {
 public:
  /// Throws as UnivariateLaw's functions do.
  explicit PreparedLaw(const UnivariateLaw& law);

  /// log of the tail's probability, and the probability itself, which saves the rounding of a logarithm near the centre.
  /// x any double: infinities give the limits, NaN gives NaN.
  [[nodiscard]] double log_tail(double x, Tail tail) const;
  [[nodiscard]] double tail(double x, Tail tail) const;
  /// How far X lies beyond x in the mean: E[x - X | X <= x] (lower tail), E[X - x | X > x] (upper); inf where that does not
  /// exist. x finite, within 1e100 standard units of mu.
  [[nodiscard]] double mean_excess(double x, Tail tail) const;
  /// Nodes of the trapezoidal rule that log_tail takes, 0 where it takes another; for tests. x as in mean_excess.
  [[nodiscard]] std::size_t nodes(double x, Tail tail) const;

  [[nodiscard]] const UnivariateLaw& law() const noexcept { return law_; }
  /// mu + gamma y0, y0 the mode of log Y: where most of X is.
  [[nodiscard]] double centre() const noexcept;
  /// The standard deviation of X given Y = y0, or gamma times that of Y, whichever is larger; of their order if log Y spreads.
  [[nodiscard]] double scale() const noexcept;

 private:
  enum class Factor { kProbability, kExcess };
  /// An integral as e^{log_factor} times sum.
  struct Product {
    double log_factor;
    double sum;
    std::size_t nodes;
  };
  [[nodiscard]] Product integrate(double x, Tail tail, Factor factor) const;
  /// Where the normal part is narrow beside gamma Y (univariate_sharp.hpp), else nothing.
  [[nodiscard]] std::optional<Product> integrate_sharp(double x, Tail tail, Factor factor) const;
  /// log of the tail at a place where its probability is 0, 1 or a power law. @pre |x - mu| > 1e100 standard units.
  [[nodiscard]] double log_far_tail(double x, Tail tail) const;
  [[nodiscard]] bool is_far(double x) const noexcept;

  UnivariateLaw law_;
  double y0_;        // the mode of log Y, rounded: the unit of Y
  double a0_, b0_;   // A and B at y0
  bool is_narrow_;   // log Y spreads over less than doubles resolve: y0 is its mode, and what is near is told by v
  double slope0_;    // not quite 0, because y0 is rounded
  double unit_;      // sigma sqrt(y0): the standard unit of x
  double constant_;  // Int e^{w} dv about y0
};

}  // namespace varimix
