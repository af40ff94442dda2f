#pragma once

#include <concepts>
#include <cstdint>

#include "gig_sampler.hpp"
#include "random/gamma_trial.hpp"
#include "trial_lanes.hpp"
#include "varimix/core/types.hpp"
#include "varimix/random/counter_stream.hpp"
#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"
#include "varimix/subordinator/inverse_gaussian.hpp"

/// Draws of Y for the rows of a block at once: the draws of `sample` from each row's stream, but for rounding.
namespace varimix {

/// Words of the rows' streams as columns: words[k * leading + i] is the k-th of row i.
struct RowWords {
  const std::uint64_t* words;
  Index rows;
  Index leading;
  [[nodiscard]] const std::uint64_t* column(Index k) const noexcept { return words + k * leading; }
};

/// A sampler over blocks. `try_once` is one trial for each row by `words()` words: it draws out_y, NaN where the trial is
/// refused or left to `sample`, which draws the row's Y from the beginning of its stream. With kLeavesNormal a trial leaves
/// a spare normal number, as CounterStream::normal does, in the second column of out_pair; without it, a trial that is
/// refused is followed by one like it, by the stream's next words.
template <class T>
concept BlockTrials = requires(const T& trials, const RowWords& words, double* out, CounterStream& stream) {
  { T::kLeavesNormal } -> std::convertible_to<bool>;
  { trials.words() } -> std::same_as<Index>;
  { trials.try_once(words, out, out) }
  noexcept;
  { trials.sample(stream) } -> std::same_as<double>;
};

class InverseGaussianTrials {
 public:
  static constexpr bool kLeavesNormal = true;
  explicit InverseGaussianTrials(const InverseGaussian& law) : law_(law) {}
  [[nodiscard]] static Index words() noexcept { return kWords; }
  void try_once(const RowWords& words, double* out_pair, double* out_y) const noexcept;
  [[nodiscard]] double sample(CounterStream& stream) const noexcept { return law_.sample(stream); }

 private:
  static constexpr Index kWords = 3;
  InverseGaussian law_;
};

/// Of Gamma and InverseGamma laws.
class GammaTrials {
 public:
  static constexpr bool kLeavesNormal = true;
  GammaTrials(double alpha, double beta, bool is_inverse);
  [[nodiscard]] Index words() const noexcept { return scale_.power > 0.0 ? kWords + 1 : kWords; }
  void try_once(const RowWords& words, double* out_pair, double* out_y) const noexcept;
  [[nodiscard]] double sample(CounterStream& stream) const noexcept;

 private:
  static constexpr Index kWords = 3;
  double alpha_;
  GammaTrial trial_;
  simd::GammaScale scale_;
};

/// Of GIG(p, a, b) off its faces.
class GigTrials {
 public:
  static constexpr bool kLeavesNormal = false;
  explicit GigTrials(const GigParameters& law) : sampler_(law.p, law.a, law.b) {}
  [[nodiscard]] static Index words() noexcept { return kWords; }
  void try_once(const RowWords& words, double* out_pair, double* out_y) const noexcept;
  [[nodiscard]] double sample(CounterStream& stream) const noexcept { return sampler_(stream); }

 private:
  static constexpr Index kWords = 3;
  GigSampler sampler_;
};

static_assert(BlockTrials<InverseGaussianTrials> && BlockTrials<GammaTrials> && BlockTrials<GigTrials>);

/// Returns visit(trials), with the trials of a law.
template <class Visit>
auto with_trials(const InverseGaussian& law, Visit&& visit) {
  return visit(InverseGaussianTrials(law));
}
template <class Visit>
auto with_trials(const Gamma& law, Visit&& visit) {
  return visit(GammaTrials(law.alpha(), law.beta(), /*is_inverse=*/false));
}
template <class Visit>
auto with_trials(const InverseGamma& law, Visit&& visit) {
  return visit(GammaTrials(law.alpha(), law.beta(), /*is_inverse=*/true));
}
template <class Visit>
auto with_trials(const GeneralizedInverseGaussian& law, Visit&& visit) {
  const GigParameters gig = law.gig();
  if (gig.b == 0.0) return visit(GammaTrials(gig.p, 0.5 * gig.a, /*is_inverse=*/false));
  if (gig.a == 0.0) return visit(GammaTrials(-gig.p, 0.5 * gig.b, /*is_inverse=*/true));
  return visit(GigTrials(gig));
}

}  // namespace varimix
