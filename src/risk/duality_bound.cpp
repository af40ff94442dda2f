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

/// The bound's terms: residual r, and the ends between which each column lies.
struct Dual {
  Vector r;
  Vector lower;
  Vector upper;

  [[nodiscard]] double minimum() const { return r.cwiseProduct(lower).cwiseMin(r.cwiseProduct(upper)).sum(); }
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

void improve(Dual& dual, const Matrix& rows, const Vector& sides, bool is_free, Vector& multipliers) {
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
  Dual dual{gradient + set.A.transpose() * y + inequalities.G().transpose() * z, inequalities.lower().cwiseMax(-reach),
            inequalities.upper().cwiseMin(reach)};
  improve(dual, inequalities.G(), inequalities.h(), false, z);
  improve(dual, set.A, set.c, true, y);
  return dual.minimum() - set.c.dot(y) - inequalities.h().dot(z);
}

}  // namespace varimix
