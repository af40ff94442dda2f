#pragma once

#include <cstddef>
#include <optional>

#include "varimix/univariate/univariate_law.hpp"

namespace varimix {

/// The lower or the upper tail of X: its sign, 1 or -1, multiplies c and g.
enum class Tail { kLower, kUpper };

/// A law made ready for many points, with its unit of Y and the constant of Y's density.
/// About a point y of Y, with v = log(Y/y), the density of v is e^{w(v)} times a constant,
///   w(v) = slope v - A E(v) - B E(-v), E(v) = e^v - 1 - v, A = a y/2, B = b/(2y), slope = p - A + B.
class PreparedLaw {
 public:
  /// Throws as UnivariateLaw's functions do.
  explicit PreparedLaw(const UnivariateLaw& law);

  /// Return the log of the tail's probability, and the probability itself, which saves the rounding of a logarithm near
  /// the centre. x may be any double: infinities give the limits, NaN gives NaN.
  [[nodiscard]] double log_tail(double x, Tail tail) const;
  [[nodiscard]] double tail(double x, Tail tail) const;
  /// Returns how far X lies beyond x in the mean: E[x - X | X <= x] for the lower tail, E[X - x | X > x] for the upper
  /// one; inf where that does not exist. x is finite and within 1e100 standard units of mu.
  [[nodiscard]] double mean_excess(double x, Tail tail) const;
  /// Returns how many nodes of the trapezoidal rule log_tail takes, 0 where it takes another rule; tests ask this. x is
  /// as in mean_excess.
  [[nodiscard]] std::size_t nodes(double x, Tail tail) const;

  [[nodiscard]] const UnivariateLaw& law() const noexcept { return law_; }
  /// Returns mu + gamma y0, where most of X is; log Y has its mode at log y0.
  [[nodiscard]] double centre() const noexcept;
  /// Returns a scale of X: its standard deviation given Y = y0, plus |gamma| times that of Y, or times y0 if that is
  /// smaller.
  [[nodiscard]] double scale() const noexcept;

 private:
  enum class Factor { kProbability, kExcess };
  /// An integral, e^{log_factor} times sum.
  struct Product {
    double log_factor;
    double sum;
    std::size_t nodes;
  };
  [[nodiscard]] Product integrate(double x, Tail tail, Factor factor) const;
  /// Returns the integral where the normal part is narrow beside gamma Y (sharp_tail.hpp), else nothing.
  [[nodiscard]] std::optional<Product> integrate_sharp(double x, Tail tail, Factor factor) const;
  /// Returns the log of the tail where its probability is 0, 1 or a power law. @pre |x - mu| > 1e100 standard units.
  [[nodiscard]] double log_far_tail(double x, Tail tail) const;
  [[nodiscard]] bool is_far(double x) const noexcept;

  UnivariateLaw law_;
  double y0_;        // the Y at which log Y has its mode, rounded: the unit of Y
  double a0_, b0_;   // A and B at y0
  bool is_narrow_;   // true if doubles do not resolve Y about y0: y0 is then its mode, and v alone tells points apart
  double slope0_;    // the slope at y0, not quite 0 because y0 is rounded
  double unit_;      // sigma sqrt(y0): the standard unit of x
  double constant_;  // Int e^{w} dv about y0
};

}  // namespace varimix
