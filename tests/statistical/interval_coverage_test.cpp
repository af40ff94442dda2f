// How often intervals hold the true number, in rows that are independent, that depend on each other, and that are of
// another family.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "support/models.hpp"
#include "support/statistics.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/inference/standard_errors.hpp"
#include "varimix/mixture/column_moments.hpp"
#include "varimix/univariate/univariate_law.hpp"

namespace varimix::tests {
namespace {

constexpr double kNominal = 0.95;

bool is_full() { return std::getenv("VARIMIX_FULL") != nullptr; }

template <Subordinator S>
MeanVarianceMixture<S> truth_of(const S& law) {
  return {Vector::Zero(2), Vector{{0.2, -0.1}}, Matrix{{1.0, 0.0}, {0.3, std::sqrt(0.91)}}, law};
}

/// Draws rows whose Y follow each other: the normal scores of Y are an autoregression, so that the law of a row is the
/// model's. Quantiles of log Y are interpolated between scores 0.01 apart, to 1e-5.
template <Subordinator S>
class ClusteredRows {
 public:
  ClusteredRows(const MeanVarianceMixture<S>& model, double persistence, Index n)
      : model_(model), persistence_(persistence), n_(n) {
    constexpr double kRootHalf = 0.7071067811865476;
    for (double score = -kLargestScore; score <= kLargestScore; score += kStep) {
      log_y_.push_back(std::log(model.subordinator().ppf(0.5 * std::erfc(-score * kRootHalf))));
    }
  }

  RowMatrix operator()(int replicate) const {
    CounterStream stream(Key{5000 + replicate}, StreamPurpose::kModelRows, 0);
    RowMatrix x(n_, model_.d());
    double score = stream.normal();
    for (Index i = 0; i < n_; ++i) {
      if (i > 0) score = persistence_ * score + std::sqrt(1.0 - persistence_ * persistence_) * stream.normal();
      const double place = (score + kLargestScore) / kStep;
      const auto below = static_cast<std::size_t>(place);
      const double share = place - std::floor(place);
      const double y = std::exp((1.0 - share) * log_y_.at(below) + share * log_y_.at(below + 1));
      Vector z(model_.d());
      for (Index j = 0; j < z.size(); ++j) z(j) = stream.normal();
      x.row(i) = (model_.mu() + y * model_.gamma() + std::sqrt(y) * (model_.L_Sigma() * z)).transpose();
    }
    return x;
  }

