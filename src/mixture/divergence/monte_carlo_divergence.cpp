#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "mixture/families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/divergence.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/mixture/sampling.hpp"

namespace varimix {
namespace {

/// The number of rows drawn at once: enough for all cores, and a few megabytes at d = 10.
constexpr std::int64_t kRowsAtOnce = 1 << 15;

/// The law from which rows are drawn; the streams of the two are independent.
enum class DrawnFrom : std::uint64_t { kModel = 1, kOther = 2 };

/// Returns the seed of a chunk of rows of one law.
Seed chunk_seed(const Seed& seed, std::int64_t chunk, DrawnFrom law) {
  const std::array<std::uint64_t, 4> words = {seed.words()[0], seed.words()[1], static_cast<std::uint64_t>(chunk),
                                              static_cast<std::uint64_t>(law)};
  return Seed::from_words(words);
}

/// The mean and variance of terms that come one after the other (Welford 1962).
class RunningVariance {
 public:
  void add(double term) {
    if (std::isnan(term)) return;  // both densities are infinite
    ++n_;
    const double deviation = term - mean_;
    mean_ += deviation / static_cast<double>(n_);
    squares_ += deviation * (term - mean_);
  }
  [[nodiscard]] MonteCarloEstimate estimate() const {
    constexpr double kUnknown = std::numeric_limits<double>::infinity();
    if (n_ < 2) return {0.0, kUnknown, n_};
    const auto n = static_cast<double>(n_);
    const double error = std::sqrt(squares_ / (n - 1.0) / n);
    return std::isfinite(mean_) ? MonteCarloEstimate{mean_, error, n_} : MonteCarloEstimate{kUnknown, kUnknown, n_};
  }

 private:
  std::int64_t n_ = 0;
  double mean_ = 0.0;
  double squares_ = 0.0;
};

/// Returns the model about another origin. Divergences do not depend on it; about mu, rows near mu keep their
/// digits.
template <Subordinator S>
MeanVarianceMixture<S> about(const MeanVarianceMixture<S>& model, const Vector& origin) {
  return {model.mu() - origin, model.gamma(), model.L_Sigma(), model.subordinator()};
}

/// Returns 1 - 2 sqrt(fg)/(f + g) for r = log f - log g.
double hellinger_term(double r) {
  const double e = std::exp(-0.5 * std::abs(r));
  const double one_minus_e = -std::expm1(-0.5 * std::abs(r));
  return one_minus_e * one_minus_e / (1.0 + e * e);
}

/// The values of log f - log g at rows drawn from either law.
template <Subordinator S1, Subordinator S2>
class LogRatios {
 public:
  LogRatios(const MeanVarianceMixture<S1>& model, const MeanVarianceMixture<S2>& other)
      : from_model_{about(model, model.mu()), about(other, model.mu())},
        from_other_{about(model, other.mu()), about(other, other.mu())} {}

  [[nodiscard]] Vector draw(std::int64_t n, const Seed& seed, DrawnFrom law) const {
    const auto& [f, g] = law == DrawnFrom::kModel ? from_model_ : from_other_;
    const RowMatrix x = law == DrawnFrom::kModel ? draw_rows(f, n, seed) : draw_rows(g, n, seed);
    return log_density(f, x) - log_density(g, x);
  }

 private:
  struct Pair {
    MeanVarianceMixture<S1> f;
    MeanVarianceMixture<S2> g;
  };
  Pair from_model_;
  Pair from_other_;
};

/// Returns the estimate from n terms, which terms(chunk, rows) computes a chunk at a time.
template <class Chunk>
MonteCarloEstimate in_chunks(std::int64_t n, Chunk&& terms) {
  RunningVariance sum;
  for (std::int64_t first = 0; first < n; first += kRowsAtOnce) {
    for (const double term : terms(first / kRowsAtOnce, std::min(kRowsAtOnce, n - first))) sum.add(term);
  }
  return sum.estimate();
}

void check_request(Index d, Index other_d, std::int64_t n) {
  require_dimension(other_d, d, "other");
  require(n >= 2, "n", ">= 2", n);
}

}  // namespace

template <Subordinator S1, Subordinator S2>
MonteCarloEstimate monte_carlo_squared_hellinger(const MeanVarianceMixture<S1>& model,
                                                 const MeanVarianceMixture<S2>& other, std::int64_t n,
                                                 const Seed& seed) {
  check_request(model.d(), other.d(), n);
  const LogRatios<S1, S2> ratios(model, other);
  return in_chunks(n, [&](std::int64_t chunk, std::int64_t rows) {
    const auto terms = [&](DrawnFrom law) -> Vector {
      return ratios.draw(rows, chunk_seed(seed, chunk, law), law).unaryExpr([](double r) { return hellinger_term(r); });
    };
    return Vector(0.5 * (terms(DrawnFrom::kModel) + terms(DrawnFrom::kOther)));
  });
}

template <Subordinator S1, Subordinator S2>
MonteCarloEstimate monte_carlo_kl_divergence(const MeanVarianceMixture<S1>& model, const MeanVarianceMixture<S2>& other,
                                             std::int64_t n, const Seed& seed) {
  check_request(model.d(), other.d(), n);
  const LogRatios<S1, S2> ratios(model, other);
  return in_chunks(n, [&](std::int64_t chunk, std::int64_t rows) {
    return ratios.draw(rows, chunk_seed(seed, chunk, DrawnFrom::kModel), DrawnFrom::kModel);
  });
}

#define VARIMIX_INSTANTIATE_PAIR(S1, S2)                                                          \
  template MonteCarloEstimate monte_carlo_squared_hellinger(                                      \
      const MeanVarianceMixture<S1>&, const MeanVarianceMixture<S2>&, std::int64_t, const Seed&); \
  template MonteCarloEstimate monte_carlo_kl_divergence(const MeanVarianceMixture<S1>&,           \
                                                        const MeanVarianceMixture<S2>&, std::int64_t, const Seed&);
#define VARIMIX_INSTANTIATE(S)                 \
  VARIMIX_INSTANTIATE_PAIR(S, InverseGaussian) \
  VARIMIX_INSTANTIATE_PAIR(S, Gamma)           \
  VARIMIX_INSTANTIATE_PAIR(S, InverseGamma)    \
  VARIMIX_INSTANTIATE_PAIR(S, GeneralizedInverseGaussian)
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE
#undef VARIMIX_INSTANTIATE_PAIR

}  // namespace varimix
