#include "varimix/inference/functional.hpp"

#include <cmath>
#include <utility>

#include "mixture/families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/column_moments.hpp"

namespace varimix {
namespace {

std::string column_name(const ColumnNames& columns, Index i) {
  return columns.empty() ? std::to_string(i + 1) : columns.names()[static_cast<std::size_t>(i)];
}

IntervalScale scale_of(FunctionalKind kind) {
  switch (kind) {
    case FunctionalKind::kSd:
    case FunctionalKind::kValueAtRisk:
    case FunctionalKind::kExpectedShortfall:
      return IntervalScale::kLog;
    case FunctionalKind::kCorrelation:
      return IntervalScale::kAtanh;
    case FunctionalKind::kCdf:
      return IntervalScale::kLogit;
    default:
      return IntervalScale::kPlain;
  }
}

Functional of_portfolio(std::string name, FunctionalKind kind, const Vector& w, double at) {
  require(w.size() > 0 && w.allFinite() && !w.isZero(0.0), "w", "finite and not 0", w.transpose());
  Functional functional{.name = std::move(name), .kind = kind};
  functional.w = w;
  functional.at = at;
  functional.scale = scale_of(kind);
  return functional;
}

void require_tail(double alpha) { require(alpha > 0.0 && alpha < 1.0, "alpha", "in (0, 1)", alpha); }

}  // namespace

Functional value_at_risk_of(std::string name, const Vector& w, double alpha) {
  require_tail(alpha);
  return of_portfolio(std::move(name), FunctionalKind::kValueAtRisk, w, alpha);
}

Functional expected_shortfall_of(std::string name, const Vector& w, double alpha) {
  require_tail(alpha);
  return of_portfolio(std::move(name), FunctionalKind::kExpectedShortfall, w, alpha);
}

Functional cdf_of(std::string name, const Vector& w, double x) {
  require(std::isfinite(x), "x", "finite", x);
  return of_portfolio(std::move(name), FunctionalKind::kCdf, w, x);
}

Functional function_of_model(std::string name, std::function<double(const AnyMeanVarianceMixture&)> function,
                             IntervalScale scale) {
  require(static_cast<bool>(function), "function", "a function of the model", "none");
  Functional functional{.name = std::move(name), .kind = FunctionalKind::kFunction};
  functional.function = std::move(function);
  functional.scale = scale;
  return functional;
}

template <Subordinator S>
std::vector<Functional> default_functionals(const MeanVarianceMixture<S>& model) {
  const Index d = model.d();
  const bool few = 2 * d + d * (d + 1) / 2 + static_cast<Index>(shape_names<S>().size()) > kMostDense;
  std::vector<Functional> all;
  const auto add = [&](std::string name, FunctionalKind kind, Index i = 0, Index j = 0) {
    Functional functional{.name = std::move(name), .kind = kind};
    functional.i = i;
    functional.j = j;
    functional.scale = scale_of(kind);
    all.push_back(std::move(functional));
  };
  const auto add_columns = [&](FunctionalKind kind) {
    for (Index i = 0; i < d; ++i) add(std::string(word(kind)) + "_" + column_name(model.columns(), i), kind, i);
  };
  add_columns(FunctionalKind::kMean);
  add_columns(FunctionalKind::kSd);
  for (Index i = 1; !few && i < d; ++i) {
    for (Index j = 0; j < i; ++j) {
      add("corr_" + column_name(model.columns(), i) + "_" + column_name(model.columns(), j),
          FunctionalKind::kCorrelation, i, j);
    }
  }
  add_columns(FunctionalKind::kEYGamma);
  if (!few) {
    add_columns(FunctionalKind::kSkewness);
    add_columns(FunctionalKind::kKurtosis);
  }
  add("log_tail_weight", FunctionalKind::kLogTailWeight);
  const auto shapes = shape_names<S>();
  for (std::size_t k = 0; k < shapes.size(); ++k) add(shapes[k], FunctionalKind::kShape, static_cast<Index>(k));
  return all;
}

#define VARIMIX_INSTANTIATE(S) template std::vector<Functional> default_functionals(const MeanVarianceMixture<S>&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
