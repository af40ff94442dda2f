#pragma once

#include <span>

#include "varimix/core/missing.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix {

struct EStepOptions {
  LogY log_y = LogY::kLeaveOut;
  /// Squared distances (x-mu)' Sigma^{-1} (x-mu) below this are taken as this where b is below it, so that no row sits
  /// in the pole of a density that is unbounded at mu; 0 means no floor.
  double distance_floor = 0.0;
  /// One weight >= 0 a row; empty means that all are 1. A row of weight 0 counts as absent, to the last bit.
  std::span<const double> weights = {};
  /// With kExact a NaN is a value missing at random; otherwise it is one more value that is not finite.
  Missing missing = Missing::kError;
  /// Tables that are kept from pass to pass, or null. A table of the order p - k/2 of rows that show k columns is used for
  /// any number of them; where there is none a pass of few rows evaluates K directly, to the same accuracy but with other
  /// roundings.
  BesselTables* tables = nullptr;
  /// Where not empty, one number a row that receives its log f, not times its weight; 0 for rows that are absent.
  std::span<double> log_density = {};
};

/// Does the E-step. Every row has Y | x ~ GIG(p - d/2, a + gamma' Sigma^{-1} gamma, b + (x-mu)' Sigma^{-1} (x-mu)); the
/// result has the (weighted) means of E[1/Y|x], E[Y|x], E[log Y|x], x, x E[1/Y|x], xx' E[1/Y|x], the last three about
/// `origin`, and of log f(x). The values of rows and weights are not checked here: a row that is not finite gives
/// statistics that are not finite. Here and below a number of columns other than d, an origin of another dimension, and
/// weights or log densities that are not one a row throw std::invalid_argument.
/// Cost: O(n d^2) and n Bessel evaluations; memory O(d kBlockRows) a thread and O(d^2) a chunk (chunks_of); nothing is
/// allocated per row. Where some weights are 0, a list of the other rows is made.
///
/// With Missing::kExact all means are conditional on what a row shows, and f is the density of that. A row that shows
/// nothing adds nothing, and where no row shows anything all is 0. Rows are grouped by what they show, within some
/// thousands of rows. A row with d_m values missing costs O(d^2 (1 + d_m)), computed for a vector of rows at once, whatever
/// each misses; 10 rows or more of one pattern in a block share that cost, and each of them costs at most what a complete
/// one does, and O(d d_m) more. Where no value is missing the result has the bits of kError.
template <Subordinator S>
[[nodiscard]] EStepResult e_step(const MeanVarianceMixture<S>& model, const RowView& x, const Vector& origin,
                                 const EStepOptions& options = {});

/// Returns E[1/Y|x], E[Y|x] and E[log Y|x] of every row; rows are not checked. With Missing::kExact x is what the row
/// shows; a row that shows nothing has the moments of Y.
template <Subordinator S>
[[nodiscard]] RowPosteriors posterior(const MeanVarianceMixture<S>& model, const RowView& x,
                                      Missing missing = Missing::kError);

/// Returns log f(x) of every row; rows are not checked. With Missing::kExact x is what the row shows; a row that shows
/// nothing has 0.
/// @param distance_floor, tables  as in EStepOptions; with a floor > 0 no row has an infinite density.
template <Subordinator S>
[[nodiscard]] Vector log_density(const MeanVarianceMixture<S>& model, const RowView& x,
                                 Missing missing = Missing::kError, double distance_floor = 0.0,
                                 BesselTables* tables = nullptr);

/// Returns the mean of log f(x); rows are not checked. With Missing::kExact it is taken over the rows that show
/// something, and is 0 where none does.
/// @param distance_floor, tables  as for log_density.
template <Subordinator S>
[[nodiscard]] double mean_log_density(const MeanVarianceMixture<S>& model, const RowView& x,
                                      Missing missing = Missing::kError, double distance_floor = 0.0,
                                      BesselTables* tables = nullptr);

}  // namespace varimix
