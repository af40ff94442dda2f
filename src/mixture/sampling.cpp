#include "varimix/mixture/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

#include "core/aligned_doubles.hpp"
#include "families.hpp"
#include "kernels/draw.hpp"
#include "random/normal_pairs.hpp"
#include "random/stream_words.hpp"
#include "subordinator/block_trials.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix {
namespace {

constexpr Index pairs_of(Index numbers) { return (numbers + 1) / 2; }

/// Y and z of rows, as columns, and the streams that they are drawn from.
struct DrawnRows {
  DrawnRows(Index most_rows, Index d, Index stream_words)
      : leading(most_rows < kBlockRows ? most_rows : kBlockStride),
        words(static_cast<std::size_t>(leading * whole_words(stream_words))),
        numbers(leading * (2 * pairs_of(d) + 2)),
        y(leading) {
    streams.reserve(static_cast<std::size_t>(most_rows));
  }
  /// The normal numbers of the rows. Those that the trials of Y take stand before them.
  [[nodiscard]] double* z() noexcept { return numbers.data() + leading; }
  [[nodiscard]] Index count() const noexcept { return static_cast<Index>(streams.size()); }
  Index leading;
  std::vector<std::uint64_t> streams, words;
  AlignedDoubles numbers, y;
};

// Rows of a block that are drawn together once more: two thirds more than a GIG refuses of a block in the mean.
constexpr Index kMostAgain = 64;

/// What a thread needs to draw blocks of rows.
struct DrawBlock {
  DrawBlock(Index most_rows, Index most_again, Index d, Index words, Index words_again)
      : rows(most_rows, d, words),
        again(most_again, d, words_again),
        root_y(rows.leading),
        x(rows.leading * d),
        row_words(static_cast<std::size_t>(2 * pairs_of(d))),
        row_numbers(row_words.size()) {}
  DrawnRows rows;
  DrawnRows again;                  // rows whose first trial of Y was refused,
  std::vector<std::size_t> places;  // and where they stand in the block
  AlignedDoubles root_y, x;
  std::vector<std::uint64_t> row_words;  // of a row that is drawn alone
  std::vector<double> row_numbers;
};

/// Draws rows of one model, block by block.
template <BlockTrials Trials>
class RowDraws {
 public:
  RowDraws(const Trials& trials, const kernels::DrawLaw& law, Index d, const Seed& seed)
      : trials_(trials), law_(law), d_(d), seed_(seed) {}

  [[nodiscard]] DrawBlock scratch(Index most_rows) const {
    return {most_rows, std::clamp(kMostTriedAgain, Index{1}, most_rows), d_, words(1), words(2)};
  }

  /// Draws rows first, ..., first + count - 1.
  void draw(DrawBlock& block, std::uint64_t first, Index count, double* out) const {
    DrawnRows& rows = block.rows;
    rows.streams.resize(static_cast<std::size_t>(count));
    std::iota(rows.streams.begin(), rows.streams.end(), first);
    try_trial(rows, 1);
    block.again.streams.clear();
    block.places.clear();
    for (std::size_t i = 0; i < rows.streams.size(); ++i) {
      if (!std::isnan(rows.y[i])) continue;
      if (block.again.count() == kMostTriedAgain) {
        draw_alone(block, i);
      } else {
        block.again.streams.push_back(rows.streams[i]);
        block.places.push_back(i);
      }
    }
    if (!block.places.empty()) draw_again(block);
    for (std::size_t i = 0; i < rows.streams.size(); ++i) block.root_y[i] = std::sqrt(rows.y[i]);
    kernels::draw(law_, rows.y.data(), block.root_y.data(), rows.z(), count, rows.leading, d_, block.x.data());
    kernels::columns_to_rows(block.x.data(), count, rows.leading, d_, out);
  }

 private:
  static constexpr Index kSpares = Trials::kLeavesNormal ? 1 : 0;
  static constexpr Index kMostTriedAgain = Trials::kLeavesNormal ? 0 : kMostAgain;

  [[nodiscard]] Index fresh_pairs() const noexcept { return pairs_of(d_ - kSpares); }
  /// Returns how many words a row takes whose Y comes from this trial: the first, the second.
  [[nodiscard]] Index words(Index trial) const noexcept { return trial * trials_.words() + 2 * fresh_pairs(); }

  /// Draws Y by a trial, NaN where it is refused, and z by the words that follow.
  void try_trial(DrawnRows& rows, Index trial) const {
    stream_words(seed_, StreamPurpose::kModelRows, rows.streams, words(trial), rows.leading, rows.words.data());
    const RowWords all{rows.words.data(), rows.count(), rows.leading};
    const RowWords words{all.column((trial - 1) * trials_.words()), all.rows, all.leading};
    trials_.try_once(words, rows.numbers.data(), rows.y.data());
    simd::normal_columns(words.column(trials_.words()), fresh_pairs(), words.rows, words.leading,
                         rows.z() + kSpares * rows.leading);
  }

  /// Draws the rows of block.again by their second trial, and those alone whose second trial is refused too.
  void draw_again(DrawBlock& block) const {
    DrawnRows& again = block.again;
    try_trial(again, 2);
    for (std::size_t k = 0; k < block.places.size(); ++k) {
      const std::size_t i = block.places[k];
      if (std::isnan(again.y[k])) {
        draw_alone(block, i);
        continue;
      }
      block.rows.y[i] = again.y[k];
      double* z = block.rows.z() + i;
      for (Index j = 0; j < d_; ++j)
        z[j * block.rows.leading] = again.z()[static_cast<std::size_t>(j * again.leading) + k];
    }
  }

  /// Draws Y and z of row i from its stream alone.
  void draw_alone(DrawBlock& block, std::size_t i) const {
    CounterStream stream(seed_, StreamPurpose::kModelRows, block.rows.streams[i]);
    block.rows.y[i] = trials_.sample(stream);
    const std::optional<double> spare = stream.take_spare_normal();
    for (std::uint64_t& word : block.row_words) word = stream.bits();
    simd::normal_pairs(block.row_words.data(), block.row_words.size() / 2, block.row_numbers.data());
    const double* next = block.row_numbers.data();
    double* z = block.rows.z() + i;
    for (Index j = 0; j < d_; ++j) z[j * block.rows.leading] = j == 0 && spare.has_value() ? *spare : *next++;
  }

  const Trials& trials_;
  kernels::DrawLaw law_;
  Index d_;
  Seed seed_;
};

}  // namespace

template <Subordinator S>
RowMatrix draw_rows(const MeanVarianceMixture<S>& model, Index n, const Seed& seed, Index first_row) {
  const Index d = model.d();
  RowMatrix rows(n, d);
  with_trials(model.subordinator(), [&](const auto& trials) {
    const RowDraws draws(trials, {model.mu().data(), model.gamma().data(), model.L_Sigma().data()}, d, seed);
    for_each_block(
        n, [&] { return draws.scratch(std::clamp(n, Index{1}, kBlockRows)); },
        [&](DrawBlock& block, Index first, Index count) {
          draws.draw(block, static_cast<std::uint64_t>(first_row + first), count, rows.data() + first * d);
        });
  });
  return rows;
}

#define VARIMIX_INSTANTIATE(S) template RowMatrix draw_rows(const MeanVarianceMixture<S>&, Index, const Seed&, Index);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
