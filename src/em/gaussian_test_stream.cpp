#include "varimix/em/gaussian_test_stream.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "core/aligned_doubles.hpp"
#include "exact_distance.hpp"
#include "kernels/accumulate.hpp"
#include "kernels/distance.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "whitening.hpp"

namespace varimix {
namespace {

template <class Value>
bool same_size_and_values(const Value& left, const Value& right) {
  return left.rows() == right.rows() && left.cols() == right.cols() && left == right;
}

/// What rows add to a stream.
struct StreamSums {
  explicit StreamSums(Index d)
      : sum(Vector::Zero(d)), unused(Vector::Zero(d)), products(Matrix::Zero(d, d)), skewness(Vector::Zero(d)) {}
  void add(const StreamSums& other) {
    sum += other.sum;
    products += other.products;
    kurtosis += other.kurtosis;
    skewness += other.skewness;
  }
  [[nodiscard]] bool is_finite() const {
    return sum.allFinite() && products.allFinite() && std::isfinite(kurtosis) && skewness.allFinite();
  }
  Vector sum, unused;
  Matrix products;
  double kurtosis = 0.0;
  Vector skewness;
};

/// A block of rows as columns, and their squared distances.
struct RowBlock {
  explicit RowBlock(Index d)
      : x(d * kBlockStride),
        scratch(d * kBlockStride),
        ones(kBlockRows),
        q(kBlockRows),
        unused(kBlockRows),
        unused_too(kBlockRows) {
    std::fill_n(ones.data(), ones.size(), 1.0);
  }
  AlignedDoubles x, scratch, ones, q, unused, unused_too;
};

/// How rows are tested: the root of a covariance, and the law of distances by it.
struct RowTest {
  Matrix root;
  Vector zero;
  ExactDistance on_exact_law;

  void add(RowBlock& block, Index count, StreamSums& out) const {
    const Index d = zero.size();
    const kernels::RowLaw law{zero.data(), root.data(), d, zero.data()};
    kernels::distance(law, block.x.data(), count, kBlockStride, d, block.scratch.data(),
                      {block.q.data(), block.unused.data(), block.unused_too.data()});
    const double center = static_cast<double>(d) + 2.0;
    for (Index i = 0; i < count; ++i) {
      double& q = block.q[static_cast<std::size_t>(i)];
      const double exact = on_exact_law(q);
      out.kurtosis += exact * (exact - 2.0 * center) + center * (center - 2.0);
      q = q > 0.0 ? std::sqrt(exact / q) * (exact - center) : 0.0;
    }
    const Eigen::Map<const Vector> factor(block.q.data(), count);
    const Eigen::Map<const Matrix, 0, Eigen::OuterStride<>> x(block.x.data(), count, d,
                                                              Eigen::OuterStride<>(kBlockStride));
    out.skewness += x.transpose() * factor;
  }
};

/// Returns the test of `rows` rows after those; none before the first mark, and where their covariance is singular.
std::optional<RowTest> row_test(const RowMoments& before, Index rows) {
  constexpr Index kFew = 20;  // for which preparing the law takes longer than its values
  const Index d = before.mean.size();
  if (before.rows < GaussianTestStream::kFirstRows * (d + 1)) return std::nullopt;
  const Whitening factors = whitening(before.covariance(static_cast<double>(before.rows - 1)));
  if (!factors.exists()) return std::nullopt;
  return RowTest{factors.covariance_root(), Vector::Zero(d),
                 ExactDistance(static_cast<double>(before.rows), d, GaussianTestStream::kLeastTail, rows > kFew)};
}

/// Returns the number of rows at the next mark.
std::int64_t next_mark(std::int64_t rows, Index d) {
  const std::int64_t first = GaussianTestStream::kFirstRows * (d + 1);
  return rows < first ? first : rows + rows / GaussianTestStream::kGrowth;
}

StreamSums sums_of(const RowView& x, const Vector& origin, const std::optional<RowTest>& test) {
  const Index d = x.columns();
  return block_reduce(
      x.rows(), d * d, StreamSums(d), [&] { return RowBlock(d); },
      [&](StreamSums& partial, RowBlock& block, Index first, Index count) {
        x.copy_columns(first, count, {origin.data(), static_cast<std::size_t>(d)}, block.x.data(), kBlockStride);
        kernels::accumulate(block.x.data(), count, kBlockStride, d, nullptr, block.ones.data(), block.scratch.data(),
                            partial.sum.data(), partial.unused.data(), partial.products.data());
        if (test) test->add(block, count, partial);
      },
      [](StreamSums& left, const StreamSums& right) { left.add(right); });
}

/// Sums of moments about one origin, with signs.
class MomentSum {
 public:
  explicit MomentSum(const Vector& origin)
      : origin_(origin), sum_(Vector::Zero(origin.size())), products_(Matrix::Zero(origin.size(), origin.size())) {}
  void add(const RowMoments& moments, double sign) {
    if (moments.rows == 0) return;
    const Vector shift = moments.mean - origin_;
    const double weight = sign * static_cast<double>(moments.rows);
    sum_ += weight * shift;
    products_ += sign * moments.scatter + weight * Matrix((shift * shift.transpose()).triangularView<Eigen::Lower>());
  }
  [[nodiscard]] RowMoments moments(std::int64_t rows) const {
    const auto n = static_cast<double>(rows);
    const Vector mean = sum_ / n;
    return {rows, origin_ + mean, products_ - n * Matrix((mean * mean.transpose()).triangularView<Eigen::Lower>())};
  }

