#include "box_draws.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/aligned_doubles.hpp"
#include "kernels/draw.hpp"
#include "univariate/near_quantile.hpp"
#include "univariate/tail_integral.hpp"
#include "variance_proposal.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"

namespace varimix {
namespace {

/// Returns a draw of GIG(p, a, b), faces included. b = 0 with p <= 0, which has no law, is its limit: 0, or the least
/// double that may stand for it.
double draw_gig(CounterStream& stream, const GigParameters& law) {
  constexpr double kSmallest = std::numeric_limits<double>::min();
  if (law.b < kSmallest) return law.p > 0.0 ? Gamma(law.p, 0.5 * law.a).sample(stream) : kSmallest;
  if (law.a < kSmallest) return InverseGamma(-law.p, 0.5 * law.b).sample(stream);
  return GeneralizedInverseGaussian(law.p, law.a, law.b).sample(stream);
}

UnivariateLaw column_law(const BoxLaw& box, Index column) {
  return {box.y, box.mu(column), box.gamma(column), box.factor.row(column).head(column + 1).norm()};
}

/// A tail of X at both bounds, in logarithms: that on the side on which X beyond the inner bound is rarer.
struct TailWithin {
  Tail tail;
  double log_inner;  ///< log of the probability beyond the bound nearer to the centre
  double log_outer;  ///< and beyond the other one
  [[nodiscard]] double log_probability() const {
    if (log_outer == -kNoBound) return log_inner;
    return log_inner + std::log1p(-std::exp(std::min(log_outer - log_inner, 0.0)));
  }
};

TailWithin tail_within(const PreparedLaw& law, double lower, double upper) {
  const double below = law.log_tail(upper, Tail::kLower);
  const double above = law.log_tail(lower, Tail::kUpper);
  if (above < below) return {Tail::kUpper, above, law.log_tail(upper, Tail::kUpper)};
  return {Tail::kLower, below, law.log_tail(lower, Tail::kLower)};
}

/// What a thread needs to draw blocks of rows.
struct DrawBlock {
  DrawBlock(Index most_rows, Index d, Index k)
      : leading(most_rows < kBlockRows ? most_rows : kBlockStride),
        y(most_rows),
        root_y(most_rows),
        z(leading * d),
        x(leading * d),
        tilt(Vector::Zero(k)),
        z_within(Vector::Zero(k)) {}
  Index leading;
  AlignedDoubles y, root_y, z, x;
  NormalBox bounds;
  Vector tilt, z_within;
};

/// Returns rows of X. `draw_row(stream, block, row)` draws Y, which it returns, and the first k of z, block.z_within.
template <class DrawRow>
RowMatrix draw_rows(const BoxLaw& box, Index n, const Seed& seed, const DrawRow& draw_row) {
  const Index d = box.mu.size();
  const Index k = box.k();
  const kernels::DrawLaw law{box.mu.data(), box.gamma.data(), box.factor.data()};
  RowMatrix rows(n, d);
  const auto draw = [&](DrawBlock& block, Index first, Index count) {
    for (Index i = 0; i < count; ++i) {
      CounterStream stream(seed, StreamPurpose::kScenarioRows, static_cast<std::uint64_t>(first + i));
      const double y = draw_row(stream, block, first + i);
      block.y[static_cast<std::size_t>(i)] = y;
      block.root_y[static_cast<std::size_t>(i)] = std::sqrt(y);
      for (Index j = 0; j < d; ++j) {
        block.z[static_cast<std::size_t>(j * block.leading + i)] = j < k ? block.z_within(j) : stream.normal();
      }
    }
    kernels::draw(law, block.y.data(), block.root_y.data(), block.z.data(), count, block.leading, d, block.x.data());
    using Columns = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;
    rows.middleRows(first, count) = Columns(block.x.data(), count, d, Eigen::OuterStride<>(block.leading));
  };
  for_each_block(
      n, [&] { return DrawBlock(std::clamp(n, Index{1}, kBlockRows), d, k); }, draw);
  for (Index j = 0; j < k; ++j) {  // the bounds hold but for rounding
    rows.col(j) = rows.col(j).cwiseMax(box.lower(j)).cwiseMin(box.upper(j));
  }
  return rows;
}

BoxDraws draw_freely(const BoxLaw& box, Index n, const Seed& seed) {
  const auto draw_row = [&](CounterStream& stream, DrawBlock& /*block*/, Index /*row*/) {
    return draw_gig(stream, box.y);
  };
  return {draw_rows(box, n, seed, draw_row), {}, 0.0};
}

/// Returns the tail by whose quantiles the first column is drawn, or nothing where they are too coarse.
std::optional<TailWithin> exact_tail(const BoxLaw& box) {
  constexpr double kLeastTail = -690.0;  // log 1e-300: below it quantiles lose digits
  constexpr double kLeastShare = 1e-3;   // of the tail, which keeps ten digits of the probability
  const bool holds_mu = box.lower(0) <= box.mu(0) && box.mu(0) <= box.upper(0);
  constexpr double kBoundedOrder = 0.5;
  if (box.y.b == 0.0 && box.y.p <= kBoundedOrder && holds_mu) return std::nullopt;  // the density is unbounded there
  const TailWithin tail = tail_within(PreparedLaw(column_law(box, 0)), box.lower(0), box.upper(0));
  if (!(tail.log_inner > kLeastTail)) return std::nullopt;
  if (!(tail.log_probability() > tail.log_inner + std::log(kLeastShare))) return std::nullopt;
  return tail;
}

BoxDraws draw_by_quantiles(const BoxLaw& box, const TailWithin& tail, Index n, const Seed& seed) {
  const double inner = std::exp(tail.log_inner);
  const double outer = std::exp(tail.log_outer);
  const double sigma = box.factor(0, 0);
  const double skew = box.gamma(0) / sigma;
  const double sign = tail.tail == Tail::kUpper ? -1.0 : 1.0;  // the upper tail of X is the lower tail of -X
  const PreparedLaw law({box.y, sign * box.mu(0), sign * box.gamma(0), sigma});
  constexpr double kBelowOne = 1.0 - kEpsilon;
  const auto draw_row = [&](CounterStream& stream, DrawBlock& block, Index /*row*/) {
    const double q = std::min(outer + (inner - outer) * stream.uniform(), kBelowOne);
    const double x = std::clamp(sign * near_quantile(law, q), box.lower(0), box.upper(0));
    const double r = (x - box.mu(0)) / sigma;
    const double y = draw_gig(stream, {box.y.p - 0.5, box.y.a + skew * skew, box.y.b + r * r});
    block.z_within(0) = (r - skew * y) / std::sqrt(y);
    return y;
  };
  return {draw_rows(box, n, seed, draw_row), {}, tail.log_probability()};
}

BoxDraws draw_by_importance(const BoxLaw& box, Index n, const Seed& seed) {
  const VarianceProposal proposal(box);
  const Matrix slopes = slopes_of(box);
  Vector log_weights(n);
  const auto draw_row = [&](CounterStream& stream, DrawBlock& block, Index row) {
    const VarianceProposal::Draw y = proposal.draw(stream);
    proposal.tilt_at(y, block.tilt);
    bounds_given(box, y.y, block.bounds);
    const double psi = draw_within(stream, block.bounds, slopes, block.tilt, block.z_within);
    if (psi == -kNoBound) block.z_within.setZero();
    log_weights(row) = y.log_weight + psi;
    return y.y;
  };
  RowMatrix x = draw_rows(box, n, seed, draw_row);
  const double largest = log_weights.maxCoeff();
  const double log_mean = largest + std::log((log_weights.array() - largest).exp().mean());
  return {std::move(x), std::move(log_weights), log_mean, proposal.is_sharp()};
}

}  // namespace

BoxDraws draw_in_box(const BoxLaw& box, Index n, const Seed& seed) {
  if (box.k() == 0) return draw_freely(box, n, seed);
  if (box.k() == 1) {
    if (const auto tail = exact_tail(box)) return draw_by_quantiles(box, *tail, n, seed);
  }
  return draw_by_importance(box, n, seed);
}

double log_column_probability(const BoxLaw& box, Index column) {
  const PreparedLaw law(column_law(box, column));
  return tail_within(law, box.lower(column), box.upper(column)).log_probability();
}

}  // namespace varimix
