#pragma once

#include <optional>
#include <vector>

#include "varimix/em/online_em.hpp"
#include "varimix/inference/standard_errors.hpp"

namespace varimix {

/// The standard errors of a fit to a stream. Where the state does not know the number of rows, `rows` is their weight,
/// rounded. `log_likelihood` is the sum of the log densities that rows had before they were learned, and
/// `distance_to_maximum` is not known.
struct StreamErrors : StandardErrors {
  double known_rows = 0.0;  ///< as many rows of equal weight, with their Y, determine the estimates as well; or 0
  Matrix replicas = {};     ///< (B, k) of a bootstrap: the numbers of each replica
};

/// Returns the standard errors of numbers of the law that a fit by EWMAUpdate has come to, from its state alone. A batch
/// of m rows moves the model by w I_c^{-1} U, U the mean score of its rows, I_c the information of rows whose Y is seen;
/// so that in a stream whose law does not change the estimates have the covariance
///   w / (2 - w) / m R I_c^{-1} R',
/// R the map of the parameters, the scale of Y among them, to what does not depend on that scale. It is exact where rows
/// tell as much as they would with their Y. Where they tell only a share r of that, the variance is
/// w / (2 - r w) / m I_c^{-1}, and the errors are too large by at most the factor sqrt(2 / (2 - w)): 2.6% for w = 0.1.
/// A half-life of h rows is w = 1 - 2^{-m/h}.
///
/// @param functionals  the numbers; names must differ.
/// @param batch_rows  m, the rows of equal weight in a batch, finite and > 0; by default the mean weight of the batches
///   so far. The state knows no more: after batches that differ, or rows that differ in weight, w / m is another, and
///   most of all after a short last batch. With a half-life in rows it does not matter how rows were cut while batches are
///   shorter than it.
/// Notes say what there is to know, as of standard_errors; `start` if the initial model counts more than 1/32.
/// Throws std::invalid_argument for a state that has learned nothing; a rule other than EWMAUpdate; a half-life in time,
/// because the state does not know how old its rows are; and a state that is frozen, has inner_iter > 1, or holds
/// parameters fixed other than gamma = 0 (`symmetric`).
/// Cost: O(k d^2 + k^2 p) beside the gradients, without a matrix of the size of the parameters p.
template <Inferable M>
[[nodiscard]] StreamErrors ewma_standard_errors(const OnlineEM<M>& state, const std::vector<Functional>& functionals,
                                                std::optional<double> batch_rows = std::nullopt);

}  // namespace varimix
