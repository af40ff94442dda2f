#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "varimix/core/row_view.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/random/key.hpp"

namespace varimix {

struct FitBestOptions {
  /// The families to try, in this order, each named once.
  std::vector<Family> families = {Family::kNormalInverseGaussian, Family::kVarianceGamma, Family::kNormalInverseGamma,
                                  Family::kGeneralizedHyperbolic};
  int n_starts = 8;  ///< >= 1: default_init and n_starts - 1 perturbations of it
  Criterion criterion = Criterion::kBic;
  BatchEMOptions fit = {};  ///< options for polishing the best starts; its `missing` holds for every start too
};

/// The fit of one family.
struct FamilyFit {
  Family family;
  AnyMeanVarianceMixture model;
  double log_likelihood = 0.0;  ///< total over the rows under `model`, nats, with the E-step's floor; -inf: density 0
  /// The number of free parameters: 2d + d(d+1)/2 + 1, or + 2 for the generalized hyperbolic family, less those that
  /// `symmetric` and `fixed` hold (free_parameters).
  std::int64_t n_parameters = 0;
  double aic = 0.0;        ///< 2 n_parameters - 2 log_likelihood
  double bic = 0.0;        ///< n_parameters log n - 2 log_likelihood; n counts rows that show something
  double start_gap = 0.0;  ///< log-likelihood of the best polished start less that of the second, nats; 0 for one start
  bool converged = false;
  double seconds = 0.0;
  Status status = {};
};

struct BestFit {
  std::vector<FamilyFit> table;  ///< all fits in the order of the criterion, the best first
  [[nodiscard]] const FamilyFit& best() const { return table.front(); }
};

/// Fits every family from several starts and ranks them. The first start is default_init; the others move its mu along
/// a Gaussian of half the data's covariance, its gamma likewise, and multiply its tail weight by a log-normal factor
/// (keyed by `key` and the start's number). Each takes kScreeningSteps steps of IncrementalEMFitter; the two best on
/// all rows are then polished by BatchEMFitter: a start_gap well above the tolerance tells that the likelihood has
/// several maxima. A fit whose density is infinite at mu (b = 0 and p <= d/2) is ranked behind all others: its
/// likelihood depends on the floor (StatusCode::kModeTrap).
/// Throws std::invalid_argument for no families or repeated ones, n_starts < 1, options of BatchEMFitter
/// that a family refuses, no rows, infinity, or NaN unless fit.missing is kExact (log_likelihood and n are then those
/// of the rows that show at least one value).
/// Cost: about n_starts kScreeningSteps batches of kScreeningBatch rows, n_starts passes, and two fits a family.
[[nodiscard]] BestFit fit_best(const RowView& x, const FitBestOptions& options = {}, const Key& key = Key{0});

inline constexpr std::int64_t kScreeningSteps = 20;   ///< steps that fit_best takes from each start
inline constexpr std::int64_t kScreeningBatch = 512;  ///< rows in each of these steps

}  // namespace varimix
