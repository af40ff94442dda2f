// The likelihood ratios of gamma = 0 are compared with those of an independent program (shared/reference/
// gold_inference.json), where these data lie beside the project; one data set is in tests/data.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/csv.hpp"
#include "support/paths.hpp"
#include "varimix/inference/symmetry_test.hpp"

namespace varimix::tests {
namespace {

constexpr double kRatio = 2e-6;  // absolute
constexpr int kDigits = 8;       // of the numbers in the file, which holds 146.9452 and not 146.94520

std::filesystem::path reference_dir() { return source_dir().parent_path() / "shared" / "reference"; }

/// Returns the tolerance of a number in the file: its own, and half of its last digit.
double tolerance_of(double ratio) {
  return kRatio + 0.5 * std::pow(10.0, std::floor(std::log10(ratio)) + 1.0 - kDigits);
}

void expect_ratio(const LikelihoodRatio& test, double ratio, double p_value, const std::string& what) {
  EXPECT_NEAR(test.statistic, ratio, tolerance_of(ratio)) << what;
  constexpr double kPValue = 1e-5;  // relative; the file has six digits
  EXPECT_NEAR(test.p_value / p_value, 1.0, kPValue) << what;
}

TEST(GoldSymmetry, IsMetOnTheTutorialsRows) {
  const RowMatrix x = Table(data_file("nig_seed_2000.csv")).values();
  expect_ratio(symmetry_test<InverseGaussian>(x).test, 133.7348, 9.1171e-30, "NIG");
  expect_ratio(symmetry_test<Gamma>(x).test, 146.9452, 1.23383e-32, "VG");
  expect_ratio(symmetry_test<InverseGamma>(x).test, 118.44302, 1.90733e-26, "NInvG");
}

/// Returns the rows that a selection names: all columns, those numbered from 2 on, or those of a list.
RowMatrix rows_of(const nlohmann::json& data) {
  const Table table(reference_dir() / "data" / data["file"].get<std::string>());
  const std::string selection = data["selection"];
  if (selection == "all rows") return table.values();
  std::istringstream words(selection);
  std::vector<std::string> names;
  for (std::string word; words >> word;) names.push_back(word);
  names.erase(names.begin());  // "columns"
  if (names[0] == "2-6") names = {"hy.bond", "emerging.mkt", "commodity", "bond", "stock"};
  RowMatrix x(static_cast<Index>(table.rows()), static_cast<Index>(names.size()));
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j) {
      x(i, j) = table.number(static_cast<std::size_t>(i), names[static_cast<std::size_t>(j)]);
    }
  }
  return x;
}

TEST(GoldSymmetry, IsMetOnAllDataSets) {
  if (!std::filesystem::exists(reference_dir())) GTEST_SKIP() << "no " << reference_dir() << " beside the project";
  std::ifstream file(reference_dir() / "gold_inference.json");
  const nlohmann::json gold_file = nlohmann::json::parse(file);
  int met = 0;
  for (const nlohmann::json& data : gold_file["tests"]) {
    const RowMatrix x = rows_of(data);
    ASSERT_EQ(x.rows(), data["n"].get<Index>());
    ASSERT_EQ(x.cols(), data["d"].get<Index>());
    for (const auto& [family, gold] : data["gamma_zero"].items()) {
      const LikelihoodRatio test = family == "nig"  ? symmetry_test<InverseGaussian>(x).test
                                   : family == "vg" ? symmetry_test<Gamma>(x).test
                                                    : symmetry_test<InverseGamma>(x).test;
      const std::string what = data["file"].get<std::string>() + ", " + family;
      expect_ratio(test, gold["lr"], gold["p_value"], what);
      EXPECT_EQ(test.degrees, gold["df"].get<Index>()) << what;
      ++met;
    }
  }
  EXPECT_EQ(met, 12);
}

}  // namespace
}  // namespace varimix::tests
