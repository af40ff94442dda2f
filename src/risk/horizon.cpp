#include "varimix/risk/horizon.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <string>
#include <utility>
#include <variant>

#include "mixture/families.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

constexpr double kInverseGaussianOrder = -0.5;

bool is_closed(const GigParameters& y) noexcept { return y.p == kInverseGaussianOrder || y.b == 0.0; }

/// A law that is closed under sums.
struct ClosedLaw {
  Vector mu;
  Vector gamma;
  Matrix factor;
  GigParameters y;
  ColumnNames columns;
};

AnyMeanVarianceMixture model_of(ClosedLaw law) {
  const auto make = [&](const auto& y) -> AnyMeanVarianceMixture {
    return MeanVarianceMixture(std::move(law.mu), std::move(law.gamma), std::move(law.factor), y)
        .with_columns(law.columns);
  };
  const auto [p, a, b] = law.y;
  if (b == 0.0) return make(Gamma(p, 0.5 * a));
  if (a == 0.0) return make(InverseGamma(-p, 0.5 * b));
  return make(InverseGaussian(std::sqrt(b) / std::sqrt(a), b));
}

template <Subordinator S>
ClosedLaw closed_law(const MeanVarianceMixture<S>& model) {
  return {model.mu(), model.gamma(), model.L_Sigma(), model.subordinator().gig(), model.columns()};
}

/// Returns the closed law of a model of any family. Throws for one that is not closed.
ClosedLaw closed_law(const AnyMeanVarianceMixture& any, const char* name) {
  return std::visit(
      [&](const auto& model) {
        using Model = std::decay_t<decltype(model)>;
        require(
            is_closed_under_sums(model), name,
            "a law that is closed under sums (NormalInverseGaussian, VarianceGamma, or another one with p = -1/2 or "
            "b = 0)",
            kFamilyName<typename Model::SubordinatorType>);
        return closed_law(model);
      },
      any);
}

/// Throws unless (a, gamma, Sigma) of the second law are those of the first one times a factor, which is returned.
double factor_of(const ClosedLaw& first, const ClosedLaw& second) {
  const Matrix sigma = first.factor * first.factor.transpose();
  const Matrix other = second.factor * second.factor.transpose();
  const Vector scales = sigma.diagonal().cwiseSqrt();
  const double c = other(0, 0) / sigma(0, 0);
  const Matrix gap = scales.cwiseInverse().asDiagonal() * (other - c * sigma) * scales.cwiseInverse().asDiagonal();
  require(gap.cwiseAbs().maxCoeff() <= kProportional * c, "the Sigma of the second law",
          "proportional to that of the first for their sum to be of the family", "another matrix");
  const auto sizes = first.gamma.array().abs() + scales.array() * std::sqrt(first.y.a);
  const bool gamma_too = ((second.gamma - c * first.gamma).array().abs() <= kProportional * c * sizes).all();
  require(gamma_too, "the gamma of the second law",
          "that of the first times the factor of Sigma, " + std::to_string(c) + ", for their sum to be of the family",
          second.gamma.transpose());
  require(std::abs(second.y.a - c * first.y.a) <= kProportional * c * first.y.a, "the a of the second law",
          "that of the first times the factor of Sigma, " + std::to_string(c) +
              ", for their sum to be of the family (a = lam/mu_ig^2, or 2 beta)",
          second.y.a);
  return c;
}

/// Returns the names of both, where either may have none.
ColumnNames common_names(const ColumnNames& first, const ColumnNames& second) {
  require(first.empty() || second.empty() || first == second, "the columns of the second law", "those of the first",
          to_text(second));
  return first.empty() ? second : first;
}

}  // namespace

template <Subordinator S>
bool is_closed_under_sums(const MeanVarianceMixture<S>& model) noexcept {
  return is_closed(model.subordinator().gig());
}

template <Subordinator S>
AnyMeanVarianceMixture horizon_law(const MeanVarianceMixture<S>& model, double days) {
  require(days > 0.0 && std::isfinite(days), "days", "> 0 and finite", days);
  if (days == 1.0) return model;
  require(is_closed_under_sums(model), "days", "1 for a law that is not closed under sums; simulate it instead", days);
  if constexpr (std::is_same_v<S, InverseGaussian>) {
    const InverseGaussian& y = model.subordinator();
    return MeanVarianceMixture(Vector(days * model.mu()), model.gamma(), model.L_Sigma(),
                               InverseGaussian(days * y.mu_ig(), days * days * y.lam()))
        .with_columns(model.columns());
  } else {
    ClosedLaw law = closed_law(model);
    law.mu *= days;
    (law.y.b == 0.0 ? law.y.p : law.y.b) *= law.y.b == 0.0 ? days : days * days;
    return model_of(std::move(law));
  }
}

AnyMeanVarianceMixture convolution(const AnyMeanVarianceMixture& first, const AnyMeanVarianceMixture& second) {
  ClosedLaw law = closed_law(first, "the first law");
  const ClosedLaw other = closed_law(second, "the second law");
  require_dimension(other.mu.size(), law.mu.size(), "the second law");
  require((law.y.b == 0.0) == (other.y.b == 0.0), "both laws", "of one kind, p = -1/2 or b = 0", "one of each");
  law.columns = common_names(law.columns, other.columns);
  const double c = factor_of(law, other);
  law.mu += other.mu;
  if (law.y.b == 0.0) {
    law.y.p += other.y.p;
  } else {
    const double root = std::sqrt(law.y.b) + std::sqrt(c * other.y.b);
    law.y.b = root * root;
  }
  return model_of(std::move(law));
}

#define VARIMIX_INSTANTIATE(S)                                                \
  template bool is_closed_under_sums(const MeanVarianceMixture<S>&) noexcept; \
  template AnyMeanVarianceMixture horizon_law(const MeanVarianceMixture<S>&, double);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
