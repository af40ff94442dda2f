#include "pattern_law.hpp"

#include <algorithm>
#include <cmath>

#include "special/logarithm.hpp"
#include "varimix/core/constants.hpp"

namespace varimix {

PatternLaw::PatternLaw(Index d)
    : mu_shown(d),
      whitened_gamma(d),
      law{},
      conditional_gamma(d),
      covariance(d, d),
      factor_(d, d),
      reflected_(static_cast<std::size_t>(d)) {
  observed.reserve(static_cast<std::size_t>(d));
  missing.reserve(static_cast<std::size_t>(d));
}

void PatternLaw::take(const JointLaw& joint, std::span<const std::uint8_t> shows, Rest rest) {
  observed.clear();
  missing.clear();
  for (Index j = 0; j < joint.d(); ++j) (shows[static_cast<std::size_t>(j)] != 0 ? observed : missing).push_back(j);
  const Index rows = rest == Rest::kDescribe ? joint.d() : shown();
  for (Index c = 0; c < joint.d(); ++c) {
    double* target = factor_.data() + c * joint.d();
    const double* source = joint.cholesky.data() + c * joint.d();
    for (Index k = 0; k < shown(); ++k) target[k] = source[observed[static_cast<std::size_t>(k)]];
    for (Index k = shown(); k < rows; ++k) target[k] = source[missing[static_cast<std::size_t>(k - shown())]];
  }
  triangularise(rows);

  for (Index k = 0; k < shown(); ++k) {
    const Index j = observed[static_cast<std::size_t>(k)];
    mu_shown(k) = joint.mu(j);
    whitened_gamma(k) = joint.gamma(j);
  }
  auto direction = whitened_gamma.head(shown());
  factor().topLeftCorner(shown(), shown()).triangularView<Eigen::Lower>().solveInPlace(direction);
  gamma_squared = direction.squaredNorm();
  for (Index k = 0; k < shown(); ++k) reflected_[static_cast<std::size_t>(k)] = factor_(k, k);
  simd::logarithms(reflected_.data(), static_cast<std::size_t>(shown()));
  log_det_root = 0.0;
  for (Index k = 0; k < shown(); ++k) log_det_root += reflected_[static_cast<std::size_t>(k)];
  const auto dimension = static_cast<double>(shown());
  law = {.order = joint.gig.p - 0.5 * dimension,
         .a = joint.gig.a + gamma_squared,
         .b = joint.gig.b,
         .z_prior = std::sqrt(joint.gig.a) * std::sqrt(joint.gig.b),
         .log_constant = joint.log_constant - 0.5 * dimension * kLogTwoPi - log_det_root};
  if (rest == Rest::kDescribe) describe_rest(joint);
}

/// Makes the first rows lower triangular. Row k has entries in columns 0, ..., observed[k] before, and in 0, ..., k
/// after a reflection of the columns from k on.
void PatternLaw::triangularise(Index rows) {
  for (Index k = 0; k < shown(); ++k) {
    const Index last = observed[static_cast<std::size_t>(k)];
    if (last == k) continue;
    double scale = 0.0;
    for (Index c = k; c <= last; ++c) scale = std::max(scale, std::abs(factor_(k, c)));
    const double inverse_scale = 1.0 / scale;
    double square = 0.0;
    for (Index c = k; c <= last; ++c) {
      factor_(k, c) *= inverse_scale;
      square += factor_(k, c) * factor_(k, c);
    }
    // The reflection along v = (x_k + sign(x_k) |x|, x_{k+1}, ...) takes the row x to -sign(x_k) |x| in column k. That
    // column then gets the sign that makes its pivot positive.
    const double length = std::sqrt(square);
    const double pivot = factor_(k, k);
    const double head = pivot >= 0.0 ? pivot + length : pivot - length;
    const double factor = 1.0 / (length * std::abs(head));
    const double sign = pivot >= 0.0 ? -1.0 : 1.0;
    double* first = factor_.col(k).data();
    double* along = reflected_.data();
    for (Index r = k + 1; r < rows; ++r) along[r] = head * first[r];
    for (Index c = k + 1; c <= last; ++c) {
      const double* column = factor_.col(c).data();
      const double part = column[k];
      for (Index r = k + 1; r < rows; ++r) along[r] += part * column[r];
    }
    for (Index r = k + 1; r < rows; ++r) {
      along[r] *= factor;
      first[r] = sign * (first[r] - head * along[r]);
    }
    for (Index c = k + 1; c <= last; ++c) {
      double* column = factor_.col(c).data();
      const double part = column[k];
      for (Index r = k + 1; r < rows; ++r) column[r] -= part * along[r];
      column[k] = 0.0;
    }
    first[k] = length * scale;
  }
}

void PatternLaw::describe_rest(const JointLaw& joint) {
  const Index first = shown();
  const auto unexplained = static_cast<Index>(missing.size());
  for (Index k = 0; k < unexplained; ++k) conditional_gamma(k) = joint.gamma(missing[static_cast<std::size_t>(k)]);
  for (Index j = 0; j < first; ++j) {
    for (Index k = 0; k < unexplained; ++k) conditional_gamma(k) -= loading(k, j) * whitened_gamma(j);
  }
  for (Index k = 0; k < unexplained; ++k) {
    for (Index l = 0; l <= k; ++l) {
      covariance(k, l) = 0.0;
      for (Index c = first; c < joint.d(); ++c) covariance(k, l) += factor_(first + k, c) * factor_(first + l, c);
    }
  }
}

}  // namespace varimix
