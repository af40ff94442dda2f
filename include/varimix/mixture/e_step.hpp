#pragma once

#include "varimix/mixture/normal_mixture.hpp"

namespace varimix {

/// Whether E[log Y] is computed too.
enum class LogY { kLeaveOut, kCompute };

/// The E-step: for every row, Y | x ~ GIG(p - d/2, a + gamma' Sigma^{-1} gamma, b + (x-mu)' Sigma^{-1} (x-mu)); the means
/// of E[1/Y|x], E[Y|x], E[log Y|x], x, x E[1/Y|x], xx' E[1/Y|x], the last three about `origin`, and of log f(x).
/// Rows are not checked here: a row that is not finite gives statistics that are not finite.
/// Cost: O(n d^2) and n Bessel evaluations; memory O(d^2 + d kBlockRows) a chunk; nothing is allocated per row.
template <Subordinator S>
[[nodiscard]] EStepResult e_step(const NormalMixture<S>& model, const RowView& x, const Vector& origin, LogY log_y);

/// log f(x) of every row; rows are not checked.
template <Subordinator S>
[[nodiscard]] Vector log_density(const NormalMixture<S>& model, const RowView& x);

/// Mean of log f(x); rows are not checked.
template <Subordinator S>
[[nodiscard]] double mean_log_density(const NormalMixture<S>& model, const RowView& x);

extern template EStepResult e_step(const NormalInverseGaussian&, const RowView&, const Vector&, LogY);
extern template Vector log_density(const NormalInverseGaussian&, const RowView&);
extern template double mean_log_density(const NormalInverseGaussian&, const RowView&);

}  // namespace varimix
