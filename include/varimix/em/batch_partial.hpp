#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "varimix/core/missing.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/types.hpp"
#include "varimix/em/fittable.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// What a batch fit asks whoever holds its rows: the E-step at a model, and what it has to know of the rows beside.
template <Fittable M>
struct EStepRequest {
  M model;
  Missing missing = Missing::kError;  ///< the meaning of NaN
  bool facts = true;                  ///< check every row, and tell RowFacts
  bool peak = true;                   ///< tell the values of the row of highest density, and how many equal it
  Index every = 0;                    ///< if > 0, give every so many-th complete row in place of the E-step
};

/// What a fit knows of its rows whatever the model.
struct RowFacts {
  Index counted = 0;    ///< rows of weight > 0
  double weight = 0.0;  ///< total weight of all rows
  Vector low, high;     ///< (d) the range of each column, (inf, -inf) where no row shows it
};

/// The first complete row of the highest density.
struct PeakRow {
  Index row = 0;  ///< its number
  double log_density = 0.0;
  Vector values = {};  ///< (d), if it was asked for
  Index equal = 0;     ///< the number of rows of weight > 0 that equal it, itself among them, if it was asked for
};

/// The answer to an EStepRequest of some rows, that merges with the answers of others into that of all.
struct EStepPartial {
  std::string family;                ///< kModelName of the request's model
  std::uint64_t model = 0;           ///< a hash of the model's statistics, by which stale answers are known
  std::vector<std::string> columns;  ///< the names of its columns
  Missing missing = Missing::kError;
  Index rows = 0;          ///< all rows, those of weight 0 among them
  Eta eta;                 ///< means about the model's location, with the weight of the rows that show something
  double log_lik = 0.0;    ///< the mean of log f(x), nats per row
  Index floored_rows = 0;  ///< as in EStepResult
  Vector observed = {};    ///< as in EStepResult
  std::optional<PeakRow> peak = std::nullopt;
  std::optional<RowFacts> facts = std::nullopt;  ///< if asked for
  std::optional<Matrix> sample = std::nullopt;   ///< (k, d), if asked for
};

/// The answer of no rows: nothing, the identity of merges.
using MaybePartial = std::optional<EStepPartial>;

/// Answers a request for rows that lie in memory. The rows are checked if facts are asked for, and if the statistics are
/// not finite. Statistics, and with them all bits, depend on rows, weights and request alone.
/// @param weights  one a row, finite and >= 0; empty for ones.
/// Throws std::invalid_argument as BatchEMFitter::fit does, but for no rows, whose answer is nothing.
/// Cost: an E-step, and a pass over the rows for facts; n comparisons for the peak.
template <Fittable M>
[[nodiscard]] MaybePartial e_step_partial(const EStepRequest<M>& request, const RowView& x,
                                          std::span<const double> weights = {});

/// Returns the answer for the rows of both, left's first. With nothing on a side it is the other side's, to the bit.
/// Means are merged by weight: merges in another order differ by rounding. Statistics of weight 0 add nothing.
/// Throws std::invalid_argument for the answers to different requests.
[[nodiscard]] MaybePartial merge(const MaybePartial& left, const MaybePartial& right);

/// Returns the M-step of an answer, without constraints. Throws std::invalid_argument for no rows, for statistics of no
/// law of the family, and for a model that is none of the four families'.
[[nodiscard]] AnyMeanVarianceMixture m_step(const EStepPartial& partial);

/// Returns EStepPartial::model of a model's answers.
template <Fittable M>
[[nodiscard]] std::uint64_t hash_of(const M& model);

/// Returns the columns that are constant in all rows that show them.
[[nodiscard]] std::vector<Index> constant_columns(const RowFacts& facts);

/// Whoever holds the rows of a fit: returns the answer of all of them to a request.
template <Fittable M>
using AskRows = std::type_identity_t<std::function<MaybePartial(const EStepRequest<M>&)>>;

}  // namespace varimix
