#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include "varimix/core/row_view.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/random/key.hpp"
#include "varimix/univariate/univariate_law.hpp"

namespace varimix {

/// A model whose fit can be tested: it draws rows, and its projections have distribution functions.
template <class M>
concept TestableFit = BatchFittable<M> && requires(const M& model, const Vector& w, const Seed& seed) {
  { model.rvs(Index{1}, seed) } -> std::same_as<RowMatrix>;
  { model.project(w).univariate_law() } -> std::same_as<UnivariateLaw>;
};

struct GoodnessOfFitOptions {
  /// (k, d), k >= 1: w of each projection w'x. Empty: every column and, for d > 1, the mean of the columns.
  Matrix directions = {};
  std::int64_t replicates = 199;  ///< B, from 0 to 1e6; 0 gives no p-value
  Key seed = Key{0};
  /// False for a law that was known before the rows: replicates are not fitted.
  bool fitted = true;
  /// How each replicate is fitted, from the model: with the constraints and the prior of the fit that is tested.
  BatchEMOptions fit = {};
};

/// A test of goodness of fit; every number is finite.
struct GoodnessOfFit {
  Matrix directions;              ///< (k, d)
  Vector statistics;              ///< (k): sqrt(n) D of each projection
  Vector p_values;                ///< (k); of size 0 without replicates
  double statistic = 0.0;         ///< the largest of the statistics
  std::optional<double> p_value;  ///< of the largest
  Index rows = 0;
  std::int64_t replicates = 0;          ///< B, those that failed among them
  std::int64_t failed_refits = 0;       ///< replicates without a fit: they count as larger than any statistic
  std::int64_t unconverged_refits = 0;  ///< replicates whose fit ended before its stopping rule was met; they count
  bool fitted = true;

  /// Returns the test in one line, for a summary of the fit.
  [[nodiscard]] std::string line() const;
};

/// Tests whether rows come from a law of the model's family. Each projection w'x has the distribution function F_w under
/// the model, and u_i = F_w(w'x_i) are its probability integral transforms. The statistic is that of Kolmogorov and
/// Smirnov, sqrt(n) D, D = sup |F_n(u) - u|, and over all projections its largest value.
/// A law that was fitted to the rows lies closer to them than the true one, so that Kolmogorov's law does not hold. The
/// null law is that of the parametric bootstrap (Stute, Gonzales Manteiga and Presedo Quindimil 1993, Metrika 40:243):
/// replicate b draws n rows from the model, fits them by batch EM from the model, and takes the statistics of its own
/// fit; p = (1 + #{T_b >= T}) / (B + 1). A replicate without a fit counts as T_b >= T, so that p errs to the large side.
/// The null is that of the family, with the rows independent.
/// @param model  fitted to `x` by maximum likelihood with options.fit's constraints (unless `fitted` is false).
/// Throws std::invalid_argument for no rows, another number of columns, NaN or infinity, weights of a direction that are
/// all 0 or not finite, replicates or options of BatchEMFitter outside of their domains, and where a projection's law is
/// beyond what univariate_law.hpp takes.
/// Replicates are spread over all cores; draws are keyed by (seed, replicate), and the bits do not depend on the number
/// of threads. Cost: B fits of n rows, and B k n distribution functions of 0.5 us and up each.
template <TestableFit M>
[[nodiscard]] GoodnessOfFit goodness_of_fit(const M& model, const RowView& x, const GoodnessOfFitOptions& options = {});

/// Returns `count` directions (count, d), keyed by `seed`: w = L^-T u, u uniform on the sphere and L the Cholesky factor
/// of Sigma, so that w'Sigma w = 1 in whatever units the columns are. Throws std::invalid_argument for count < 1.
[[nodiscard]] Matrix random_directions(const Matrix& L_Sigma, Index count, const Key& seed);

}  // namespace varimix
