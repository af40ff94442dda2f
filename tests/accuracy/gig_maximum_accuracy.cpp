#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/paths.hpp"
#include "varimix/subordinator/fit.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"

namespace varimix::tests {
namespace {

using Law = GeneralizedInverseGaussian;

/// Returns E[f(log Y)] by the trapezoidal rule between the points where the density of log Y is e^-45 of its largest.
template <class F>
double expectation(const Law& law, F&& f) {
  const double p = law.p();
  const double w = std::hypot(p, std::sqrt(law.a()) * std::sqrt(law.b()));
  const double mode = p < 0.0 ? std::log(law.b() / (w - p)) : std::log((w + p) / law.a());
  const auto exponent = [&](double t) { return p * t - 0.5 * (law.a() * std::exp(t) + law.b() * std::exp(-t)); };
  const double top = exponent(mode);
  const auto edge = [&](double sign) {
    double distance = 1.0 / std::sqrt(1.0 + w);
    while (top - exponent(mode + sign * distance) < 45.0) distance *= 1.1;
    return mode + sign * distance;
  };
  const double low = edge(-1.0);
  const double high = edge(1.0);
  constexpr int kIntervals = 4000;
  double total = 0.0;
  double sum = 0.0;
  for (int k = 0; k <= kIntervals; ++k) {
    const double t = low + (high - low) * k / kIntervals;
    const double weight = std::exp(exponent(t) - top);
    total += weight;
    sum += weight * f(t);
  }
  return sum / total;
}

/// Returns how far the log-likelihood of moments s at `law` lies below that at `best`. Let t = (log Y, Y, 1/Y), delta
/// the change of the natural parameters (p, -a/2, -b/2) and x = delta't less its mean under `best`. The result is log
/// E[e^x], computed from positive terms, less the slope at `best` (0 but on a face) times delta.
double likelihood_deficit(const Law& best, const Law& law, const std::array<double, 3>& s) {
  const double dp = law.p() - best.p();
  const double da = -0.5 * (law.a() - best.a());
  const double db = -0.5 * (law.b() - best.b());
  const auto linear = [&](double t) { return dp * t + da * std::exp(t) + db * std::exp(-t); };
  const double mean = expectation(best, linear);
  const double spread = expectation(best, [&](double t) {
    const double x = linear(t) - mean;
    return std::abs(x) < 1e-3 ? x * x * (0.5 + x / 6.0) : std::expm1(x) - x;
  });
  double slope = 0.0;
  if (best.a() == 0.0) slope = da * (s[1] - best.E_Y());
  if (best.b() == 0.0) slope = db * (s[0] - best.E_inv_Y());
  return std::log1p(spread) - (std::isfinite(slope) ? slope : 0.0);
}

TEST(GigMaximumAccuracy, LikelihoodIsThatOfTheExactMaximum) {
  const Table table(data_file("gig_maxima.csv"));
  Worst deficit("log-likelihood below its maximum");
  Worst residual("moments inside");
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const std::array<double, 3> s = {table.number(i, "s1"), table.number(i, "s2"), table.number(i, "s3")};
    const Law best(table.number(i, "p"), table.number(i, "a"), table.number(i, "b"));
    const auto fit = Law::maximum_likelihood(s[0], s[1], s[2]);
    const auto where = [&] { return "row " + std::to_string(i) + ", limit " + table.text(i, "limit"); };
    deficit.add(std::abs(likelihood_deficit(best, fit.law, s)), fit.law.p(), best.p(), where);
    if (fit.limit != ShapeLimit::kNone) {
      EXPECT_EQ(name(fit.limit), table.text(i, "limit")) << where();
      continue;
    }
    residual.add(relative_error(fit.law.E_inv_Y(), s[0]), fit.law.E_inv_Y(), s[0], where);
    residual.add(relative_error(fit.law.E_Y(), s[1]), fit.law.E_Y(), s[1], where);
    residual.add(logarithm_error(fit.law.E_log_Y(), s[2]), fit.law.E_log_Y(), s[2], where);
  }
  EXPECT_TRUE(deficit.within(1e-13));
  EXPECT_TRUE(residual.within(kGigMomentResidual));
}

struct PublishedFit {
  const char* file;
  double p, a, b, log_likelihood;
};

TEST(GigMaximumAccuracy, MeetsPublishedFits) {
  for (const PublishedFit& fit :
       {PublishedFit{"GH_nervePulse.csv", 0.803873286213854, 0.170596035954854, 0.918729772704341, -2694.03250780453},
        PublishedFit{"GH_traffic.csv", -0.235698246092916, 0.0266897236097224, 2.62124567396286, -455.101076056132}}) {
    const auto path = source_dir() / ".." / "shared" / "reference" / "data" / fit.file;
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path << ", which is not part of the project";
    const RowMatrix values = Table(path).values();
    const std::vector<double> y(values.data(), values.data() + values.size());
    const DataFit<Law> ours = fit_subordinator<Law>(y);
    EXPECT_EQ(ours.limit, ShapeLimit::kNone);
    EXPECT_TRUE(is_close(ours.law.p(), fit.p, 1e-11)) << fit.file;
    EXPECT_TRUE(is_close(ours.law.a(), fit.a, 1e-11)) << fit.file;
    EXPECT_TRUE(is_close(ours.law.b(), fit.b, 1e-11)) << fit.file;
    EXPECT_TRUE(is_close(ours.log_likelihood, fit.log_likelihood, 1e-14)) << fit.file;
  }
}

}  // namespace
}  // namespace varimix::tests
