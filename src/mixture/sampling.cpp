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

/// What a thread needs to draw blocks of rows.
struct DrawBlock {
  DrawBlock(Index most_rows, Index d, Index stream_words)
      : leading(most_rows < kBlockRows ? most_rows : kBlockStride),
        words(static_cast<std::size_t>(leading * whole_words(stream_words))),
        numbers(leading * (2 * pairs_of(d) + 2)),
        y(leading),
        root_y(leading),
        x(leading * d),
        row_words(static_cast<std::size_t>(2 * pairs_of(d))),
        row_numbers(row_words.size()) {
    streams.reserve(static_cast<std::size_t>(most_rows));
    refused.reserve(static_cast<std::size_t>(most_rows));
  }
  /// The normal numbers of the rows, as columns. Those that the trials of Y take stand before them.
  [[nodiscard]] double* z() noexcept { return numbers.data() + leading; }
  Index leading;
  std::vector<std::uint64_t> streams;  // of the rows
  std::vector<std::uint64_t> refused;  // streams whose first trial of Y was refused
  std::vector<std::uint64_t> words;
  AlignedDoubles numbers, y, root_y, x;
  std::vector<std::uint64_t> row_words;  // of a row that is drawn alone
  std::vector<double> row_numbers;
};

/// Draws rows of one model, block by block.
template <BlockTrials Trials>
class RowDraws {
 public:
  RowDraws(const Trials& trials, const kernels::DrawLaw& law, Index d, const Seed& seed)
      : trials_(trials), law_(law), d_(d), seed_(seed) {}

  [[nodiscard]] DrawBlock scratch(Index most_rows) const { return {most_rows, d_, words(kRounds)}; }

  /// Draws rows first, ..., first + count - 1.
  void draw(DrawBlock& block, std::uint64_t first, Index count, double* out) const {
    block.streams.resize(static_cast<std::size_t>(count));
    std::iota(block.streams.begin(), block.streams.end(), first);
    draw_round(block, 1);
    kernels::columns_to_rows(block.x.data(), count, block.leading, d_, out);
    if (block.refused.empty()) return;
    block.streams.swap(block.refused);
    draw_round(block, 2);
    for (std::size_t i = 0; i < block.streams.size(); ++i) {
      double* row = out + static_cast<Index>(block.streams[i] - first) * d_;
      for (Index j = 0; j < d_; ++j) row[j] = block.x[static_cast<std::size_t>(j * block.leading) + i];
    }
  }

 private:
  static constexpr Index kSpares = Trials::kLeavesNormal ? 1 : 0;
  static constexpr Index kRounds = Trials::kLeavesNormal ? 1 : 2;  // of trials of whole blocks

  [[nodiscard]] Index fresh_pairs() const noexcept { return pairs_of(d_ - kSpares); }
  /// Returns how many words a row takes whose Y comes from trial number `round`.
  [[nodiscard]] Index words(Index round) const noexcept { return round * trials_.words() + 2 * fresh_pairs(); }

  /// Draws the rows of block.streams as columns block.x, with Y from trial number `round`. In the last round rows are
  /// drawn alone where it is refused; before, they are left in block.refused.
  void draw_round(DrawBlock& block, Index round) const {
    const auto count = static_cast<Index>(block.streams.size());
    stream_words(seed_, StreamPurpose::kModelRows, block.streams, words(round), block.leading, block.words.data());
    const RowWords all{block.words.data(), count, block.leading};
    const RowWords trial{all.column((round - 1) * trials_.words()), count, block.leading};
    trials_.try_once(trial, block.numbers.data(), block.y.data());
    simd::normal_columns(trial.column(trials_.words()), fresh_pairs(), count, block.leading,
                         block.z() + kSpares * block.leading);
    block.refused.clear();
    for (std::size_t i = 0; i < block.streams.size(); ++i) {
      if (!std::isnan(block.y[i])) continue;
      if (round == kRounds) {
        draw_alone(block, i);
      } else {
        block.refused.push_back(block.streams[i]);
      }
    }
    for (std::size_t i = 0; i < block.streams.size(); ++i) block.root_y[i] = std::sqrt(block.y[i]);
    kernels::draw(law_, block.y.data(), block.root_y.data(), block.z(), count, block.leading, d_, block.x.data());
  }

  /// Draws Y and z of row i from its stream alone.
  void draw_alone(DrawBlock& block, std::size_t i) const {
    CounterStream stream(seed_, StreamPurpose::kModelRows, block.streams[i]);
    block.y[i] = trials_.sample(stream);
    const std::optional<double> spare = stream.take_spare_normal();
    for (std::uint64_t& word : block.row_words) word = stream.bits();
    simd::normal_pairs(block.row_words.data(), block.row_words.size() / 2, block.row_numbers.data());
    const double* next = block.row_numbers.data();
    double* z = block.z() + i;
    for (Index j = 0; j < d_; ++j) z[j * block.leading] = j == 0 && spare.has_value() ? *spare : *next++;
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
