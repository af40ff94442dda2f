#pragma once

#include <optional>
#include <string>
#include <vector>

#include "varimix/core/column_names.hpp"
#include "varimix/core/status.hpp"
#include "varimix/core/types.hpp"
#include "varimix/em/em_result.hpp"
#include "varimix/inference/likelihood_ratio.hpp"

namespace varimix {

/// What a likelihood ratio needs to know of a fit, whatever its model.
struct FittedLaw {
  const char* name;  ///< of the argument: "small" or "large"
  std::string kind;
  Index d;
  ColumnNames columns;
  std::optional<double> log_likelihood;
  Index n_parameters;
  double total_weight;
  std::vector<std::string> held;
  bool has_prior;
  bool converged;
  Status status;
  GigParameters gig;

  [[nodiscard]] bool holds(const std::string& parameter) const;
};

template <Subordinator S>
[[nodiscard]] FittedLaw fitted_law(const char* name, const EMResult<MeanVarianceMixture<S>>& fit) {
  return {name,
          kFamilyName<S>,
          fit.model.d(),
          fit.model.columns(),
          fit.log_likelihood,
          fit.n_parameters,
          fit.total_weight,
          fit.held,
          fit.has_prior,
          fit.converged,
          fit.status,
          fit.model.subordinator().gig()};
}

/// Throws std::invalid_argument unless both are fits of maximum likelihood to as many rows of the same columns.
void require_comparable(const FittedLaw& small, const FittedLaw& large);
/// Throws std::invalid_argument where the likelihood about a fit is not regular.
void require_regular(const FittedLaw& law, Nesting nesting);
/// Returns the test of two laws of this nesting. Throws std::invalid_argument where a test has another law, or none.
[[nodiscard]] LikelihoodRatio likelihood_ratio(const FittedLaw& small, const FittedLaw& large, Nesting nesting);

}  // namespace varimix
