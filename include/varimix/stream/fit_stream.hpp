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
#include "varimix/stream/batch_source.hpp"
#include "varimix/stream/source_items.hpp"
#include "varimix/stream/source_place.hpp"

namespace varimix {

struct StreamOptions {
  std::int64_t batch_size = 256;  ///< rows a step, >= 1; the last of a pass may have fewer
  std::int64_t passes = 1;        ///< times that the source is read, >= 1
  std::int64_t max_steps = std::numeric_limits<std::int64_t>::max();  ///< of this call, >= 0
  std::int64_t shuffle_buffer =
      0;                        ///< rows, >= 0: shuffles within a buffer of so many (ShuffleBuffer), by the state's key
  std::int64_t read_ahead = 4;  ///< batches read before they are asked for, on another thread; 0 for a live source
  std::filesystem::path checkpoint =
      {};                    ///< where the state is saved, and from where a stopped fit goes on; none if empty
  std::int64_t every = 100;  ///< steps between two checkpoints, >= 1; there is one at the end in any case
  std::optional<EarlyStopping> stop_when = std::nullopt;  ///< early stopping on the score; needs OnlineEMOptions::score
  /// Has to call its argument, which opens, reads or closes the source and may wait; the state is not touched meanwhile, so that
  /// whoever guards it may let others at it. Called by the thread that fits; nothing: it is called as it is.
  std::function<void(const std::function<void()>&)> while_waiting = {};
  /// Where the source tells its items, cleared before each pass is opened; one item without a name if there is none.
  std::shared_ptr<SourceItems> items = {};
  DescribePlace place = {};  ///< how messages call a row; by its number in the source if empty

  /// Throws std::invalid_argument outside those domains.
  void check() const;
};

/// Opens the source for a pass: the rows of `at.items`, at.rows() in all, were learned before and are left out. With
/// `at.shuffled` what was read after those is read again, to draw its order anew, and must be as it was.
using OpenSource = std::function<AnyBatchSource(const SourcePosition& at)>;

/// Learns a stream, batch by batch, into `state`: a loop over OnlineEM::update on batches of exactly `batch_size` rows, however
/// the source was cut. Rows of weight 0 are left out before batches are cut.
/// With a checkpoint the state is saved every so many steps, and a call that finds one goes on from it, at the row after the
/// last that it had learned, to the same bits as if it had never stopped; where the last pass was over, with the rows that
/// the source has got since. Without, the source is read from its start.
/// @param open  called once a pass.
/// @param rule  the state's update rule, where it is not varimix's, to go on from a checkpoint (load).
/// @param callback  asked after every step; false stops the fit there.
/// The result's history holds each step's change of parameters, and the likelihoods that the batches had before they were
/// learned. Throws std::invalid_argument for options outside their domains, a checkpoint of another start (initial model or
/// options), fewer passes than it has begun, another shuffle_buffer than that of the pass that it stopped in, or rows that
/// OnlineEM::update refuses, naming the row of the source; CheckpointError; and what the source throws. The state then holds
/// all steps before. A source without rows, or new ones, is no error: StatusCode::kNoRows. Cost: that of the updates; memory O(batch_size d), whatever the length.
template <Fittable M>
EMResult<M> fit_stream(OnlineEM<M>& state, const OpenSource& open, const StreamOptions& options = {},
                       const std::optional<UpdateRule>& rule = std::nullopt, const StepCallback& callback = {});

}  // namespace varimix
