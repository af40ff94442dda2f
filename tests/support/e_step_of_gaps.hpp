#pragma once

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cstdint>
#include <optional>
#include <vector>

#include "close.hpp"
#include "eta.hpp"
#include "gaps.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix::tests {

/// Expects the E-step of all rows to be what those of single rows come to, by the formulas as they are written.
template <Subordinator S>
void expect_mean_of_rows(const MeanVarianceMixture<S>& model, const RowMatrix& x, double tolerance) {
  const Index d = model.d();
  std::vector<double> densities(static_cast<std::size_t>(x.rows()));
  EStepOptions options = kExact;
  options.log_density = densities;
  const EStepResult all = e_step(model, x, Vector::Zero(d), options);
  std::optional<Eta> sum;
  double log_lik = 0.0;
  Vector observed = Vector::Zero(d);
  for (Index i = 0; i < x.rows(); ++i) {
    const Vector row = x.row(i).transpose();
    const auto shown = split(row).shown;
    if (shown.empty()) continue;
    for (const Index j : shown) observed(j) += 1.0;
    const EStepResult one = statistics_of_row(model, row);
    EXPECT_LT(logarithm_error(densities[static_cast<std::size_t>(i)], one.log_lik), tolerance);
    sum = sum ? merge(*sum, one.eta) : one.eta;
    log_lik += one.log_lik;
  }
  EXPECT_TRUE(same_eta(all.eta, *sum, tolerance));
  EXPECT_TRUE(is_close(all.log_lik, log_lik / sum->weight, tolerance));
  EXPECT_EQ(all.observed, observed);
  EXPECT_TRUE(is_close(mean_log_density(model, x, Missing::kExact), all.log_lik, 1e-13));
  EXPECT_EQ(log_density(model, x, Missing::kExact), Eigen::Map<const Vector>(densities.data(), x.rows()));
}

/// Expects weights 0, 1 and 2 of rows to count as so many copies.
template <Subordinator S>
void expect_weights_count_as_copies(const MeanVarianceMixture<S>& model, const RowMatrix& x) {
  std::vector<double> weights;
  std::vector<std::int64_t> repeated;
  for (std::int64_t i = 0; i < x.rows(); ++i) {
    weights.push_back(static_cast<double>(i % 3));
    repeated.insert(repeated.end(), static_cast<std::size_t>(i % 3), i);
  }
  EStepOptions options = kExact;
  options.weights = weights;
  const EStepResult weighted = e_step(model, x, model.mu(), options);
  const EStepResult copies = e_step(model, RowView(x).select(repeated), model.mu(), kExact);
  EXPECT_TRUE(same_eta(weighted.eta, copies.eta, 1e-13));
  EXPECT_TRUE(is_close(weighted.log_lik, copies.log_lik, 1e-13));
  EXPECT_TRUE(all_close(weighted.observed, copies.observed, 1e-13));
}

}  // namespace varimix::tests
