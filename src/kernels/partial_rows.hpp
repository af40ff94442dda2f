#pragma once

#include <cstdint>

#include "distance.hpp"
#include "varimix/core/types.hpp"

namespace varimix::kernels {

/// So many rows, each with its own missing columns, are worked on together: two of the widest vectors.
inline constexpr Index kPartialRows = 16;

/// The law of rows of which some columns are missing. Each column is in units of a power of two of about its standard
/// deviation, so that squares neither overflow nor underflow.
struct PartialRowLaw {
  Index d;
  const double* mu;                     ///< (d), about the same origin as the rows, in their units
  const double* inverse_unit;           ///< (d)
  const double* log_unit;               ///< (d)
  const double* gamma;                  ///< (d), in units
  const double* cholesky;               ///< L with its rows in units; column j from 2 d j on, its last d numbers are 0
  const std::uint8_t* takes_logarithm;  ///< (d), not 0 where a product of pivots ends, lest it leave a double's range
  double root_a = 0.0;                  ///< sqrt(a) of the law of Y, GIG(p, a, b)
  double root_b = 0.0;                  ///< sqrt(b) of the law of Y
};

/// The arrays of results (rows) for what each row shows: with L_o L_o' = Sigma_oo, those of `distance` for
/// v = L_o^{-1}(x_o - mu_o) and h = L_o^{-1} gamma_o, beside h'h and log det L_o.
struct PartialRows {
  Distances distances;
  double* gamma_squared;
  double* log_det_root;
};

/// The arrays of results for the columns m that a row misses, given those that it shows, with B = Sigma_mo
/// Sigma_oo^{-1}. They are in units of the columns; that of row i, k-th missing column, is at k * stride + i. Rows that
/// miss fewer columns than others have zeros at the end.
struct MissingColumns {
  Index stride;
  double* mean;        ///< B (x_o - mu_o)
  double* gamma;       ///< gamma_m - B gamma_o
  double* covariance;  ///< Sigma_mm - B Sigma_om; its lower triangle row by row, k (k + 1) / 2 + l in the place of k
};

/// The factor of one row's pattern, in units; entries of columns that are missing are undefined. `columns` has what v_i
/// of a shown column i explains: of a column j > i at 2 d i + j, of the k-th missing column, where that is before i, at
/// 2 d i + d + k.
struct PatternFactor {
  double* pivot;      ///< (d), of the columns shown
  double* direction;  ///< (d), h
  double* columns;    ///< (2 d, d)
};

/// Returns how many doubles of scratch a vector of rows needs.
[[nodiscard]] constexpr Index scratch_of_vector(Index lanes, Index d, Index missing) noexcept {
  return lanes * ((d + missing) * (missing + 2) + 2 * missing + 2 * d);
}

/// Returns how many doubles partial_rows needs as scratch for rows of which none misses more than `missing` columns.
[[nodiscard]] Index partial_rows_scratch(Index rows, Index d, Index missing) noexcept;

/// Computes rows of which each misses columns of its own: those that are NaN. Column by column, with f the number of
/// missing columns so far, row i of L has the entries a_1, ..., a_f in the free directions, which no shown column has
/// fixed, and l = L_ii in a new one. If column i is shown, a reflection turns these into p = |(a, l)| in a direction
/// that v_i = (what is left of x_i - mu_i) / p fixes, and zeros in f directions that stay free. The entries (phi, l) of
/// every other row in the same directions turn into
///   t = (phi'a + l L_ii) / p   and   phi - a (t + l) / (p + L_ii),
/// and t v_i is taken from what is left of it. If column i is missing, its direction is one more that is free. In the
/// end the free directions of the missing rows hold a factor of Sigma_mm - B Sigma_om, and -B (x_o - mu_o) is left of
/// them. Reflections leave errors of roundings of L's own entries. Sigma, whose roundings are as large as the squares
/// of much larger deviations, is not formed.
/// @param x  x[j * leading + i] is row i, column j; a vector may reach beyond the last row.
/// @param rows  <= kPartialRows.
/// @param missing  no row misses more columns than this.
/// @param rest  if not null, what the missing columns have.   @param factor  null unless rows = 1.
/// A row's results do not depend on the rows beside it. Cost: O(d^2 (1 + missing)) for all rows of a vector together.
void partial_rows(const PartialRowLaw& law, const double* x, Index rows, Index leading, Index missing, double* scratch,
                  const PartialRows& out, const MissingColumns* rest, const PatternFactor* factor) noexcept;

/// Sets the distance of rows whose finite values overflow to inf, with a projection of 0. x: see partial_rows.
void settle_overflows(const double* x, Index rows, Index leading, Index d, const Distances& inout) noexcept;

/// Takes what shown columns explain from another: inout[i] -= loading[k] v[k * leading + i] for each k < columns in
/// turn, with the roundings of partial_rows.
void take_explained(const double* loading, const double* v, Index rows, Index leading, Index columns,
                    double* inout) noexcept;

}  // namespace varimix::kernels
