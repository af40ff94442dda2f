#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/paths.hpp"
#include "support/simd_targets.hpp"
#include "varimix/risk/portfolio.hpp"

namespace varimix::tests {
namespace {

constexpr double kHessianRelativeError = 1e-10;

const Table& portfolios_table() {
  static const Table table(data_file("portfolio_risk.csv"));
  return table;
}

Vector vector_at(std::size_t row, const std::string& column) {
  std::istringstream stream(portfolios_table().text(row, column));
  std::vector<double> values;
  for (double value = 0.0; stream >> value;) values.push_back(value);
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

Matrix matrix_at(std::size_t row, const std::string& column) {
  const Vector values = vector_at(row, column);
  const Index d = std::lround(std::sqrt(static_cast<double>(values.size())));
  return Eigen::Map<const RowMatrix>(values.data(), d, d);
}

double number_at(std::size_t row, const std::string& column) { return portfolios_table().number(row, column); }

template <Subordinator S>
MeanVarianceMixture<S> model_at(std::size_t row, const S& law) {
  return {vector_at(row, "mu"), vector_at(row, "gamma"), matrix_at(row, "sigma").llt().matrixL(), law};
}

/// The worst errors of each number over the table, in the scales in which the table promises them.
struct PortfolioErrors {
  Worst value_at_risk{"value at risk"}, shortfall{"expected shortfall"}, excess{"(ES - VaR) / VaR"},
      var_parts{"parts of the value at risk"}, es_parts{"parts of the shortfall"}, gradient{"gradient"},
      hessian{"Hessian"}, y{"E[Y] and Var(Y)"};

  template <Subordinator S>
  void add(std::size_t row, const MeanVarianceMixture<S>& model) {
    const auto place = [row] { return portfolios_table().text(row, "name"); };
    const auto add_number = [&](Worst& worst, double actual, const std::string& column) {
      const double expected = number_at(row, column);
      worst.add(relative_error(actual, expected), actual, expected, place);
    };
    const auto add_vector = [&](Worst& worst, const Vector& actual, const std::string& column, double scale) {
      const Vector expected = vector_at(row, column);
      ASSERT_EQ(actual.size(), expected.size()) << place();
      for (Index i = 0; i < actual.size(); ++i) {
        worst.add(error_in(scale, actual(i), expected(i)), actual(i), expected(i), place);
      }
    };
    const PortfolioRisk risk = portfolio_risk(model, vector_at(row, "w"), number_at(row, "alpha"));
    EXPECT_EQ(risk.status, PortfolioStatus::kOk) << place();
    add_number(value_at_risk, risk.value_at_risk, "var");
    add_number(shortfall, risk.expected_shortfall, "es");
    add_number(excess, risk.expected_shortfall / risk.value_at_risk - 1.0, "es_minus_var_over_var");
    add_vector(var_parts, risk.value_at_risk_contributions(), "var_parts", number_at(row, "var"));
    add_vector(es_parts, risk.expected_shortfall_contributions(), "es_parts", number_at(row, "es"));
    const double largest = vector_at(row, "es_gradient").cwiseAbs().maxCoeff();
    add_vector(gradient, risk.expected_shortfall_gradient, "es_gradient", largest);
    const Matrix expected = matrix_at(row, "es_hessian");
    add_vector(hessian, expected_shortfall_hessian(model, risk).reshaped(), "es_hessian",
               expected.cwiseAbs().maxCoeff());
    // The table has 0 where the mean, or the variance, multiplies a vector of zeros.
    if (number_at(row, "EY_tail") > 0.0) add_number(y, risk.E_Y_in_tail, "EY_tail");
    add_number(y, risk.E_Y_at_quantile, "EY_at_quantile");
    if (const double variance = number_at(row, "var_Y_at_quantile"); variance > 0.0) {
      add_number(y, risk.index_of_dispersion * risk.E_Y_at_quantile, "var_Y_at_quantile");
    }
  }

  void expect_met() const {
    for (const Worst* worst : {&value_at_risk, &shortfall, &excess, &var_parts, &es_parts, &gradient, &y}) {
      EXPECT_TRUE(worst->within(kPortfolioRelativeError));
    }
    EXPECT_TRUE(hessian.within(kHessianRelativeError));
  }
};

GigParameters gig_at(std::size_t row) { return {number_at(row, "p"), number_at(row, "a"), number_at(row, "b")}; }

void add_as_its_family(std::size_t row, PortfolioErrors& errors) {
  const auto [p, a, b] = gig_at(row);
  if (b == 0.0) {
    errors.add(row, model_at(row, Gamma(p, 0.5 * a)));
  } else if (a == 0.0) {
    errors.add(row, model_at(row, InverseGamma(-p, 0.5 * b)));
  } else if (p == -0.5) {
    errors.add(row, model_at(row, InverseGaussian(std::sqrt(b / a), b)));
  } else {
    errors.add(row, model_at(row, GeneralizedInverseGaussian(p, a, b)));
  }
}

TEST(PortfolioAccuracy, EveryNumberMeetsMpmath) {
  PortfolioErrors errors;
  for (std::size_t row = 0; row < portfolios_table().rows(); ++row) add_as_its_family(row, errors);
  errors.expect_met();
}

TEST(PortfolioAccuracy, AGeneralizedHyperbolicWithTheSameLawOfYMeetsMpmath) {
  PortfolioErrors errors;
  for (std::size_t row = 0; row < portfolios_table().rows(); ++row) {
    const auto [p, a, b] = gig_at(row);
    errors.add(row, model_at(row, GeneralizedInverseGaussian(p, a, b)));
  }
  errors.expect_met();
}

TEST(PortfolioAccuracy, EveryTargetMeetsMpmath) {
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    PortfolioErrors errors;
    for (std::size_t row = 0; row < portfolios_table().rows(); ++row) add_as_its_family(row, errors);
    errors.expect_met();
  }
}

}  // namespace
}  // namespace varimix::tests
