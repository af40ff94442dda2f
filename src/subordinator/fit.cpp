#include "varimix/subordinator/fit.hpp"

#include <cmath>
#include <string>

#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// A sum with the part that rounding took from it (Neumaier 1974).
class CompensatedSum {
 public:
  void add(double x) {
    const double next = sum_ + x;
    lost_ += std::abs(sum_) >= std::abs(x) ? (sum_ - next) + x : (x - next) + sum_;
    sum_ = next;
  }
  [[nodiscard]] double value() const { return std::isfinite(sum_) ? sum_ + lost_ : sum_; }

 private:
  double sum_ = 0.0;
  double lost_ = 0.0;
};

void require_element(bool holds, const char* array, std::size_t i, const char* constraint, double value) {
  if (!holds) require(false, std::string(array) + "[" + std::to_string(i) + "]", constraint, value);
}

void check_data(std::span<const double> y, std::span<const double> weights) {
  require(!y.empty(), "y", "of one or more elements", "none");
  require(weights.empty() || weights.size() == y.size(), "weights", "of as many elements as y", weights.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    require_element(std::isfinite(y[i]) && y[i] > 0.0, "y", i, "finite and > 0", y[i]);
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    require_element(std::isfinite(weights[i]) && weights[i] >= 0.0, "weights", i, "finite and >= 0", weights[i]);
  }
}

/// Returns the sum of w_i f(y_i) over the data of weight > 0; without weights every w_i is 1.
template <class F>
double weighted_sum(std::span<const double> y, std::span<const double> weights, F&& f) {
  CompensatedSum sum;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (weights.empty()) {
      sum.add(f(y[i]));
    } else if (weights[i] > 0.0) {
      sum.add(weights[i] * f(y[i]));
    }
  }
  return sum.value();
}

template <class S>
ShapeFit<S> fit_to_moments(const DataMoments& m, const HeldParameters<S>& held) {
  if (held.any()) {
    // The fit is done in the data's own unit, so that held values stay as they are.
    return S::maximum_likelihood(m.inv_y / m.unit, m.y * m.unit, m.log_y + std::log(m.unit), held);
  }
  const ShapeFit<S> fit = S::maximum_likelihood(m.inv_y, m.y, m.log_y);
  return {fit.law.rescale_y(m.unit), fit.limit};
}

/// The likelihood's curvature in p gives p the standard error a0 sqrt(6 / (n S)), S = log(E[1/Y] E[Y]), while |p| < a0
/// in any case: below n S = 6 the data do not determine p.
constexpr double kLeastInformation = 6.0;

template <class S>
ShapeLimit limit_of(const ShapeFit<S>& fit, const DataMoments& m) {
  constexpr bool kHasOrder = std::same_as<S, GeneralizedInverseGaussian>;
  const bool is_flat = m.total_weight * std::log(m.inv_y * m.y) < kLeastInformation;
  return kHasOrder && fit.limit == ShapeLimit::kNone && is_flat ? ShapeLimit::kOrderNotIdentified : fit.limit;
}

}  // namespace

DataMoments data_moments(std::span<const double> y, std::span<const double> weights) {
  check_data(y, weights);
  const auto mean_of = [&](double total, auto&& f) { return weighted_sum(y, weights, f) / total; };
  const double total = weighted_sum(y, weights, [](double) { return 1.0; });
  require(total > 0.0, "weights", "not all zero", total);
  require(std::isfinite(total), "sum of weights", "finite", total);
  const double mean_log = mean_of(total, [](double v) { return std::log(v); });
  DataMoments m{};
  m.unit = std::exp(mean_log);
  m.y = mean_of(total, [&](double v) { return v / m.unit; });
  m.inv_y = mean_of(total, [&](double v) { return m.unit / v; });
  m.log_y = mean_log - std::log(m.unit);
  m.total_weight = total;
  require(std::isfinite(m.y), "mean of y / exp(mean of log y)", "within the range of doubles", m.y);
  require(std::isfinite(m.inv_y), "mean of exp(mean of log y) / y", "within the range of doubles", m.inv_y);
  return m;
}

template <Subordinator S>
DataFit<S> fit_subordinator(std::span<const double> y, std::span<const double> weights, const HeldParameters<S>& held) {
  const DataMoments moments = data_moments(y, weights);
  const ShapeFit<S> fit = fit_to_moments<S>(moments, held);
  const double log_likelihood = weighted_sum(y, weights, [&](double v) { return fit.law.log_prob(v); });
  return {fit.law, held.any() ? fit.limit : limit_of(fit, moments), log_likelihood, moments.total_weight};
}

template DataFit<Gamma> fit_subordinator(std::span<const double>, std::span<const double>,
                                         const HeldParameters<Gamma>&);
template DataFit<InverseGamma> fit_subordinator(std::span<const double>, std::span<const double>,
                                                const HeldParameters<InverseGamma>&);
template DataFit<InverseGaussian> fit_subordinator(std::span<const double>, std::span<const double>,
                                                   const HeldParameters<InverseGaussian>&);
template DataFit<GeneralizedInverseGaussian> fit_subordinator(std::span<const double>, std::span<const double>,
                                                              const HeldParameters<GeneralizedInverseGaussian>&);

}  // namespace varimix
