#include "varimix/inference/goodness_of_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "kolmogorov_smirnov.hpp"
#include "mixture/families.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix {
namespace {

/// The streams here are others than those of the same key elsewhere: a user may have drawn the rows by the same seed.
enum class GoodnessDraws : std::uint64_t { kReplicates = 1, kDirections = 2 };

Key goodness_key(const Key& seed, GoodnessDraws draws, std::uint64_t number) {
  constexpr std::uint64_t kGoodness = 0x676f6f646e657373;  // "goodness" in ASCII
  const std::array<std::uint64_t, 5> words = {seed.words()[0], seed.words()[1], kGoodness,
                                              static_cast<std::uint64_t>(draws), number};
  return Key::from_words(words);
}

/// Returns every column and, of several, their mean.
Matrix default_directions(Index d) {
  Matrix directions = Matrix::Identity(d == 1 ? 1 : d + 1, d);
  if (d > 1) directions.row(d).setConstant(1.0 / static_cast<double>(d));
  return directions;
}

Matrix directions_of(const GoodnessOfFitOptions& options, Index d) {
  if (options.directions.size() == 0) return default_directions(d);
  require(options.directions.cols() == d, "directions", "of " + std::to_string(d) + " columns",
          options.directions.cols());
  require(options.directions.allFinite(), "directions", "finite", "a number that is not");
  return options.directions;
}

void check_goodness(const GoodnessOfFitOptions& options) {
  constexpr std::int64_t kMost = 1'000'000;
  require(options.replicates >= 0 && options.replicates <= kMost, "replicates", "from 0 to 1e6", options.replicates);
  require(options.fit.missing == Missing::kError, "missing", "'error': replicates have no missing values", "'exact'");
}

/// Returns w'x of every row (n, k). Throws std::invalid_argument where one overflows.
Matrix projections_of(const RowView& x, const Matrix& directions) {
  Matrix projected(x.rows(), directions.rows());
  const std::vector<double> origin(static_cast<std::size_t>(x.columns()), 0.0);
  Matrix block(kBlockRows, x.columns());
  for (Index first = 0; first < x.rows(); first += kBlockRows) {
    const Index count = std::min(kBlockRows, x.rows() - first);
    x.copy_columns(first, count, origin, block.data(), block.rows());
    projected.middleRows(first, count).noalias() = block.topRows(count) * directions.transpose();
  }
  for (Index k = 0; k < directions.rows(); ++k) {
    require(projected.col(k).allFinite(), "projection " + std::to_string(k) + " of X", "finite", "an overflow");
  }
  return projected;
}

/// Returns the statistics of all projections of rows under a model (k). Throws where a law has no distribution function.
template <class M>
Vector statistics_of(const M& model, const RowView& x, const Matrix& directions) {
  Matrix projected = projections_of(x, directions);
  Vector statistics(directions.rows());
  const auto rows = static_cast<std::size_t>(x.rows());
  for (Index k = 0; k < directions.rows(); ++k) {
    const UnivariateLaw law = model.project(directions.row(k).transpose()).univariate_law();
    const std::span<double> u(projected.col(k).data(), rows);
    cdf(law, u, u);
    std::sort(u.begin(), u.end());
    statistics(k) = kolmogorov_smirnov(u);
  }
  return statistics;
}

/// A replicate: its statistics, or none where its fit failed.
struct Replicate {
  Vector statistics;
  bool is_converged = true;
};

template <class M>
Replicate replicate_of(const M& model, Index rows, const Matrix& directions, const BatchEMFitter* fitter,
                       const Key& key) {
  const RowMatrix x = model.rvs(rows, key);
  if (fitter == nullptr) return {statistics_of(model, x, directions)};
  try {
    const EMResult<M> refit = fitter->fit(model, x);
    if (refit.diverged) return {};
    return {statistics_of(refit.model, x, directions), refit.converged};
  } catch (const std::invalid_argument&) {  // rows beyond what a fit takes, or a law beyond what a projection does
    return {};
  }
}

/// Throws what a fit throws for options that it refuses: a caller's mistake is no failed replicate.
template <class M>
void require_fittable(const M& model, const RowView& x, BatchEMOptions options) {
  options.max_iter = 0;
  (void)BatchEMFitter(std::move(options)).fit(model, x);
}

/// Counts replicates against what was observed, and sets the p-values.
void judge_replicates(const std::vector<Replicate>& replicates, GoodnessOfFit& test) {
  Vector as_large = Vector::Zero(test.statistics.size());
  double largest_as_large = 0.0;
  for (const Replicate& replicate : replicates) {
    const bool has_failed = replicate.statistics.size() == 0;
    test.failed_refits += has_failed ? 1 : 0;
    test.unconverged_refits += replicate.is_converged ? 0 : 1;
    if (has_failed) {
      as_large.array() += 1.0;
      largest_as_large += 1.0;
      continue;
    }
    as_large.array() += (replicate.statistics.array() >= test.statistics.array()).cast<double>();
    largest_as_large += replicate.statistics.maxCoeff() >= test.statistic ? 1.0 : 0.0;
  }
  const double all = static_cast<double>(replicates.size()) + 1.0;
  test.p_values = (as_large.array() + 1.0) / all;
  test.p_value = (largest_as_large + 1.0) / all;
}

}  // namespace

