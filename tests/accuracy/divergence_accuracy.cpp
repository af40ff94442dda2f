#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/paths.hpp"
#include "varimix/mixture/divergence.hpp"

namespace varimix::tests {
namespace {

std::vector<double> numbers(const std::string& field) {
  std::istringstream stream(field);
  std::vector<double> values;
  for (double value = 0.0; stream >> value;) values.push_back(value);
  return values;
}

Vector vector_of(const std::string& field) {
  const std::vector<double> values = numbers(field);
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

template <Subordinator S>
MeanVarianceMixture<S> model_of(const Table& table, std::size_t row, const std::string& side) {
  const Vector mu = vector_of(table.text(row, "mu" + side));
  const std::vector<double> lower = numbers(table.text(row, "factor" + side));
  Matrix L = Matrix::Zero(mu.size(), mu.size());
  std::size_t k = 0;
  for (Index i = 0; i < mu.size(); ++i) {
    for (Index j = 0; j <= i; ++j) L(i, j) = lower.at(k++);
  }
  std::array<double, S::kParameterNames.size()> shape{};
  const std::vector<double> y = numbers(table.text(row, "y" + side));
  std::copy(y.begin(), y.end(), shape.begin());
  return {mu, vector_of(table.text(row, "gamma" + side)), L, S::from_parameters(shape)};
}

struct Divergences {
  double squared_hellinger, kl;
};

template <Subordinator S>
Divergences both(const Table& table, std::size_t row) {
  const auto one = model_of<S>(table, row, "1");
  const auto two = model_of<S>(table, row, "2");
  return {squared_hellinger(one, two), kl_divergence(one, two)};
}

const std::map<std::string, std::function<Divergences(const Table&, std::size_t)>> kBoth = {
    {"NormalInverseGaussian", both<InverseGaussian>},
    {"VarianceGamma", both<Gamma>},
    {"NormalInverseGamma", both<InverseGamma>},
    {"GeneralizedHyperbolic", both<GeneralizedInverseGaussian>}};

std::string place(const Table& table, std::size_t row) {
  return table.text(row, "family") + " " + table.text(row, "y1") + " and " + table.text(row, "y2");
}

TEST(DivergenceAccuracy, OfTheSquaredHellingerDistance) {
  const Table table(data_file("divergences.csv"));
  Worst absolute("H^2, absolute");
  Worst close("H of close laws, absolute");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double expected = table.number(row, "squared_hellinger");
    const double actual = kBoth.at(table.text(row, "family"))(table, row).squared_hellinger;
    const auto where = [&] { return place(table, row); };
    absolute.add(error_in(1.0, actual, expected), actual, expected, where);
    if (expected < kCloseLaws) {
      close.add(error_in(1.0, std::sqrt(actual), std::sqrt(expected)), std::sqrt(actual), std::sqrt(expected), where);
    }
  }
  EXPECT_TRUE(absolute.within(kDivergenceError));
  EXPECT_TRUE(close.within(kDivergenceError));
}

TEST(DivergenceAccuracy, OfTheKlDivergence) {
  const Table table(data_file("divergences.csv"));
  Worst relative("KL, relative to max(1, KL)");
  Worst close("root of KL of close laws, absolute");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string text = table.text(row, "kl_divergence");
    const double expected = text == "+inf" ? std::numeric_limits<double>::infinity() : std::stod(text);
    const double actual = kBoth.at(table.text(row, "family"))(table, row).kl;
    const auto where = [&] { return place(table, row); };
    relative.add(logarithm_error(actual, expected), actual, expected, where);
    if (expected < kCloseLaws) {
      close.add(error_in(1.0, std::sqrt(actual), std::sqrt(expected)), std::sqrt(actual), std::sqrt(expected), where);
    }
  }
  EXPECT_TRUE(relative.within(kDivergenceError));
  EXPECT_TRUE(close.within(kDivergenceError));
}

}  // namespace
}  // namespace varimix::tests
