// Plain EM, an E-step and an M-step in turn, is compared with a published maximum-likelihood fit with a fifth of the
// values missing (shared/reference/gold_missing.json), where these data lie beside the project.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "support/csv.hpp"
#include "support/gaps.hpp"
#include "support/paths.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix::tests {
namespace {

constexpr double kLogLikelihood = 1e-6;  // total, nats
constexpr double kParameters = 1e-5;     // in standard deviations; the likelihood changes by the square of that
constexpr int kSteps = 3000;

std::filesystem::path reference_dir() { return source_dir().parent_path() / "shared" / "reference"; }

/// Returns the numbers that follow "name" in the file, brackets and commas left out.
Vector numbers_of(const std::string& text, const std::string& name, Index count) {
  std::string rest = text.substr(text.find('"' + name + '"') + name.size() + 3);
  for (char& letter : rest) {
    if (letter == '[' || letter == ']' || letter == ',' || letter == ':') letter = ' ';
  }
  std::istringstream stream(rest);
  Vector values(count);
  for (double& value : values) stream >> value;
  EXPECT_TRUE(stream.good()) << name;
  return values;
}

/// Returns the 1769 x 6 log-returns; value (i, j) is missing where (7i + 13j) mod 5 = 0.
RowMatrix returns_with_gaps() {
  const Table table(reference_dir() / "data" / "ghyp_smi_stocks.csv");
  const std::array<std::string, 6> names = {"SMI", "Novartis", "CS", "Nestle", "Swisscom", "Swiss.Re"};
  RowMatrix x(static_cast<Index>(table.rows()), 6);
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < 6; ++j) {
      const double value = table.number(static_cast<std::size_t>(i), names[static_cast<std::size_t>(j)]);
      x(i, j) = (7 * i + 13 * j) % 5 == 0 ? kGap : value;
    }
  }
  return x;
}

TEST(GoldMissing, IsMetByPlainEM) {
  if (!std::filesystem::exists(reference_dir())) GTEST_SKIP() << "no " << reference_dir() << " beside the project";
  std::stringstream text;
  text << std::ifstream(reference_dir() / "gold_missing.json").rdbuf();
  const RowMatrix x = returns_with_gaps();
  auto model = NormalInverseGaussian::default_init(x, Missing::kExact);
  double last = 0.0;
  int steps = 0;
  for (; steps < kSteps; ++steps) {
    const EStepResult result = e_step(model, x, model.mu(), kExact);
    if (steps > 0) {
      ASSERT_GE(result.log_lik, last - 1e-12) << "EM never falls";
    }
    if (steps > 0 && result.log_lik - last < 1e-15 * std::abs(last)) break;
    last = result.log_lik;
    model = model.m_step(rescale_y(result.eta, 1.0 / result.eta.E_Y()));
  }
  std::cout << "[  STEPS   ] " << steps << "\n";
  const double log_likelihood = model.marginal_log_likelihood(x, Missing::kExact) * static_cast<double>(x.rows());
  EXPECT_NEAR(log_likelihood, numbers_of(text.str(), "log_likelihood", 1)(0), kLogLikelihood);

  model = model.rescale_y(1.0 / model.subordinator().E_Y());
  const Vector sigma = numbers_of(text.str(), "sigma", 36);
  const Vector deviation = Eigen::Map<const Matrix>(sigma.data(), 6, 6).diagonal().cwiseSqrt();
  const auto error = [&](const Vector& difference) {
    return difference.cwiseQuotient(deviation).cwiseAbs().maxCoeff();
  };
  EXPECT_LT(error(model.mu() - numbers_of(text.str(), "mu", 6)), kParameters);
  EXPECT_LT(error(model.gamma() - numbers_of(text.str(), "gamma", 6)), kParameters);
  EXPECT_NEAR(model.subordinator().lam(), numbers_of(text.str(), "lam", 1)(0), kParameters);
  const Matrix difference = model.sigma() - Eigen::Map<const Matrix>(sigma.data(), 6, 6);
  EXPECT_LT(difference.cwiseQuotient(deviation * deviation.transpose()).cwiseAbs().maxCoeff(), kParameters);
}

}  // namespace
}  // namespace varimix::tests
