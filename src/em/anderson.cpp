#include "anderson.hpp"

#include <Eigen/Dense>
#include <utility>

namespace varimix {
namespace {

// Differences that are linearly dependent to this degree are left out of the least-squares problem.
constexpr double kRankTolerance = 1e-10;

}  // namespace

void Anderson::remember(const Vector& x, Vector g) {
  Vector residual = g - x;
  points_.push_back({std::move(g), std::move(residual)});
  if (points_.size() > memory_ + 1) points_.pop_front();
}

std::optional<Vector> Anderson::next() const {
  if (points_.size() < 2) return std::nullopt;
  const auto columns = static_cast<Index>(points_.size()) - 1;
  const Point& last = points_.back();
  Matrix dg(last.g.size(), columns);
  Matrix dr(last.g.size(), columns);
  for (Index j = 0; j < columns; ++j) {
    const Point& left = points_[static_cast<std::size_t>(j)];
    const Point& right = points_[static_cast<std::size_t>(j) + 1];
    dg.col(j) = right.g - left.g;
    dr.col(j) = right.residual - left.residual;
  }
  Eigen::ColPivHouseholderQR<Matrix> qr(dr);
  qr.setThreshold(kRankTolerance);
  const Vector gamma = qr.solve(last.residual);
  return Vector(last.g - dg * gamma);
}

}  // namespace varimix
