// The test of a Gaussian is compared with the statistics of an independent program
// (shared/reference/gold_inference.json), where these data lie: beside the project, or in the folder that VARIMIX_SHARED
// names. The data set of tests/data is always there.

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/paths.hpp"
#include "varimix/inference/gaussian_test.hpp"

namespace varimix::tests {
namespace {

constexpr double kTolerance = 1e-10;  // relative: that of the gold values

std::filesystem::path reference_dir() {
  const char* shared = std::getenv("VARIMIX_SHARED");
  return (shared != nullptr ? std::filesystem::path(shared) : source_dir().parent_path() / "shared") / "reference";
}

/// Returns the columns of a data set that the file of gold values calls `selection`.
RowMatrix selected(const Table& table, const std::string& selection) {
  RowMatrix x = table.values();
  if (selection == "all rows") return x;
  if (selection == "columns 2-6 (all five)") return x.rightCols(5);
  EXPECT_EQ(selection, "columns AXP EK BA C KO");
  const std::array<std::string, 5> names = {"AXP", "EK", "BA", "C", "KO"};
  RowMatrix chosen(x.rows(), 5);
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < 5; ++j) {
      chosen(i, j) = table.number(static_cast<std::size_t>(i), names[static_cast<std::size_t>(j)]);
    }
  }
  return chosen;
}

TEST(GoldGaussianTests, AreMet) {
  const auto path = reference_dir() / "gold_inference.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path << ": set VARIMIX_SHARED";
  Worst worst("gauss_score");
  const nlohmann::json gold = nlohmann::json::parse(std::ifstream(path));
  for (const auto& set : gold.at("tests")) {
    const auto file = set.at("file").get<std::string>();
    const Table table(reference_dir() / "data" / file);
    const GaussianTest test = gaussian_test(selected(table, set.at("selection")));
    EXPECT_EQ(test.n, set.at("n").get<std::int64_t>()) << file;
    EXPECT_EQ(test.d, set.at("d").get<Index>()) << file;
    const auto compare = [&](double actual, const char* name) {
      const double expected = set.at("gauss_score").at(name);
      worst.add(relative_error(actual, expected), actual, expected, [&] { return file + ", " + name; });
    };
    compare(test.kurtosis_z, "kurtosis_z");
    compare(test.skewness_chi2, "skewness_chi2");
    compare(test.statistic, "statistic");
    compare(test.p_value.value(), "p_value");
  }
  EXPECT_TRUE(worst.within(kTolerance));
}

// The logarithm of the p-value is by mpmath at 40 digits.
TEST(GoldGaussianTests, AreMetOnTheRowsAtHand) {
  const GaussianTest test = gaussian_test(Table(data_file("nig_seed_2000.csv")).values());
  EXPECT_NEAR(test.kurtosis_z, 46.539174602089794, kTolerance * 46.5);
  EXPECT_NEAR(test.skewness_chi2, 655.0891477663934, kTolerance * 655.0);
  EXPECT_NEAR(test.statistic, 2820.9839204101927, kTolerance * 2820.0);
  EXPECT_EQ(test.p_value, 0.0);
  EXPECT_NEAR(test.log_p_value.value(), -1407.4148090558637, kTolerance * 1407.0);
}

}  // namespace
}  // namespace varimix::tests
