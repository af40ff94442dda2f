#pragma once

#include <cstdint>

#include "partial_rows.hpp"
#include "varimix/core/types.hpp"

namespace varimix::kernels {

/// Rows that miss more columns than this go by partial_rows: the work grows with the cube of what they miss.
inline constexpr Index kMostMissing = 32;

/// So many rows are worked on together.
inline constexpr Index kPrecisionRows = 16;

/// Returns the number of columns with as many after them as a row may miss.
[[nodiscard]] constexpr Index places_of(Index d) noexcept { return d + (d < kMostMissing ? d : kMostMissing); }

/// The law of rows of which some columns are missing, with its precision Lambda = Sigma^{-1}. Each column is in units of
/// a power of two of about its standard deviation. What is (places) goes on after the d columns as if others followed that
/// nothing depends on, places_of(d) in all: Lambda with the identity, the rest with 0.
struct PrecisionLaw {
  Index d;
  const double* mu;               ///< (d), about the same origin as the rows, in their units
  const double* inverse_unit;     ///< (d)
  const double* log_unit;         ///< (places)
  const double* direction;        ///< (d), L^{-1} gamma
  const double* cholesky;         ///< L with its rows in units
  Index cholesky_stride;          ///< from column to column of L
  const double* inverse_pivot;    ///< (d), 1 / L_jj
  const double* precision;        ///< Lambda (places, places)
  const double* precision_gamma;  ///< Lambda gamma (places)
  double log_det_root;            ///< log det L, not in units
  double root_a = 0.0;            ///< sqrt(a) of the law of Y, GIG(p, a, b)
  double root_b = 0.0;            ///< sqrt(b) of the law of Y
  /// Misalignments may be left at 0 where (a + gamma_o' Sigma_oo^{-1} gamma_o)(b + distance squared) is less.
  double misalignment_from = 0.0;
};

/// Returns how many doubles precision_rows needs as scratch for rows of which none misses more than `missing` columns.
[[nodiscard]] Index precision_rows_scratch(Index d, Index missing) noexcept;

/// Computes what partial_rows does, of rows that miss few columns m each, from the precision:
///   B (x_o - mu_o) = -Lambda_mm^{-1} Lambda_mo (x_o - mu_o),   B gamma_o = gamma_m - Lambda_mm^{-1} (Lambda gamma)_m,
///   Sigma_mm - B Sigma_om = Lambda_mm^{-1},   det Sigma_oo = det Sigma det Lambda_mm,
/// and with the missing columns of x - mu and gamma replaced by these, v = L^{-1}(x - mu) and h = L^{-1} gamma have the
/// squares and the product that those of the shown columns have. Roundings are in proportion to the condition of
/// Lambda_mm: to the largest Lambda_jj Sigma_jj, over which a caller decides.
/// @param x  x[j * leading + i] is row i, column j, NaN where it is missing.
/// @param rows  <= kPrecisionRows.
/// @param missing  no row misses more columns than this.
/// @param columns  the k-th missing column of row i is columns[k * leading + i]; beyond its last, d + k. Where row i is
/// beyond the last, i < kPrecisionRows, any column.
/// @param rest  if not null, what the missing columns have; beyond a row's last it is undefined.
/// A row's results do not depend on the rows beside it. Cost: O(d^2 + missing^3) for all rows of a vector together.
void precision_rows(const PrecisionLaw& law, const double* x, Index rows, Index leading, Index missing,
                    const std::int64_t* columns, double* scratch, const PartialRows& out,
                    const MissingColumns* rest) noexcept;

}  // namespace varimix::kernels
