#include "mode_spike.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "mixture/families.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix {
namespace {

constexpr Index kFewestOthers = 8;
// The ball holds as many other rows as rows are equal, but at least kFewestInBall and at most 1/kShareInBall of all.
constexpr Index kFewestInBall = 10;
constexpr Index kShareInBall = 10;

bool is_absent(std::span<const double> weights, Index i) {
  return !weights.empty() && weights[static_cast<std::size_t>(i)] == 0.0;
}

/// Returns complete rows, evenly spaced, each less row `at`.
Matrix rows_about(const RowView& x, std::span<const double> weights, Index at) {
  const Index stride = (x.rows() + kSpikeRows - 1) / kSpikeRows;
  Matrix out(x.columns(), (x.rows() + stride - 1) / stride);
  Index count = 0;
  for (Index i = 0; i < x.rows(); i += stride) {
    for (Index j = 0; j < x.columns(); ++j) out(j, count) = x(i, j) - x(at, j);
    if (!is_absent(weights, i) && out.col(count).allFinite()) ++count;
  }
  out.conservativeResize(Eigen::NoChange, count);
  return out;
}

double log_volume_of_ball(Index d, double radius) {
  const double half = 0.5 * static_cast<double>(d);
  return half * std::log(std::numbers::pi) - std::lgamma(half + 1.0) + static_cast<double>(d) * std::log(radius);
}

/// Returns the log of the density around 0 of those of `rows` that are not 0; inf where it cannot be told.
double log_density_around(const Matrix& rows, double share_equal) {
  constexpr double kUnknown = std::numeric_limits<double>::infinity();
  const auto n = static_cast<double>(rows.cols());
  const Vector mean = rows.rowwise().mean();
  const Matrix centred = rows.colwise() - mean;
  const Eigen::LLT<Matrix> llt(centred * centred.transpose() / n);
  if (llt.info() != Eigen::Success) return kUnknown;
  const Matrix root = llt.matrixL();
  const Matrix whitened = root.triangularView<Eigen::Lower>().solve(rows);
  std::vector<double> distances;
  for (Index i = 0; i < rows.cols(); ++i) {
    if (const double r = whitened.col(i).norm(); r > 0.0) distances.push_back(r);
  }
  const auto others = static_cast<Index>(distances.size());
  if (others < kFewestOthers) return kUnknown;
  const Index as_many = std::max(kFewestInBall, static_cast<Index>(share_equal * n));
  const Index wanted = std::min({as_many, std::max<Index>(1, rows.cols() / kShareInBall), others});
  std::nth_element(distances.begin(), distances.begin() + (wanted - 1), distances.end());
  const double radius = distances[static_cast<std::size_t>(wanted - 1)];
  const auto inside = std::count_if(distances.begin(), distances.end(), [&](double r) { return r <= radius; });
  const double log_det_root = root.diagonal().array().log().sum();
  const double value =
      std::log(static_cast<double>(inside) / n) - log_volume_of_ball(rows.rows(), radius) - log_det_root;
  return std::isfinite(value) ? value : kUnknown;
}

}  // namespace

std::optional<Spike> spike_at_peak(const EStepResult& e_step, const RowView& x, std::span<const double> weights) {
  if (e_step.peak_row < 0 || x.rows() < 2) return std::nullopt;
  const std::vector<Index> at_peak = x.equal_rows(e_step.peak_row);
  const Index equal = std::count_if(at_peak.begin(), at_peak.end(), [&](Index i) { return !is_absent(weights, i); });
  if (equal < 2) return std::nullopt;
  return spike_among(rows_about(x, weights, e_step.peak_row), e_step.peak_log_density, equal, x.rows());
}

std::optional<Spike> spike_among(const Matrix& others, double peak_log_density, Index equal, Index rows) {
  const double around = log_density_around(others, static_cast<double>(equal) / static_cast<double>(rows));
  const Spike spike{equal, peak_log_density - around};
  return spike.log_ratio > std::log(kSpikeRatio) ? std::optional(spike) : std::nullopt;
}

template <Subordinator S>
std::optional<Spike> spike_of(const MeanVarianceMixture<S>& model, const RowView& x, Missing missing) {
  return spike_at_peak(e_step(model, x, model.mu(), {.missing = missing}), x);
}

void add_mode_trap(const EStepResult& e_step, const RowView& x, std::span<const double> weights, std::int64_t step,
                   Status& out_status) {
  add_mode_trap(spike_at_peak(e_step, x, weights), e_step.floored_rows, x.rows(), step, out_status);
}

void add_mode_trap(const std::optional<Spike>& spike, Index floored_rows, Index rows, std::int64_t step,
                   Status& out_status) {
  if (!spike && floored_rows == 0) return;
  const std::string of_rows = " of " + std::to_string(rows) + " rows";
  out_status.add(StatusCode::kModeTrap,
                 spike ? std::to_string(spike->equal_rows) + of_rows + " are equal"
                       : std::to_string(floored_rows) + of_rows + " at mu",
                 step);
}

#define VARIMIX_INSTANTIATE(S) \
  template std::optional<Spike> spike_of(const MeanVarianceMixture<S>&, const RowView&, Missing);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
