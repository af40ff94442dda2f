#include "duality_bound.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace varimix {
namespace {

/// Columns without a bound count as bounded by this many times the sum of the sizes of the weights.
constexpr double kReach = 10.0;
/// A multiplier that was far from its best value has its rounding left after one round.
constexpr int kRounds = 2;
/// The rounding of residuals below this share of the objective's size is not counted.
constexpr double kNegligible = 1e-12;

/// The bound's terms: residual r, and the ends between which each column lies.
struct Dual {
  Vector r;
  Vector lower;
  Vector upper;

  [[nodiscard]] double minimum() const { return minimum(Vector::Zero(r.size())); }
  /// Returns the least that it may be where r is known to these errors.
  [[nodiscard]] double minimum(const Vector& errors) const {
    const auto at = [&](const Vector& v) { return r.cwiseProduct(v) - errors.cwiseProduct(v.cwiseAbs()); };
    return at(lower).cwiseMin(at(upper)).sum();
  }
};

/// Returns the t >= least that maximises -side t + sum_j min over v_j of (r + t row)_j v_j, a concave function of lines
/// that meet where (r + t row)_j = 0.
double best_change(const Dual& dual, const Vector& row, double side, double least) {
  std::vector<std::pair<double, double>> kinks;  // where, and by how much the slope falls
  double slope = -side;                          // far to the left
  for (Index j = 0; j < row.size(); ++j) {
    if (row(j) == 0.0) continue;
    slope += row(j) * (row(j) > 0.0 ? dual.upper(j) : dual.lower(j));
    kinks.emplace_back(-dual.r(j) / row(j), std::abs(row(j)) * (dual.upper(j) - dual.lower(j)));
  }
  if (slope <= 0.0) return std::isfinite(least) ? least : 0.0;  // it falls from the left on
  std::sort(kinks.begin(), kinks.end());
  for (const auto& [t, fall] : kinks) {
    slope -= fall;
    if (slope <= 0.0) return std::max(t, least);
  }
  return 0.0;  // it rises for ever: the rounding of an equality that determines all columns
}

/// Sets multipliers to their best values one after the other, by the residuals of the others.
void improve(Dual dual, const Matrix& rows, const Vector& sides, bool is_free, Vector& multipliers) {
  constexpr double kNoLimit = -std::numeric_limits<double>::infinity();
  for (Index k = 0; k < rows.rows(); ++k) {
    const Vector row = rows.row(k).transpose();
    const double change = best_change(dual, row, sides(k), is_free ? kNoLimit : -multipliers(k));
    dual.r += change * row;
    multipliers(k) += change;
  }
}

}  // namespace

double lower_bound(const FeasibleSet& set, const InteriorPoint& point, const Vector& gradient) {
  const Inequalities& inequalities = set.inequalities;
  const double reach = kReach * point.x.lpNorm<1>();
  Vector y = point.y;
  Vector z = point.z.head(inequalities.h().size());
  // Residuals are computed anew from the multipliers: changes of large ones would leave their rounding in them.
  const auto dual_of = [&] {
    return Dual{gradient + set.A.transpose() * y + inequalities.G().transpose() * z,
                inequalities.lower().cwiseMax(-reach), inequalities.upper().cwiseMin(reach)};
  };
  for (int round = 0; round < kRounds; ++round) {
    improve(dual_of(), inequalities.G(), inequalities.h(), false, z);
    improve(dual_of(), set.A, set.c, true, y);
  }
  const Vector terms =
      gradient.cwiseAbs() + set.A.transpose().cwiseAbs() * y.cwiseAbs() + inequalities.G().transpose().cwiseAbs() * z;
  const Dual dual = dual_of();
  const double minimum = dual.minimum();
  const double least = dual.minimum(std::numeric_limits<double>::epsilon() * terms);
  const bool is_rounding = minimum - least <= kNegligible * gradient.cwiseAbs().dot(point.x.cwiseAbs());
  return (is_rounding ? minimum : least) - set.c.dot(y) - inequalities.h().dot(z);
}

}  // namespace varimix
