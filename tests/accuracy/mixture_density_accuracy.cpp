#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <concepts>
#include <string>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/families.hpp"
#include "support/gig_law.hpp"
#include "support/paths.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix::tests {
namespace {

// The error that MeanVarianceMixture::log_prob and the E-step promise.
constexpr double kRelativeError = 1e-12;

/// Returns the model with Sigma_ij = 0.5^|i-j|, gamma_i = (-1)^i g, and this mu and law of Y.
template <Subordinator S>
MeanVarianceMixture<S> table_model(const Vector& mu, double g, const GigParameters& gig) {
  const Index d = mu.size();
  Vector gamma(d);
  Matrix factor = Matrix::Zero(d, d);  // that of an autoregression, exact but for sqrt(3)
  for (Index i = 0; i < d; ++i) {
    gamma(i) = i % 2 == 0 ? g : -g;
    for (Index j = 0; j <= i; ++j) {
      factor(i, j) = std::exp2(static_cast<double>(j - i)) * (j == 0 ? 1.0 : std::sqrt(0.75));
    }
  }
  return {mu, gamma, factor, law_of_gig<S>(gig)};
}

/// The worst errors of a model's values against the rows of a table.
class TableComparison {
 public:
  TableComparison(const Table& table, std::array<std::string, 4> columns)
      : table_(table), columns_(std::move(columns)) {}

  /// Adds the errors of a row, relative to the value or, for the two logarithms, to max(1, |value|).
  template <Subordinator S>
  void add(std::size_t row, const MeanVarianceMixture<S>& model, const RowMatrix& x, const std::string& place) {
    const EStepResult result = model.e_step(x);
    const std::array<double, 5> actual = {model.log_prob(x)(0), result.eta.E_inv_Y(), result.eta.E_Y(),
                                          result.eta.E_log_Y().value(), result.log_lik};
    for (std::size_t k = 0; k < actual.size(); ++k) {
      const double expected = table_.number(row, columns_[k % columns_.size()]);
      const bool is_log = k == 0 || k >= 3;
      const double error = is_log ? logarithm_error(actual[k], expected) : relative_error(actual[k], expected);
      worst_[k % columns_.size()].add(error, actual[k], expected, [&] { return place; });
    }
  }

  void expect_within(double tolerance) const {
    for (const Worst& worst : worst_) EXPECT_TRUE(worst.within(tolerance));
  }

 private:
  const Table& table_;
  std::array<std::string, 4> columns_;
  std::array<Worst, 4> worst_ = {Worst("log f"), Worst("E[1/Y|x]"), Worst("E[Y|x]"), Worst("E[log Y|x]")};
};

template <class S>
class MixtureDensityAccuracy : public ::testing::Test {};
TYPED_TEST_SUITE(MixtureDensityAccuracy, Families, FamilyNames);

TYPED_TEST(MixtureDensityAccuracy, DensityAndPosteriorMomentsMeetArb) {
  const Table table(data_file("mixture_density.csv"));
  TableComparison comparison(table, {"log_density", "E_inv_Y", "E_Y", "E_log_Y"});
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (table.text(i, "family") != kFamilyName<TypeParam>) continue;
    const auto d = static_cast<Index>(table.number(i, "d"));
    const double t = table.number(i, "t");
    Vector mu(d);
    RowMatrix x(1, d);
    for (Index j = 0; j < d; ++j) {
      mu(j) = static_cast<double>(j) / 8.0;
      x(0, j) = mu(j) + t * static_cast<double>(1 + j % 3);
    }
    const auto model = table_model<TypeParam>(mu, table.number(i, "g"),
                                              {table.number(i, "p"), table.number(i, "a"), table.number(i, "b")});
    std::string place;
    for (const char* column : {"p", "a", "b", "d", "g", "t"})
      place += std::string(column) + " = " + table.text(i, column) + " ";
    comparison.add(i, model, x, place);
  }
  comparison.expect_within(kRelativeError);
}

/// The families' names in mpmath_nvmm_reference.csv.
template <Subordinator S>
inline constexpr const char* kShortName = "GH";
template <>
inline constexpr const char* kShortName<InverseGaussian> = "NIG";
template <>
inline constexpr const char* kShortName<Gamma> = "VG";
template <>
inline constexpr const char* kShortName<InverseGamma> = "NInvG";

TYPED_TEST(MixtureDensityAccuracy, DensityAndPosteriorMomentsMeetMpmath) {
  const Table table(data_file("mpmath_nvmm_reference.csv"));
  TableComparison comparison(table, {"logpdf", "E_invY_given_x", "E_Y_given_x", "E_logY_given_x"});
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (table.text(i, "family") != kShortName<TypeParam>) continue;
    const auto d = static_cast<Index>(table.number(i, "d"));
    const std::string& name = table.text(i, "x");
    Vector mu(d);
    RowMatrix x(1, d);
    for (Index j = 0; j < d; ++j) {
      mu(j) = static_cast<double>(j) / 10.0;
      if (name == "center") x(0, j) = mu(j) + 0.01;
      if (name == "mid") x(0, j) = static_cast<double>(j % 3) - 1.0;
      if (name == "tail") x(0, j) = j == 0 ? 25.0 : -1.0;
    }
    const auto model =
        table_model<TypeParam>(mu, 0.2, {table.number(i, "p"), table.number(i, "a"), table.number(i, "b")});
    comparison.add(i, model, x, "d = " + table.text(i, "d") + ", x = " + name);
  }
  comparison.expect_within(kRelativeError);
}

}  // namespace
}  // namespace varimix::tests