 private:
  Vector origin_, sum_;
  Matrix products_;
};

void begin_after(RowMoments before, GaussianTestStream& out) {
  out.before = std::move(before);
  out.rows = 0;
  out.sum.setZero();
  out.products.setZero();
}

}  // namespace

bool RowMoments::operator==(const RowMoments& other) const {
  return rows == other.rows && same_size_and_values(mean, other.mean) && same_size_and_values(scatter, other.scatter);
}

bool GaussianTestStream::operator==(const GaussianTestStream& other) const {
  return before == other.before && rows == other.rows && same_size_and_values(sum, other.sum) &&
         same_size_and_values(products, other.products) && tested == other.tested && kurtosis == other.kurtosis &&
         same_size_and_values(skewness, other.skewness) && has_overflown == other.has_overflown;
}

GaussianTestStream GaussianTestStream::of_dimension(Index d) {
  require(d >= 1, "d", ">= 1", d);
  const Vector zero = Vector::Zero(d);
  const Matrix square = Matrix::Zero(d, d);
  return {.before = {0, zero, square}, .sum = zero, .products = square, .skewness = zero};
}

void GaussianTestStream::update(const RowView& batch, const char* name) {
  require_complete_rows(batch, d(), name);
  require(before.rows + rows <= kLargestCount - batch.rows(), "the number of rows", "at most 2^53", batch.rows());
  if (has_overflown) return;
  GaussianTestStream next = *this;
  if (before.rows + rows == 0) {
    for (Index j = 0; j < d(); ++j) next.before.mean(j) = batch(0, j);
  }
  for (Index first = 0; first < batch.rows();) {
    const std::int64_t mark = next_mark(next.before.rows, d());
    const Index count = std::min<Index>(batch.rows() - first, mark - next.before.rows - next.rows);
    const std::optional<RowTest> test = row_test(next.before, count);
    const StreamSums sums = sums_of(batch.slice(first, count), next.before.mean, test);
    next.sum += sums.sum;
    next.products += sums.products.triangularView<Eigen::Lower>();
    next.kurtosis += sums.kurtosis;
    next.skewness += sums.skewness;
    next.rows += count;
    first += count;
    if (test) next.tested += count;
    const RowMoments all = next.total();
    if (!sums.is_finite() || !all.scatter.allFinite()) {
      has_overflown = true;
      return;
    }
    if (all.rows == mark) begin_after(all, next);
  }
  *this = std::move(next);
}

void GaussianTestStream::merge(const GaussianTestStream& other, const GaussianTestStream* common) {
  require_dimension(other.d(), d(), "other");
  const std::int64_t mine = before.rows + rows;
  const std::int64_t theirs = other.before.rows + other.rows;
  const std::int64_t shared = common == nullptr ? 0 : common->before.rows + common->rows;
  if (common != nullptr) {
    require_dimension(common->d(), d(), "common");
    require(shared <= std::min(mine, theirs) && common->tested <= std::min(tested, other.tested), "common",
            "a part of both streams", "another");
  }
  require(mine <= kLargestCount - (theirs - shared), "the number of rows", "at most 2^53", mine);
  if (has_overflown || other.has_overflown) {
    has_overflown = true;
    return;
  }
  if (theirs == shared) return;
  if (mine == shared) {
    *this = other;
    return;
  }
  const RowMoments all = total();
  MomentSum merged(all.mean);
  merged.add(all, 1.0);
  merged.add(other.total(), 1.0);
  if (common != nullptr) merged.add(common->total(), -1.0);
  tested += other.tested - (common == nullptr ? 0 : common->tested);
  kurtosis += other.kurtosis - (common == nullptr ? 0.0 : common->kurtosis);
  skewness += other.skewness;
  if (common != nullptr) skewness -= common->skewness;
  begin_after(merged.moments(mine + theirs - shared), *this);
}

void require_complete_rows(const RowView& x, Index d, const char* name) {
  require_rows(x, d, name, Missing::kError, "; the test has no law for rows with missing values");
}

RowMoments GaussianTestStream::total() const {
  RowMoments all{before.rows + rows, before.mean, before.scatter};
  if (rows == 0) return all;
  const auto n = static_cast<double>(all.rows);
  const Vector shift = sum / n;
  all.mean += shift;
  all.scatter += products - n * Matrix((shift * shift.transpose()).triangularView<Eigen::Lower>());
  return all;
}

void GaussianTestStream::check(Index columns) const {
  const auto require_numbers = [](bool holds, const char* name) {
    if (!holds) require(false, name, "finite, of the dimension of the stream", "others");
  };
  const auto is_vector = [columns](const Vector& v) { return v.size() == columns && v.allFinite(); };
  const auto is_scatter = [columns](const Matrix& m) {
    return m.rows() == columns && m.cols() == columns && m.allFinite() && m.isLowerTriangular(0.0);
  };
  require(columns >= 1, "d", ">= 1", columns);
  require_numbers(is_vector(skewness), "skewness");
  require_numbers(is_vector(sum), "sum");
  require_numbers(is_vector(before.mean), "before.mean");
  require_numbers(is_scatter(before.scatter), "before.scatter");
  require_numbers(is_scatter(products), "products");
  require(std::isfinite(kurtosis), "kurtosis", "finite", kurtosis);
  require(before.rows >= 0 && rows >= 0 && before.rows <= kLargestCount - rows, "rows", "from 0 to 2^53", rows);
  require(rows < next_mark(before.rows, columns) - before.rows, "rows", "fewer than those to the next mark", rows);
  require(tested >= 0 && tested <= before.rows + rows, "tested", "from 0 to the number of rows", tested);
}

}  // namespace varimix
