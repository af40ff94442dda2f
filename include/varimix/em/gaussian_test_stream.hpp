#pragma once

#include <cstdint>
#include <tuple>

#include "varimix/core/members.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// The number, the mean and the scatter of rows.
struct RowMoments {
  std::int64_t rows = 0;
  Vector mean = {};     ///< (d); a row, or 0, before the first rows
  Matrix scatter = {};  ///< sum of (x - mean)(x - mean)' (d, d), the lower triangle; 0 above it

  static constexpr auto kMembers = std::tuple(member("rows", &RowMoments::rows), member("mean", &RowMoments::mean),
                                              member("scatter", &RowMoments::scatter));
  /// Returns the covariance matrix with that divisor, the lower triangle.
  [[nodiscard]] Matrix covariance(double divisor) const { return scatter / divisor; }
  bool operator==(const RowMoments& other) const;
};

/// What the test of a Gaussian against every normal variance-mean mixture (inference/gaussian_test.hpp) keeps of a
/// stream that is read once: O(d^2) numbers, never a row. Rows come at any length; each counts as one. With the mean m
/// and the covariance C (divisor N - 1) of N rows before it, a new row x of a Gaussian has
///   q = (x-m)' C^{-1} (x-m),  q N (N-d) / ((N+1)(N-1) d) ~ F(d, N-d)
/// exactly, so that q' = F_chi2(d)^{-1}(F_{d,N-d}(...)) is chi-square with d degrees of freedom however small N is. The
/// sums of the rows tested are
///   kurtosis = sum of q'^2 - 2 (d+2) q' + d (d+2),  skewness = sum of (x-m) sqrt(q'/q) (q' - d - 2):
/// the second is in the units of x, and is made white at the end, so that it does not depend on the root of C.
/// N is the number of rows at the last of fixed marks: kFirstRows for each of d + 1, and from there on each an eighth
/// above the one before, so that the steps between do not cost O(d^3) a row. The marks do not depend on how the rows are
/// cut into batches; the sums do by rounding alone. Rows before the first mark, and rows after a mark at which C was
/// singular, are not tested.
/// A row whose q has a tail probability below kLeastTail counts as if it had that one (q' about 1400).
struct GaussianTestStream {
  static constexpr std::int64_t kFirstRows =
      20;                                       // for each of d + 1: before, the root of C is far from what it will be
  static constexpr std::int64_t kGrowth = 8;    // a mark is one part in so many above the one before
  static constexpr double kLeastTail = 1e-300;  // what doubles hold with all their digits

  RowMoments before = {};      ///< the rows at the last mark
  std::int64_t rows = 0;       ///< those since
  Vector sum = {};             ///< of x - before.mean of those (d)
  Matrix products = {};        ///< of (x - before.mean)(x - before.mean)' (d, d), the lower triangle; 0 above it
  std::int64_t tested = 0;     ///< the rows in the next two sums
  double kurtosis = 0.0;       ///< as above
  Vector skewness = {};        ///< as above (d)
  bool has_overflown = false;  ///< a square left the doubles, as from 1e154 on: no row is taken from there on

  static constexpr auto kMembers = std::tuple(
      member("before", &GaussianTestStream::before), member("rows", &GaussianTestStream::rows),
      member("sum", &GaussianTestStream::sum), member("products", &GaussianTestStream::products),
      member("tested", &GaussianTestStream::tested), member("kurtosis", &GaussianTestStream::kurtosis),
      member("skewness", &GaussianTestStream::skewness), member("has_overflown", &GaussianTestStream::has_overflown));

  /// Returns the stream of d columns before its first row. Throws std::invalid_argument for d < 1.
  [[nodiscard]] static GaussianTestStream of_dimension(Index d);

  /// Takes rows, each once, tested by those before it. The bits do not depend on the number of threads. Throws
  /// std::invalid_argument, before anything changes, for no rows, another number of columns, and numbers that are not
  /// finite: rows with missing values have no such law. Cost: O(rows d^2 + d^3).
  void update(const RowView& batch, const char* name = "batch");
  /// Takes in the rows of another stream, less those that both held as `common` (null: none): moments and sums add, and
  /// the next rows are tested by those of both. Associative and commutative to rounding. Throws std::invalid_argument, before anything changes, for another
  /// number of columns and for a `common` that is no part of both.
  void merge(const GaussianTestStream& other, const GaussianTestStream* common = nullptr);

  [[nodiscard]] Index d() const noexcept { return skewness.size(); }
  /// Returns the moments of all rows.
  [[nodiscard]] RowMoments total() const;
  /// Throws std::invalid_argument for numbers that no stream of that many columns comes to.
  void check(Index columns) const;
  bool operator==(const GaussianTestStream& other) const;
};

/// Throws std::invalid_argument naming `name`, as update does, for rows that this test does not take.
void require_complete_rows(const RowView& x, Index d, const char* name);

}  // namespace varimix
