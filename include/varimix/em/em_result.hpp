#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "varimix/core/status.hpp"
#include "varimix/core/types.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// The result of a fit. It holds no data.
template <class M>
struct EMResult {
  M model;
  /// Mean log-likelihoods, nats per row. BatchEMFitter gives that of every model that it accepted, the initial one
  /// first (penalised if there is a prior). IncrementalEMFitter, if verbose, gives that of all rows after every
  /// max(1, max_steps / 10) steps and at the end. fit_stream gives that of every batch before it was learned.
  std::vector<double> log_likelihoods = {};
  /// For every step the law_difference of the driving model before and after it.
  std::vector<double> param_changes = {};
  /// Set by fit_stream: the mean, by weight, of the log-likelihoods that its batches had before they were learned.
  /// Other fits leave it empty, and so does fit_stream if no step was taken.
  std::optional<double> log_score = std::nullopt;
  /// Set by BatchEMFitter: the log-likelihood of `model`, the sum over all rows by weight, nats, without a prior: inf
  /// where the density of a row is, -inf where rows overflow. Other fits have not seen all rows with their last model: the
  /// model's own functions of rows tell.
  std::optional<double> log_likelihood = std::nullopt;
  Index n_parameters = 0;  ///< free parameters: those that are not held by `symmetric` and `fixed`
  /// Set by BatchEMFitter: the names of the parameters that the fit held, each once and sorted; `symmetric` held "gamma".
  std::vector<std::string> held = {};
  bool has_prior = false;     ///< true if the fit raised a penalised likelihood: the model is not of maximum likelihood
  double total_weight = 0.0;  ///< the sum of the weights behind log_likelihood, n without weights
  std::int64_t n_iter = 0;    ///< steps taken; for BatchEMFitter, E-step passes over the rows
  /// True if the stopping rule was met. The incremental fitter has none; its status says why it ended.
  bool converged = false;
  double elapsed_time = 0.0;  ///< seconds
  bool diverged = false;  ///< true if a step was not finite and was not taken; the model is that of the steps before it
  Status status = {};
  /// What a test of goodness of fit found, in words, as GoodnessOfFit::line (inference/goodness_of_fit.hpp) has them; ""
  /// where none was made. A fit does not make it: it takes the rows, and time.
  std::string goodness_of_fit = {};

  /// Return Akaike's and Schwarz's criteria, 2k - 2 log L and k log N - 2 log L, with k = n_parameters and N =
  /// total_weight; nothing where log_likelihood is not set.
  [[nodiscard]] std::optional<double> aic() const;
  [[nodiscard]] std::optional<double> bic() const;
  /// Returns some lines in plain words: the family, how the fit ended, each outcome with what can be done about it, and
  /// goodness_of_fit where it is set.
  [[nodiscard]] std::string summary() const;
};

}  // namespace varimix
