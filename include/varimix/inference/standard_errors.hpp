#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "varimix/core/choice.hpp"
#include "varimix/inference/functional.hpp"
#include "varimix/inference/inferable.hpp"
#include "varimix/mixture/fit_constraints.hpp"

namespace varimix {

/// How the covariance of the estimates is estimated, from s_i, the score of row i, and H, minus the Hessian of the
/// log-likelihood.
enum class CovType {
  kNonrobust,  ///< H^{-1}: right for independent rows of a law of the family
  kOpg,        ///< G^{-1}, G = sum of s_i s_i': the same, from the outer products of the scores
  kRobust,     ///< H^{-1} G H^{-1} (White 1982): right for independent rows of any law
  kHac,        ///< H^{-1} J H^{-1}, J the long-run covariance of the scores: for dependent rows
  kEwma,       ///< of a stream: the closed form for EWMAUpdate (ewma_standard_errors)
  kBootstrap   ///< of a stream: the spread of replicas with random weights (bootstrap_standard_errors)
};
template <>
inline constexpr std::array<std::string_view, 6> kWords<CovType> = {"nonrobust", "opg",  "robust",
                                                                    "hac",       "ewma", "bootstrap"};

/// What is to be known about standard errors.
enum class InferenceNote {
  kGaussianLimit,    ///< tails and skewness do not differ from none: only means, sds and correlations have errors
  kFace,             ///< a GeneralizedHyperbolic on a face: the law is that of the face, and so are the errors
  kIrregular,        ///< the likelihood is not smooth enough: intervals may cover less, or nothing is said
  kSpike,            ///< the density is unbounded at rows: no standard errors
  kDispersionFloor,  ///< columns are collinear: no standard errors
  kUnseenColumn,     ///< no row shows a column: no standard errors
  kNotAMaximum,      ///< the likelihood of these rows is not at its maximum at the model
  kNotDefinite,      ///< the information is not positive definite: no standard errors
  kNotSolved,        ///< conjugate gradients did not converge: no standard errors
  kNotDefined,       ///< numbers that the law does not have, or that have no derivative; they are left out
  kOrder,            ///< the interval of a GeneralizedHyperbolic's p is too short
  kStart,            ///< the initial model has not been forgotten
  kUnevenBatches,    ///< batches differ in weight, and only their mean is known
  kAveraged          ///< a rule that averages has not come near the maximum
};
template <>
inline constexpr std::array<std::string_view, 14> kWords<InferenceNote> = {
    "gaussian_limit", "face",          "irregular",      "spike",      "dispersion_floor",
    "unseen_column",  "not_a_maximum", "not_definite",   "not_solved", "not_defined",
    "order",          "start",         "uneven_batches", "averaged"};

/// Returns a sentence with the meaning of a note.
[[nodiscard]] std::string_view sentence(InferenceNote note) noexcept;

struct InferenceNoteEntry {
  InferenceNote note;
  std::string detail = {};
  bool operator==(const InferenceNoteEntry&) const = default;
};

struct InferenceOptions {
  CovType cov_type = CovType::kRobust;
  int cosines = 8;                      ///< of kHac: the number B of cosine series, >= 1; intervals by Student's t of B
  std::optional<Index> lags = {};       ///< of kHac: Bartlett's weights to this lag in place of the cosines, >= 0, < n
  int replicas = 0;                     ///< of kBootstrap: their number B; intervals by Student's t of B - 1
  bool symmetric = false;               ///< the fit held gamma = 0
  std::vector<std::string> fixed = {};  ///< the parameters that the fit held (fix_parameters)
  AlphaMin alpha_min = AlphaMin::kNone;
  Missing missing = Missing::kError;  ///< the meaning of NaN
};

/// Numbers of a fitted law with their standard errors. It holds no data.
struct StandardErrors {
  std::vector<std::string> names;     ///< (k)
  Vector params;                      ///< (k)
  Vector bse;                         ///< (k) standard errors; empty where a note says that there are none
  std::vector<IntervalScale> scales;  ///< (k)
  std::optional<Matrix> cov_params;   ///< (k, k), where at most kMostDense parameters are free
  std::vector<InferenceNoteEntry> notes = {};
  InferenceOptions options = {};
  Family family{};            ///< the family whose standard errors these are: on a face the face's
  Index rows = 0;             ///< n
  double total_weight = 0.0;  ///< the sum of weights of rows that show something
  Index free_parameters = 0;
  double log_likelihood = 0.0;  ///< of all rows, nats
  /// How far the maximum of the likelihood is, in standard errors: the root of S' H^{-1} S, S the score of all rows;
  /// nothing where there are no errors.
  std::optional<double> distance_to_maximum = {};

  [[nodiscard]] bool has_errors() const noexcept { return bse.size() == params.size() && bse.size() > 0; }
  [[nodiscard]] bool has(InferenceNote note) const noexcept;
  /// Returns the intervals (k, 2) that cover with probability 1 - alpha, on the scale of each number;
  /// one on a logarithm may end at inf, where the error is hundreds of times the number. Throws
  /// std::invalid_argument unless 0 < alpha < 1 and has_errors().
  [[nodiscard]] Matrix conf_int(double alpha = 0.05) const;
  /// Returns the number of standard errors from an estimate to the end of its interval: the normal quantile, Student's
  /// with `cosines` or `replicas` - 1 degrees of freedom, or that of Bartlett's estimate (bartlett_quantile).
  [[nodiscard]] double critical_value(double alpha) const;
};

/// Returns the standard errors of numbers of a law that was fitted to rows: by the delta method in LocalCoordinates,
/// where nothing depends on units or the gauge.
///
/// With H x = grad f, f has the variance grad f'x (nonrobust), and the influences psi_i = s_i'x of the rows: their sum of
/// squares is the robust variance, and their long-run covariance the one of `hac`. Where at most kMostDense parameters are
/// free H is made column by column, by two E-steps each; otherwise the systems are solved by conjugate gradients, two
/// E-steps an iteration, some ten iterations for each functional, and no matrix of their size is made.
///
/// @param model  the maximum of the rows' likelihood, with what `options` holds: the result of a batch fit.
/// @param functionals  the numbers; names must differ.
/// @param weights  one a row, finite and >= 0, or empty. An integer weight is a row that is repeated.
/// Throws std::invalid_argument for rows that are not finite, of another dimension than the model's, or fewer than 2;
/// wrong weights; functionals without a name, of the same name, or of columns that the model does not have; for kHac with
/// weights, cosines < 1, lags outside [0, n); for kOpg with fewer rows than free parameters.
/// Accuracy: 1e-8 of the standard errors for H well conditioned (gold_inference: 1e-6).
/// Cost: 2 p E-steps and 2 k passes for p free parameters and k functionals; without matrices 20 E-steps and 2 passes a
/// functional. Memory: O(p^2 + k d^2).
template <Inferable M>
[[nodiscard]] StandardErrors standard_errors(const M& model, const RowView& x,
                                             const std::vector<Functional>& functionals,
                                             const InferenceOptions& options = {},
                                             std::span<const double> weights = {});

}  // namespace varimix
