#include "inequalities.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <cstddef>
#include <utility>

namespace varimix {
namespace {

std::vector<Index> finite_columns(const Vector& bounds) {
  std::vector<Index> columns;
  for (Index j = 0; j < bounds.size(); ++j) {
    if (std::isfinite(bounds(j))) columns.push_back(j);
  }
  return columns;
}

}  // namespace

Inequalities::Inequalities(Matrix G, Vector h, Vector lower, Vector upper, bool shifted)
    : G_(std::move(G)),
      h_(std::move(h)),
      lower_(std::move(lower)),
      upper_(std::move(upper)),
      below_(finite_columns(lower_)),
      above_(finite_columns(upper_)),
      shifted_(shifted) {}

Vector Inequalities::slack(const Vector& x) const {
  Vector slack(size());
  const Index n = lower_.size();
  const auto rows = h_.size();
  const auto below = static_cast<Index>(below_.size());
  slack.head(rows) = h_ - G_ * x.head(n);
  slack.segment(rows, below) = x(below_) - lower_(below_);
  slack.tail(size() - rows - below) = upper_(above_) - x(above_);
  if (shifted_) slack.array() -= x(n);
  return slack;
}

Vector Inequalities::times(const Vector& direction) const {
  Vector rates(size());
  const Index n = lower_.size();
  const auto rows = h_.size();
  const auto below = static_cast<Index>(below_.size());
  rates.head(rows) = G_ * direction.head(n);
  rates.segment(rows, below) = -direction(below_);
  rates.tail(size() - rows - below) = direction(above_);
  if (shifted_) rates.array() += direction(n);
  return rates;
}

Vector Inequalities::transposed_times(const Vector& weights) const {
  Vector sum = Vector::Zero(unknowns());
  const auto rows = h_.size();
  const auto below = static_cast<Index>(below_.size());
  sum.head(lower_.size()) = G_.transpose() * weights.head(rows);
  for (Index k = 0; k < below; ++k) sum(below_[static_cast<std::size_t>(k)]) -= weights(rows + k);
  for (Index k = rows + below; k < size(); ++k) {
    sum(above_[static_cast<std::size_t>(k - rows - below)]) += weights(k);
  }
  if (shifted_) sum(lower_.size()) = weights.sum();
  return sum;
}

void Inequalities::add_squares(const Vector& weights, Matrix& out_matrix) const {
  const Index n = lower_.size();
  const auto rows = h_.size();
  const auto below = static_cast<Index>(below_.size());
  if (rows > 0) {
    const Matrix scaled = weights.head(rows).cwiseSqrt().asDiagonal() * G_;
    out_matrix.topLeftCorner(n, n).selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose());
  }
  for (Index k = 0; k < below; ++k) {
    const Index j = below_[static_cast<std::size_t>(k)];
    out_matrix(j, j) += weights(rows + k);
  }
  for (Index k = rows + below; k < size(); ++k) {
    const Index j = above_[static_cast<std::size_t>(k - rows - below)];
    out_matrix(j, j) += weights(k);
  }
  if (shifted_) out_matrix.row(n) += transposed_times(weights).transpose();
}

}  // namespace varimix