 private:
  static constexpr double kLargestScore = 7.0;
  static constexpr double kStep = 0.01;
  MeanVarianceMixture<S> model_;
  double persistence_;
  Index n_;
  std::vector<double> log_y_;
};

/// The numbers of which the coverage is counted.
template <Subordinator S>
std::vector<Functional> counted(const MeanVarianceMixture<S>& model) {
  const Vector half = Vector::Constant(2, 0.5);
  std::vector<Functional> all = {value_at_risk_of("VaR 99", half, 0.01), expected_shortfall_of("ES 99", half, 0.01)};
  for (const Functional& functional : default_functionals(model)) {
    for (const char* name : {"mean_1", "sd_1", "corr_2_1", "EY_gamma_1", "log_tail_weight", "log_alpha", "p"}) {
      if (functional.name == name) all.push_back(functional);
    }
  }
  return all;
}

/// How often the intervals of each number held its true value.
struct Coverage {
  std::map<std::string, int> held, seen;
  int without_errors = 0;
  [[nodiscard]] double of(const std::string& name) const {
    return static_cast<double>(held.at(name)) / static_cast<double>(seen.at(name));
  }
};

std::ostream& operator<<(std::ostream& out, const Coverage& coverage) {
  for (const auto& [name, seen] : coverage.seen) out << " " << name << " " << coverage.of(name);
  return out << "; without errors " << coverage.without_errors;
}

/// @param draw  the rows of a replicate.   @param truth  the law whose numbers the intervals should hold.
template <Subordinator S, class Draw>
Coverage coverage_of(const MeanVarianceMixture<S>& truth, const Draw& draw, const InferenceOptions& options,
                     int replicates) {
  Coverage coverage;
  std::map<std::string, double> values;
  for (const Functional& functional : counted(truth)) {
    if (const double value = value_of(functional, truth); std::isfinite(value)) values[functional.name] = value;
  }
  for (int replicate = 0; replicate < replicates; ++replicate) {
    const RowMatrix x = draw(replicate);
    const auto fitted = varimix::fit<S>(std::nullopt, x, {.max_iter = 2000, .tol = 1e-11}).model;
    const StandardErrors found = standard_errors(fitted, x, counted(fitted), options);
    if (!found.has_errors()) {
      ++coverage.without_errors;
      continue;
    }
    const Matrix ends = found.conf_int(1.0 - kNominal);
    for (std::size_t k = 0; k < found.names.size(); ++k) {
      const auto of = values.find(found.names[k]);
      if (of == values.end()) continue;
      const auto row = static_cast<Index>(k);
      ++coverage.seen[of->first];
      coverage.held[of->first] += ends(row, 0) <= of->second && of->second <= ends(row, 1) ? 1 : 0;
    }
  }
  return coverage;
}

/// Expects a coverage within `slack` of the nominal one, and what chance adds to it: kNormalCritical standard errors.
void expect_covers(const Coverage& coverage, double slack, const std::string& what) {
  for (const auto& [name, seen] : coverage.seen) {
    const double chance = kNormalCritical * std::sqrt(kNominal * (1.0 - kNominal) / seen);
    EXPECT_NEAR(coverage.of(name), kNominal, slack + chance) << what << ", " << name;
  }
}

template <Subordinator S>
auto independent(const MeanVarianceMixture<S>& truth, Index n) {
  return [truth, n](int replicate) { return truth.rvs(n, Seed{1000 + replicate}); };
}

TEST(IntervalCoverage, IsNominalForIndependentRows) {
  const auto truth = truth_of(InverseGaussian(1.0, 1.0));
  for (const CovType type : {CovType::kNonrobust, CovType::kOpg, CovType::kRobust}) {
    const Coverage coverage = coverage_of(truth, independent(truth, 500), {.cov_type = type}, 300);
    EXPECT_LE(coverage.without_errors, 3) << coverage;
    expect_covers(coverage, 0.02, std::string(word(type)));
  }
}

// Of rows whose volatility lasts, intervals for independent rows hold the standard deviation half of the time.
TEST(IntervalCoverage, OfDependentRowsNeedsTheirLongRunCovariance) {
  const auto truth = truth_of(InverseGaussian(1.0, 1.0));
  const ClusteredRows clustered(truth, 0.95, 1000);
  const Coverage robust = coverage_of(truth, clustered, {.cov_type = CovType::kRobust}, 100);
  const Coverage hac = coverage_of(truth, clustered, {.cov_type = CovType::kHac}, 100);
  EXPECT_LT(robust.of("sd_1"), 0.75) << robust;
  EXPECT_GT(hac.of("sd_1"), 0.78) << hac;  // 0.9 or so, and 4 standard errors of 100 replicates
  EXPECT_GT(hac.of("sd_1"), robust.of("sd_1") + 0.15);
}

template <Subordinator S, class Draw>
void tabulate(const std::string& what, const MeanVarianceMixture<S>& truth, const Draw& draw,
              const InferenceOptions& options, int replicates) {
  std::cout << what << ", " << word(options.cov_type);
  if (options.cov_type == CovType::kHac) {
    std::cout << (options.lags ? " lags " + std::to_string(*options.lags) : std::string(" 8 cosines"));
  }
  std::cout << ":" << coverage_of(truth, draw, options, replicates) << "\n";
}

template <Subordinator S>
void tabulate_independent(const S& law) {
  const auto truth = truth_of(law);
  for (const Index n : {500, 2000}) {
    for (const CovType type : {CovType::kNonrobust, CovType::kOpg, CovType::kRobust}) {
      tabulate(std::string(kFamilyName<S>) + ", " + std::to_string(n), truth, independent(truth, n), {.cov_type = type},
               400);
    }
  }
}

TEST(IntervalCoverage, IsTabulatedForIndependentRows) {
  if (!is_full()) GTEST_SKIP() << "long: VARIMIX_FULL=1";
  tabulate_independent(InverseGaussian(1.0, 1.0));
  tabulate_independent(Gamma(2.0, 2.0));
  tabulate_independent(InverseGamma(2.5, 2.5));
  tabulate_independent(InverseGamma(1.6, 1.6));
  tabulate_independent(GeneralizedInverseGaussian(-1.0, 1.0, 1.0));
}

TEST(IntervalCoverage, IsTabulatedForDependentRows) {
  if (!is_full()) GTEST_SKIP() << "long: VARIMIX_FULL=1";
  const auto truth = truth_of(InverseGaussian(1.0, 1.0));
  for (const double persistence : {0.95, 0.99}) {
    for (const Index n : {500, 2000}) {
      const ClusteredRows draw(truth, persistence, n);
      const std::string what = "persistence " + std::to_string(persistence) + ", " + std::to_string(n);
      const auto three_roots = static_cast<Index>(3.0 * std::sqrt(static_cast<double>(n)));
      tabulate(what, truth, draw, {.cov_type = CovType::kRobust}, 250);
      for (const Index lags : {Index{10}, three_roots}) {
        InferenceOptions options{.cov_type = CovType::kHac};
        options.lags = lags;
        tabulate(what, truth, draw, options, 250);
      }
      tabulate(what, truth, draw, {.cov_type = CovType::kHac}, 250);
    }
  }
}

// The law of the family that is nearest to rows of another one is that of very many rows.
TEST(IntervalCoverage, IsTabulatedForRowsOfAnotherFamily) {
  if (!is_full()) GTEST_SKIP() << "long: VARIMIX_FULL=1";
  const auto skewed_t = truth_of(InverseGamma(2.5, 2.5));
  const auto nearest =
      varimix::fit<InverseGaussian>(std::nullopt, skewed_t.rvs(2'000'000, Seed{1}), {.tol = 1e-10}).model;
  for (const CovType type : {CovType::kNonrobust, CovType::kOpg, CovType::kRobust}) {
    tabulate("a skewed t by NIG, 1000", nearest, independent(skewed_t, 1000), {.cov_type = type}, 250);
  }
}

}  // namespace
}  // namespace varimix::tests
