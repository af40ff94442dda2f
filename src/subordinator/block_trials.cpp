#include "block_trials.hpp"

#include <Random123/uniform.hpp>
#include <cmath>

#include "gamma_shape.hpp"
#include "random/normal_pairs.hpp"

namespace varimix {

void InverseGaussianTrials::try_once(const RowWords& words, double* out_pair, double* out_y) const noexcept {
  simd::normal_columns(words.words, 1, words.rows, words.leading, out_pair);
  const double half_spread = 0.5 * law_.mu_ig() / law_.lam();
  simd::inverse_gaussian_trials(law_.mu_ig(), half_spread, out_pair, words.column(2), words.rows, out_y);
}

GammaTrials::GammaTrials(double alpha, double beta, bool is_inverse)
    : alpha_(alpha),
      trial_(alpha >= 1.0 ? alpha : alpha + 1.0),
      scale_{.power = alpha >= 1.0 ? 0.0 : 1.0 / alpha,
             .rate = beta,
             .log_rate = std::log(beta),
             .is_inverse = is_inverse} {}

void GammaTrials::try_once(const RowWords& words, double* out_pair, double* out_y) const noexcept {
  simd::normal_columns(words.words, 1, words.rows, words.leading, out_pair);
  simd::gamma_trials(trial_, out_pair, words.column(2), words.rows, out_y);
  for (Index i = 0; i < words.rows; ++i) {
    if (!std::isnan(out_y[i])) continue;
    const double normal = out_pair[i];
    if (trial_.accepts(normal, r123::u01<double>(words.column(2)[i]))) out_y[i] = trial_.value(normal);
  }
  simd::scale_gammas(scale_, words.column(kWords), words.rows, out_y);
}

double GammaTrials::sample(CounterStream& stream) const noexcept {
  return sample_gamma_law(stream, alpha_, scale_.rate, scale_.is_inverse);
}

void GigTrials::try_once(const RowWords& words, double* /*out_pair*/, double* out_y) const noexcept {
  simd::gig_trials(sampler_, words.words, words.rows, words.leading, out_y);
}

}  // namespace varimix
