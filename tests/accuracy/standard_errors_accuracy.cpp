// Standard errors are compared with those of another program: for the rows in tests/data always, for others where the
// reference data lie beside the project.

#include <gtest/gtest.h>

#include <cmath>
#include <concepts>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "support/csv.hpp"
#include "support/paths.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/inference/standard_errors.hpp"

namespace varimix::tests {
namespace {

constexpr double kValue = 1e-3;   // of the robust standard error; ten times that for the generalized hyperbolic
constexpr double kErrors = 1e-5;  // relative; the table is good to 1e-4, and to 1e-3 for the generalized hyperbolic
constexpr std::array<CovType, 4> kCovTypes = {CovType::kNonrobust, CovType::kOpg, CovType::kRobust, CovType::kHac};
constexpr Index kGoldLags = 10;

/// Value, and standard errors by each of kCovTypes.
using GoldNumbers = std::array<double, 5>;
using Gold = std::map<std::string, GoldNumbers>;

template <Subordinator S>
void expect_met(const RowMatrix& x, const Gold& gold, const std::string& what) {
  const auto result = varimix::fit<S>(std::nullopt, x, {.max_iter = 2000, .tol = 1e-14});
  std::vector<Functional> functionals = default_functionals(result.model);
  const Vector w = Vector::Constant(x.cols(), 1.0 / static_cast<double>(x.cols()));
  functionals.push_back(value_at_risk_of("var_99", w, 0.01));
  functionals.push_back(expected_shortfall_of("es_99", w, 0.01));
  for (std::size_t type = 0; type < kCovTypes.size(); ++type) {
    InferenceOptions options{.cov_type = kCovTypes[type]};
    if (options.cov_type == CovType::kHac) options.lags = kGoldLags;
    const StandardErrors found = standard_errors(result.model, x, functionals, options);
    ASSERT_TRUE(found.has_errors()) << what;
    EXPECT_LT(found.distance_to_maximum.value(), 1e-5) << what;
    std::size_t met = 0;
    for (std::size_t k = 0; k < found.names.size(); ++k) {
      const auto of = gold.find(found.names[k]);
      if (of == gold.end()) continue;
      const std::string name = what + ", " + found.names[k] + ", " + std::string(word(options.cov_type));
      const auto at = static_cast<Index>(k);
      const double errors = (std::same_as<S, GeneralizedInverseGaussian> ? 10.0 : 1.0) * kValue;
      EXPECT_NEAR(found.params(at), of->second[0], errors * of->second[3]) << name;
      EXPECT_NEAR(found.bse(at) / of->second[type + 1], 1.0, kErrors) << name;
      ++met;
    }
    EXPECT_EQ(met, gold.size()) << what;
  }
}

void expect_met(const std::string& family, const RowMatrix& x, const Gold& gold, const std::string& what) {
  if (family == "nig") expect_met<InverseGaussian>(x, gold, what);
  if (family == "vg") expect_met<Gamma>(x, gold, what);
  if (family == "ninvg") expect_met<InverseGamma>(x, gold, what);
  if (family == "gh") expect_met<GeneralizedInverseGaussian>(x, gold, what);
}

TEST(StandardErrorsAccuracy, AreThoseOfAnotherProgram) {
  const Table table(data_file("standard_errors.csv"));
  std::map<std::string, Gold> gold;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    GoldNumbers& numbers = gold[table.text(i, "family")][table.text(i, "name")];
    numbers = {table.number(i, "value"), table.number(i, "nonrobust"), table.number(i, "opg"),
               table.number(i, "robust"), table.number(i, "hac")};
  }
  ASSERT_EQ(gold.size(), 4U);
  const RowMatrix x = Table(data_file("nig_seed_2000.csv")).values();
  for (const auto& [family, numbers] : gold) expect_met(family, x, numbers, family);
}

std::filesystem::path reference_dir() { return source_dir().parent_path() / "shared" / "reference"; }

RowMatrix rows_of(const std::string& file, const std::string& selection) {
  const Table table(reference_dir() / "data" / file);
  std::vector<std::string> columns = {"x"};
  if (file.starts_with("ghyp_indices")) columns = {"hy.bond", "emerging.mkt", "commodity", "bond", "stock"};
  if (file.starts_with("qrm_dj10")) {
    std::istringstream names(selection);
    std::string name;
    names >> name;  // "columns"
    columns.clear();
    while (names >> name) columns.push_back(name);
  }
  if (file.starts_with("nig_seed")) return table.values();
  RowMatrix x(static_cast<Index>(table.rows()), static_cast<Index>(columns.size()));
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j) {
      x(i, j) = table.number(static_cast<std::size_t>(i), columns[static_cast<std::size_t>(j)]);
    }
  }
  return x;
}

TEST(StandardErrorsAccuracy, AreThoseOfTheReferenceFits) {
  const std::filesystem::path path = reference_dir() / "gold_inference.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path << " beside the project";
  std::ifstream file(path);
  const nlohmann::json reference = nlohmann::json::parse(file);
  int met = 0;
  for (const nlohmann::json& fit : reference.at("fits")) {
    if (!fit.contains("functionals")) continue;  // on a face: StandardErrors.OnAFaceAreThoseOfItsFamily
    Gold gold;
    for (const auto& [name, numbers] : fit.at("functionals").items()) gold[name] = numbers.get<GoldNumbers>();
    const auto family = fit.at("family").get<std::string>();
    const auto name = fit.at("file").get<std::string>();
    const RowMatrix x = rows_of(name, fit.at("selection").get<std::string>());
    ASSERT_EQ(x.rows(), fit.at("n").get<Index>());
    expect_met(family, x, gold, std::string(name).append(", ").append(family));
    ++met;
  }
  EXPECT_EQ(met, 15);
}

}  // namespace
}  // namespace varimix::tests
