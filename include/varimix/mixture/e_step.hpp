#pragma once

#include <span>

#include "varimix/core/missing.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

struct EStepOptions {
  LogY log_y = LogY::kLeaveOut;
  /// Squared distances (x-mu)' Sigma^{-1} (x-mu) below this are taken as this where b = 0, so that no row sits in the pole
  /// of a density that is unbounded at mu; 0 for none.
  double distance_floor = 0.0;
  /// One weight >= 0 a row; empty for ones. A row of weight 0 counts as absent, to the last bit.
  std::span<const double> weights = {};
  /// With kExact NaN is missing at random, else as any value that is not finite.
  Missing missing = Missing::kError;
};

/// The E-step: for every row, Y | x ~ GIG(p - d/2, a + gamma' Sigma^{-1} gamma, b + (x-mu)' Sigma^{-1} (x-mu)); the
/// (weighted) means of E[1/Y|x], E[Y|x], E[log Y|x], x, x E[1/Y|x], xx' E[1/Y|x], the last three about `origin`, and of
/// log f(x). Rows and weights are not checked here: a row that is not finite gives statistics that are not finite.
/// Cost: O(n d^2) and n Bessel evaluations; memory
/// O(d kBlockRows) a thread and O(d^2) a chunk (chunks_of); nothing is allocated per row. Where
/// some weights are 0, a list of the other rows is made.
///
/// With Missing::kExact all means are those given what a row shows, and log f is the density of that; a row that shows
/// nothing adds nothing, and where no row shows anything all is 0. Rows are grouped by what they show within windows
/// of 65,536 rows: a pattern costs O(d^2 + d d_o d_m), with d_o columns shown and d_m not, a row no more than a complete one
/// and O(d_o d_m). Where no value is missing the result has the bits of kError.
template <Subordinator S>
[[nodiscard]] EStepResult e_step(const MeanVarianceMixture<S>& model, const RowView& x, const Vector& origin,
                                 const EStepOptions& options = {});

/// E[1/Y|x], E[Y|x] and E[log Y|x] of every row; rows are not checked. With Missing::kExact given what the row shows, those of Y
/// where that is nothing.
template <Subordinator S>
[[nodiscard]] RowPosteriors posterior(const MeanVarianceMixture<S>& model, const RowView& x,
                                      Missing missing = Missing::kError);

/// log f(x) of every row; rows are not checked. With Missing::kExact of what the row shows, 0 where that is nothing.
/// @param distance_floor  as in EStepOptions: with one no row has a density that is infinite.
template <Subordinator S>
[[nodiscard]] Vector log_density(const MeanVarianceMixture<S>& model, const RowView& x,
                                 Missing missing = Missing::kError, double distance_floor = 0.0);

/// Mean of log f(x); rows are not checked. With Missing::kExact over the rows that show something, 0 where none does.
/// @param distance_floor  as for log_density.
template <Subordinator S>
[[nodiscard]] double mean_log_density(const MeanVarianceMixture<S>& model, const RowView& x,
                                      Missing missing = Missing::kError, double distance_floor = 0.0);

}  // namespace varimix