template <TestableFit M>
GoodnessOfFit goodness_of_fit(const M& model, const RowView& x, const GoodnessOfFitOptions& options) {
  check_goodness(options);
  require_rows(x, model.d(), "X");
  GoodnessOfFit test{.directions = directions_of(options, model.d()), .statistics = {}, .p_values = {}, .p_value = {}};
  test.rows = x.rows();
  test.fitted = options.fitted;
  test.replicates = options.replicates;
  test.statistics = statistics_of(model, x, test.directions);
  test.statistic = test.statistics.maxCoeff();
  if (options.replicates == 0) return test;

  if (options.fitted) require_fittable(model, x, options.fit);
  const BatchEMFitter fitter(options.fit);
  std::vector<Replicate> replicates(static_cast<std::size_t>(options.replicates));
  parallel_for(options.replicates, [&](Index b) {
    const Key key = goodness_key(options.seed, GoodnessDraws::kReplicates, static_cast<std::uint64_t>(b));
    replicates[static_cast<std::size_t>(b)] =
        replicate_of(model, x.rows(), test.directions, options.fitted ? &fitter : nullptr, key);
  });
  judge_replicates(replicates, test);
  return test;
}

std::string GoodnessOfFit::line() const {
  std::ostringstream text;
  text << "largest sqrt(n) D of " << statistics.size() << (statistics.size() == 1 ? " projection " : " projections ")
       << statistic;
  if (!p_value) return text.str() + ", no p-value";
  text << ", p = " << *p_value << " (" << replicates << " replicates" << (fitted ? ", each fitted" : "");
  if (failed_refits > 0) text << ", " << failed_refits << " without a fit";
  if (unconverged_refits > 0) text << ", " << unconverged_refits << " not converged";
  text << ")";
  return text.str();
}

Matrix random_directions(const Matrix& L_Sigma, Index count, const Key& seed) {
  require(count >= 1, "directions", ">= 1", count);
  require_square(L_Sigma, L_Sigma.rows(), "L_Sigma");
  Matrix directions(count, L_Sigma.rows());
  for (Index k = 0; k < count; ++k) {
    CounterStream stream(goodness_key(seed, GoodnessDraws::kDirections, 0), StreamPurpose::kStarts,
                         static_cast<std::uint64_t>(k));
    Vector u(L_Sigma.rows());
    for (double& value : u) value = stream.normal();
    u.normalize();
    directions.row(k) = L_Sigma.triangularView<Eigen::Lower>().transpose().solve(u).transpose();
  }
  return directions;
}

#define VARIMIX_INSTANTIATE(M) \
  template GoodnessOfFit goodness_of_fit(const M&, const RowView&, const GoodnessOfFitOptions&);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
