#include "varimix/risk/conditional_law.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <string>

#include "mixture/column_order.hpp"
#include "mixture/families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/cholesky.hpp"

namespace varimix {
namespace {

/// Returns the model whose Y is this law, which may lie on a face.
AnyMeanVarianceMixture model_of(Vector mu, Vector gamma, Matrix factor, const GigParameters& y,
                                const ColumnNames& columns) {
  const auto make = [&](const auto& law) -> AnyMeanVarianceMixture {
    return MeanVarianceMixture(std::move(mu), std::move(gamma), std::move(factor), law).with_columns(columns);
  };
  if (y.b == 0.0) return make(Gamma(y.p, 0.5 * y.a));
  if (y.a == 0.0) return make(InverseGamma(-y.p, 0.5 * y.b));
  return make(GeneralizedInverseGaussian(y.p, y.a, y.b));
}

double normal_or_zero(double x) { return x < std::numeric_limits<double>::min() ? 0.0 : x; }

}  // namespace

template <Subordinator S>
AnyMeanVarianceMixture conditional_law(const MeanVarianceMixture<S>& model, const std::vector<Index>& columns,
                                       const Vector& values) {
  require_columns(columns, model.d());
  require(static_cast<Index>(columns.size()) < model.d(), "columns",
          "fewer than the " + std::to_string(model.d()) + " of the model", columns.size());
  const auto k = static_cast<Index>(columns.size());
  require_dimension(values.size(), k, "values");
  require_finite(values, "values");
  const std::vector<Index> free = other_columns(columns, model.d());
  const Index n = model.d() - k;
  std::vector<Index> order = columns;
  order.insert(order.end(), free.begin(), free.end());
  const Matrix factor = reordered_factor(model.L_Sigma(), order);
  const auto given = factor.topLeftCorner(k, k).template triangularView<Eigen::Lower>();
  const auto slope = factor.bottomLeftCorner(n, k);
  const Vector r = given.solve(values - model.mu()(columns));
  const Vector skew = given.solve(model.gamma()(columns));
  const auto [p, a, b] = model.subordinator().gig();
  const GigParameters y{p - 0.5 * static_cast<double>(k), normal_or_zero(a + skew.squaredNorm()),
                        normal_or_zero(b + r.squaredNorm())};
  require(std::isfinite(y.b), "values", "within 1e150 standard units of mu", values.transpose());
  require(y.b > 0.0 || y.p > 0.0, "values", "other than mu, where the density of these columns is unbounded",
          values.transpose());
  return model_of(model.mu()(free) + slope * r, model.gamma()(free) - slope * skew, factor.bottomRightCorner(n, n), y,
                  names_of(model.columns(), free));
}

#define VARIMIX_INSTANTIATE(S)                                                                              \
  template AnyMeanVarianceMixture conditional_law(const MeanVarianceMixture<S>&, const std::vector<Index>&, \
                                                  const Vector&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
