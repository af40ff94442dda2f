#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>

#include "varimix/em/em_result.hpp"
#include "varimix/em/log_score.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/inference/bootstrap_em.hpp"
#include "varimix/stream/batch_source.hpp"
#include "varimix/stream/source_items.hpp"
#include "varimix/stream/source_place.hpp"

namespace varimix {

struct StreamOptions {
  std::int64_t batch_size = 256;  ///< rows a step, >= 1; the last step of a pass may have fewer
  std::int64_t passes = 1;        ///< number of times that the source is read, >= 1
  std::int64_t max_steps = std::numeric_limits<std::int64_t>::max();  ///< most steps of this call, >= 0
  /// Rows are shuffled within a buffer of so many rows, >= 0, by the state's key (ShuffleBuffer); 0 keeps their order.
  std::int64_t shuffle_buffer = 0;
  /// So many batches are read on another thread before they are asked for, >= 0; 0 is for a live source.
  std::int64_t read_ahead = 4;
  /// The state is saved in this file, and a stopped fit goes on from it; if empty, there are no checkpoints.
  std::filesystem::path checkpoint = {};
  std::int64_t every = 100;  ///< steps between two checkpoints, >= 1; there is one at the end in any case
  std::optional<EarlyStopping> stop_when = std::nullopt;  ///< early stopping on the score; needs OnlineEMOptions::score
  /// Has to call its argument, which opens, reads or closes the source and may wait. The state is not touched
  /// meanwhile, so whoever guards it may let others at it. The thread that fits calls this function; if it is empty,
  /// the argument is called directly.
  std::function<void(const std::function<void()>&)> while_waiting = {};
  /// The source tells its items here; they are cleared before each pass is opened. If null, all rows are one item
  /// without a name.
  std::shared_ptr<SourceItems> items = {};
  DescribePlace place = {};  ///< says how messages call a row; if empty, they give its number in the source

  /// Throws std::invalid_argument if an option is outside its domain.
  void check() const;
};

/// Opens the source for a pass. The rows of `at.items` were learned before and are left out. With `at.shuffled`, the
/// rows that were read after those are read again, to draw their order anew, and must be the same as before.
using OpenSource = std::function<AnyBatchSource(const SourcePosition& at)>;

/// Learns a stream into `state`, batch by batch, by OnlineEM::update on batches of exactly `batch_size` rows, however
/// the source was cut. Rows of weight 0 are left out before batches are cut.
/// With a checkpoint the state is saved after every `every` steps. A call that finds a checkpoint goes on from it, at
/// the row after the last that it had learned, and gives the same bits as if it had never stopped; if the last pass was
/// over, it goes on with the rows that the source has got since. Without a checkpoint the source is read from its
/// start.
/// @param open  called once a pass.
/// @param rule  the update rule to go on with from a checkpoint, if it is not varimix's own (load); by default that of
///   `state`.
/// @param callback  called after every step; false stops the fit there.
/// The result's history holds each step's change of parameters, and the likelihoods that the batches had before they
/// were learned.
/// Throws std::invalid_argument for options outside their domains; for a checkpoint of another fit (initial model,
/// options, key, first rows or update rule), one that has begun more passes than `passes`, and one that stopped in a
/// pass with another shuffle_buffer; and for rows that OnlineEM::update refuses, naming the row of the source. Throws
/// CheckpointError, and what the source throws. The state then holds all steps before.
/// A source without rows, or without new ones, is no error: the status is StatusCode::kNoRows.
/// Cost: that of the updates; memory O(batch_size d), whatever the length of the stream.
template <Fittable M>
EMResult<M> fit_stream(OnlineEM<M>& state, const OpenSource& open, const StreamOptions& options = {},
                       const std::optional<UpdateRule>& rule = std::nullopt, const StepCallback& callback = {});

/// Learns a stream into a fit with its replicas, by BootstrapEM::update, in every other way as above: the result is that of
/// the fit with the rows' own weights, and `state.fit()` has its bits. The number of a row in the source keys its weights,
/// counted in the order in which a pass gives the rows, with those of weight 0 and those learned before a stop: a row has
/// one weight in a replica, in every pass, shuffled or not, and whatever the batch size. A source that is begun anew, by
/// a call that finds no checkpoint, has rows with numbers of their own, because a call cannot know that it gives the same
/// rows again. The passes of one call must give the rows in one order; a source to which rows are added before others
/// between two passes gives the rows after those other weights in the later one.
/// Throws std::invalid_argument as above; for a checkpoint of another key, stream or number of replicas; and for one with
/// an update rule that is not varimix's own.
template <Fittable M>
EMResult<M> fit_stream(BootstrapEM<M>& state, const OpenSource& open, const StreamOptions& options = {},
                       const StepCallback& callback = {});

}  // namespace varimix
