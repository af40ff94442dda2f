#include "feasible_set.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace varimix {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();
/// Equalities are as good as dependent where elimination leaves less than this share of a row.
constexpr double kDependent = 1e-11;

/// Rows of coefficients with their right sides.
struct RowsAndSides {
  Matrix rows;
  Vector sides;
  std::vector<FeasibleSet::Origin> origins;

  explicit RowsAndSides(Index n) : rows(0, n) {}
  void add(const Vector& row, double side, FeasibleSet::Origin origin) {
    rows.conservativeResize(rows.rows() + 1, Eigen::NoChange);
    sides.conservativeResize(rows.rows());
    rows.row(rows.rows() - 1) = row.transpose();
    sides(rows.rows() - 1) = side;
    origins.push_back(origin);
  }
};

/// Keeps as many rows as are independent. Returns false if the others contradict them.
bool keep_independent(RowsAndSides& equalities) {
  if (equalities.rows.rows() == 0) return true;
  Eigen::ColPivHouseholderQR<Matrix> qr(equalities.rows.transpose());
  qr.setThreshold(kDependent);
  const Index rank = qr.rank();
  if (rank < equalities.rows.rows()) {
    const Vector x = equalities.rows.completeOrthogonalDecomposition().solve(equalities.sides);
    const Vector sizes = equalities.rows.cwiseAbs() * x.cwiseAbs() + equalities.sides.cwiseAbs();
    const Vector errors = (equalities.rows * x - equalities.sides).cwiseAbs();
    if ((errors.array() > kEqualityTolerance * sizes.array()).any()) return false;
  }
  std::vector<Index> kept(static_cast<std::size_t>(rank));
  for (std::size_t k = 0; k < kept.size(); ++k) kept[k] = qr.colsPermutation().indices()(static_cast<Index>(k));
  std::sort(kept.begin(), kept.end());
  equalities.rows = Matrix(equalities.rows(kept, Eigen::all));
  equalities.sides = Vector(equalities.sides(kept));
  return true;
}

}  // namespace

Vector FeasibleSet::weights(const Vector& x) const {
  Vector w = pinned;
  w(free) = x;
  return w;
}

std::optional<FeasibleSet> feasible_set(const LinearConstraints& constraints) {
  const auto& [rows, low, high, lower, upper] = constraints;
  const Index d = lower.size();
  std::vector<Index> free;
  Vector pinned = Vector::Zero(d);
  for (Index j = 0; j < d; ++j) {
    if (lower(j) < upper(j)) {
      free.push_back(j);
    } else {
      pinned(j) = lower(j);
    }
  }
  const auto n = static_cast<Index>(free.size());
  RowsAndSides equalities(n);
  RowsAndSides inequalities(n);
  for (Index k = 0; k < rows.rows(); ++k) {
    const Vector row = rows.row(k)(free).transpose();
    const double shift = rows.row(k).dot(pinned);
    const double scale = n == 0 ? 0.0 : row.cwiseAbs().maxCoeff();
    if (scale == 0.0) {
      const double error = kEqualityTolerance * rows.row(k).cwiseAbs().dot(pinned.cwiseAbs());
      if (shift < low(k) - error || shift > high(k) + error) return std::nullopt;
    } else if (low(k) == high(k)) {
      equalities.add(row / scale, (low(k) - shift) / scale, {k, false});
    } else {
      if (std::isfinite(low(k))) inequalities.add(-row / scale, (shift - low(k)) / scale, {k, false});
      if (std::isfinite(high(k))) inequalities.add(row / scale, (high(k) - shift) / scale, {k, true});
    }
  }
  if (!keep_independent(equalities)) return std::nullopt;
  return FeasibleSet{free,
                     std::move(pinned),
                     std::move(equalities.rows),
                     std::move(equalities.sides),
                     {std::move(inequalities.rows), std::move(inequalities.sides), lower(free), upper(free)},
                     std::move(inequalities.origins)};
}

Vector central_point(const FeasibleSet& set) {
  const Vector& lower = set.inequalities.lower();
  const Vector& upper = set.inequalities.upper();
  Vector x(lower.size());
  for (Index j = 0; j < x.size(); ++j) {
    const bool has_lower = lower(j) > -kNone;
    const bool has_upper = upper(j) < kNone;
    x(j) = has_lower && has_upper ? 0.5 * (lower(j) + upper(j)) : has_lower ? lower(j) : has_upper ? upper(j) : 0.0;
  }
  if (set.c.size() == 0) return x;
  return x + set.A.transpose() * (set.A * set.A.transpose()).ldlt().solve(set.c - set.A * x);
}

}  // namespace varimix
