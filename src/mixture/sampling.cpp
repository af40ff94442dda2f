#include "varimix/mixture/sampling.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/aligned_doubles.hpp"
#include "families.hpp"
#include "kernels/draw.hpp"
#include "random/normal_pairs.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix {
namespace {

/// Standard normal numbers for the rows of a block. Each row's words come from its own stream; the numbers are computed
/// together.
class NormalRows {
 public:
  NormalRows(Index most_rows, Index d)
      : d_(d),
        row_words_(static_cast<std::size_t>(d + d % 2)),
        words_(static_cast<std::size_t>(most_rows) * row_words_),
        numbers_(words_.size()) {
    spares_.reserve(static_cast<std::size_t>(most_rows));
  }
  void clear() { spares_.clear(); }
  /// Draws the next row's words.
  void draw(CounterStream& stream) {
    std::uint64_t* words = words_.data() + spares_.size() * row_words_;
    for (std::size_t k = 0; k < row_words_; ++k) words[k] = stream.bits();
    spares_.push_back(stream.take_spare_normal());
  }
  /// Computes the rows drawn, as columns: out[j * leading + i] is row i, column j.
  void compute(double* out, Index leading) {
    simd::normal_pairs(words_.data(), spares_.size() * row_words_ / 2, numbers_.data());
    for (std::size_t i = 0; i < spares_.size(); ++i) {
      const double* next = numbers_.data() + i * row_words_;
      for (Index j = 0; j < d_; ++j) {
        const bool is_spare = j == 0 && spares_[i].has_value();
        out[static_cast<std::size_t>(j * leading) + i] = is_spare ? *spares_[i] : *next++;
      }
    }
  }

 private:
  Index d_;
  std::size_t row_words_;
  std::vector<std::uint64_t> words_;
  std::vector<double> numbers_;
  std::vector<std::optional<double>> spares_;  // of each row
};

/// What a thread needs to draw blocks of rows.
struct DrawBlock {
  DrawBlock(Index most_rows, Index d)
      : leading(most_rows < kBlockRows ? most_rows : kBlockStride),
        normals(most_rows, d),
        y(most_rows),
        root_y(most_rows),
        z(leading * d),
        x(leading * d) {}
  Index leading;
  NormalRows normals;
  AlignedDoubles y, root_y, z, x;
};

}  // namespace

template <Subordinator S>
RowMatrix draw_rows(const MeanVarianceMixture<S>& model, Index n, const Seed& seed, Index first_row) {
  const Index d = model.d();
  const kernels::DrawLaw law{model.mu().data(), model.gamma().data(), model.L_Sigma().data()};
  RowMatrix rows(n, d);
  const auto draw = [&](DrawBlock& block, Index first, Index count) {
    block.normals.clear();
    for (Index i = 0; i < count; ++i) {
      CounterStream stream(seed, StreamPurpose::kModelRows, static_cast<std::uint64_t>(first_row + first + i));
      const double y = model.subordinator().sample(stream);
      block.y[static_cast<std::size_t>(i)] = y;
      block.root_y[static_cast<std::size_t>(i)] = std::sqrt(y);
      block.normals.draw(stream);
    }
    block.normals.compute(block.z.data(), block.leading);
    kernels::draw(law, block.y.data(), block.root_y.data(), block.z.data(), count, block.leading, d, block.x.data());
    using Columns = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;
    rows.middleRows(first, count) = Columns(block.x.data(), count, d, Eigen::OuterStride<>(block.leading));
  };
  for_each_block(
      n, [&] { return DrawBlock(std::clamp(n, Index{1}, kBlockRows), d); }, draw);
  return rows;
}

#define VARIMIX_INSTANTIATE(S) template RowMatrix draw_rows(const MeanVarianceMixture<S>&, Index, const Seed&, Index);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
