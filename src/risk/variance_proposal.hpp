#pragma once

#include <vector>

#include "normal_box.hpp"

namespace varimix {

/// A law of Y from which draws are nearly those of Y given that X lies in a box: with v = log(Y/y0), y0 the Y at which
/// log Y has its mode, its log density is a chain of straight lines through the points v_i of
///   G(v) = log f(v) + psi(y0 e^v),
/// f the density of v and psi the upper bound of the log of the box's probability given Y (tilt_of). Beyond the last
/// points, where G has fallen by 45, the lines go on.
class VarianceProposal {
 public:
  /// Throws std::invalid_argument where G has no peak that doubles can tell. Cost: some 100 tilts.
  explicit VarianceProposal(const BoxLaw& box);

  struct Draw {
    double y;           ///< a normal double > 0
    double log_weight;  ///< log f(v) less the log density of the proposal at v
    std::size_t left;   ///< the point before v; at the ends that of the nearest piece
    double fraction;    ///< where v lies between it and the next, in [0, 1]
  };
  [[nodiscard]] Draw draw(CounterStream& stream) const;
  /// Sets out_tilt to the tilt at a draw, between those of the two points.
  void tilt_at(const Draw& draw, Vector& out_tilt) const;
  /// Returns false if a tilt that matters was not found: draws may then miss where X is, and weights not tell.
  [[nodiscard]] bool is_sharp() const;

 private:
  struct Point {
    double v;
    double g;  // G(v)
    Tilt tilt;
  };
  [[nodiscard]] Point point_at(const BoxLaw& box, const Matrix& slopes, double v, const Tilt& start) const;
  void walk(const BoxLaw& box, const Matrix& slopes, double direction);
  void refine(const BoxLaw& box, const Matrix& slopes);
  void sum_pieces();
  [[nodiscard]] double log_density_of_v(double v) const noexcept;
  [[nodiscard]] double slope_of(std::size_t left) const noexcept;

  double y0_;
  double a0_, b0_;         // a y0/2 and b/(2 y0)
  double log_constant_;    // of the density of v
  double log_mass_ = 0.0;  // of the proposal
  std::vector<Point> points_;
  std::vector<double> cumulative_;  // shares of the pieces: the left end, those between two points, the right end
};

}  // namespace varimix
