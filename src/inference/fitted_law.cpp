#include "fitted_law.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "chi_square.hpp"
#include "limits.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// Outcomes of a fit after which a likelihood ratio does not have its law.
constexpr std::array kIrregularOutcomes = {
    StatusCode::kGaussianLimit, StatusCode::kModeTrap,         StatusCode::kShapeMinimum,
    StatusCode::kTooFewRows,    StatusCode::kConstantColumn,   StatusCode::kUnseenColumn,
    StatusCode::kScaleOverflow, StatusCode::kCollinearColumns, StatusCode::kDispersionFloor};

bool is_variance_gamma(const FittedLaw& law) { return law.kind == kFamilyName<Gamma>; }

bool is_skewed_t(const FittedLaw& law) { return law.kind == kFamilyName<InverseGamma>; }

void require_maximum_likelihood(const FittedLaw& law) {
  const std::string name = law.name;
  require(law.log_likelihood.has_value(), name, "a fit of BatchEMFitter, which has a log-likelihood",
          "one without: its last model has not seen all rows");
  require(std::isfinite(*law.log_likelihood), name + ".log_likelihood", "finite", *law.log_likelihood);
  require(!law.has_prior, name, "a fit of maximum likelihood", "one with a prior");
}

std::string list_held(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) text += (text.size() == 1 ? "'" : ", '") + name + "'";
  return text + "]";
}

/// Returns P(LR > x) where k restrictions lie inside: 0 for k = 0 and x > 0, as for the limit x = 0.
double sf_or_zero(double x, double degrees) { return degrees > 0.0 ? chi_square_sf(x, degrees) : 0.0; }

/// True where a variance behind the null law is infinite: of a VarianceGamma's observed information of mu, or of the score
/// of a at a = 0, E[Y] - E[Y|x], under a NormalInverseGamma.
bool is_irregular(const FittedLaw& law, Nesting nesting) {
  if (is_variance_gamma(law)) return law.gig.p < least_regular_alpha(law.d);
  return nesting == Nesting::kFace && is_skewed_t(law) && -law.gig.p <= 2.0;
}

}  // namespace

bool FittedLaw::holds(const std::string& parameter) const {
  return std::find(held.begin(), held.end(), parameter) != held.end();
}

void require_comparable(const FittedLaw& small, const FittedLaw& large) {
  require_maximum_likelihood(small);
  require_maximum_likelihood(large);
  require(small.d == large.d, "large", "of the dimension of small, " + std::to_string(small.d), large.d);
  require(may_be_same(small.columns, large.columns), "large",
          "a fit of the columns of small, " + to_text(small.columns), to_text(large.columns));
  require(small.total_weight == large.total_weight, "large", "a fit of the rows of small, with the same total_weight",
          std::to_string(large.total_weight) + " against " + std::to_string(small.total_weight));
  require(small.total_weight == std::floor(small.total_weight), "total_weight", "a number of rows: weights count rows",
          small.total_weight);
}

void require_regular(const FittedLaw& law, Nesting nesting) {
  const std::string name = law.name;
  for (const StatusCode code : kIrregularOutcomes) {
    require(!law.status.has(code), name, "a regular fit", std::string(varimix::name(code)));
  }
  const bool is_null = name == "small" || nesting == Nesting::kSame;
  if (!is_null) return;  // the law of the ratio is that of the null
  const bool on_face = law.status.has(StatusCode::kSkewedTFace) || law.status.has(StatusCode::kGammaFace);
  require(!on_face, name, "a fit inside of its family", "one on a face; fit the face's family");
  const double information = std::min(1.0, 0.25 * static_cast<double>(law.d + 2));
  require(!is_variance_gamma(law) || law.gig.p > information, name,
          "a fit with a finite information of mu, alpha > " + std::to_string(information), law.gig.p);
  const bool needs_gamma = is_skewed_t(law) && !law.holds("gamma");
  require(!needs_gamma || -law.gig.p > 1.0, name, "a fit with a finite information of gamma, alpha > 1", -law.gig.p);
}

LikelihoodRatio likelihood_ratio(const FittedLaw& small, const FittedLaw& large, Nesting nesting) {
  require(nesting != Nesting::kNone, "small", "a law within that of large, " + large.kind,
          small.kind + ", which does not nest in it");
  require_comparable(small, large);
  for (const std::string& parameter : large.held) {
    require(small.holds(parameter), "small.held", "all that large holds, " + list_held(large.held),
            list_held(small.held));
  }
  const Index degrees = large.n_parameters - small.n_parameters;
  require(degrees >= 1, "small", "a law of fewer free parameters than large, " + std::to_string(large.n_parameters),
          small.n_parameters);
  require_regular(small, nesting);
  require_regular(large, nesting);
  const double gain = *large.log_likelihood - *small.log_likelihood;
  require(gain >= -kConvergenceSlack, "large",
          "a maximum, no less likely than small, which other starts may find: log L_large - log L_small >= 0", gain);

  const bool is_face = nesting == Nesting::kFace;
  LikelihoodRatio test{.statistic = std::max(0.0, 2.0 * gain),
                       .degrees = degrees,
                       .null_law = is_face ? NullLaw::kChiBarSquare : NullLaw::kChiSquare};
  const auto k = static_cast<double>(degrees);
  const double sf = chi_square_sf(test.statistic, k);
  test.p_value = is_face ? 0.5 * (sf_or_zero(test.statistic, k - 1.0) + sf) : sf;
  if (is_irregular(small, nesting) || is_irregular(large, nesting)) test.status = FitTestStatus::kIrregular;
  if (!small.converged || !large.converged) test.status = FitTestStatus::kNotConverged;
  return test;
}

}  // namespace varimix
