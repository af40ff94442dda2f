#include "varimix/mixture/fixed_parameters.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "families.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// The powers of s by which the parameters of a law grow as Y becomes sY.
template <Subordinator S>
inline constexpr std::nullptr_t kGaugePowers = nullptr;  // a law without powers does not compile
template <>
inline constexpr std::array<int, 2> kGaugePowers<InverseGaussian> = {1, 1};
template <>
inline constexpr std::array<int, 2> kGaugePowers<Gamma> = {0, -1};
template <>
inline constexpr std::array<int, 2> kGaugePowers<InverseGamma> = {0, 1};
template <>
inline constexpr std::array<int, 3> kGaugePowers<GeneralizedInverseGaussian> = {0, -1, 1};

template <Subordinator S>
std::string known_names() {
  std::string names = "one of 'mu', 'gamma', 'sigma'";
  for (const char* name : S::kParameterNames) names += std::string(", '") + name + "'";
  return names;
}

}  // namespace

template <Subordinator S>
bool FixedParameters<S>::empty() const {
  return !mu && !gamma && !L_Sigma && !shape.any();
}

template <Subordinator S>
bool FixedParameters<S>::tie_scale() const {
  return L_Sigma || (gamma && !gamma->isZero(0.0));
}

template <Subordinator S>
bool FixedParameters<S>::depend_on_gauge() const {
  if (tie_scale()) return true;
  for (std::size_t k = 0; k < shape.values.size(); ++k) {
    if (shape.values[k] && kGaugePowers<S>[k] != 0) return true;
  }
  return false;
}

template <Subordinator S>
FixedParameters<S> FixedParameters<S>::rescale_y(double s) const {
  FixedParameters scaled = *this;
  if (gamma) scaled.gamma = *gamma / s;
  if (L_Sigma) scaled.L_Sigma = *L_Sigma / std::sqrt(s);
  for (std::size_t k = 0; k < shape.values.size(); ++k) {
    if (shape.values[k]) scaled.shape.values[k] = *shape.values[k] * std::pow(s, kGaugePowers<S>[k]);
  }
  return scaled;
}

template <Subordinator S>
FixedParameters<S> fix_parameters(const MeanVarianceMixture<S>& model, const std::vector<std::string>& names,
                                  bool symmetric) {
  FixedParameters<S> fixed;
  const auto shape = model.subordinator().parameters();
  for (const std::string& name : names) {
    const auto found = std::find(S::kParameterNames.begin(), S::kParameterNames.end(), name);
    if (name == "mu") {
      fixed.mu = model.mu();
    } else if (name == "gamma") {
      fixed.gamma = model.gamma();
    } else if (name == "sigma") {
      fixed.L_Sigma = model.L_Sigma();
    } else {
      require(found != S::kParameterNames.end(), "fixed", known_names<S>(), "'" + name + "'");
      const auto k = static_cast<std::size_t>(found - S::kParameterNames.begin());
      fixed.shape.values[k] = shape[k];
    }
  }
  if (symmetric) {
    std::ostringstream shown;
    if (fixed.gamma) shown << fixed.gamma->transpose();
    require(!fixed.gamma || fixed.gamma->isZero(0.0), "gamma", "0 where it is fixed and symmetric=True", shown.str());
    fixed.gamma = Vector::Zero(model.d());
  }
  return fixed;
}

template <Subordinator S>
double scale_to_fixed(const S& law, const FixedParameters<S>& fixed) {
  const auto parameters = law.parameters();
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    const auto& value = fixed.shape.values[k];
    if (value && kGaugePowers<S>[k] != 0) return std::pow(*value / parameters[k], 1.0 / kGaugePowers<S>[k]);
  }
  return 1.0;
}

template <Subordinator S>
Index free_parameters(Index d, const FixedParameters<S>& fixed) {
  Index free = fixed.depend_on_gauge() ? 0 : -1;
  if (!fixed.mu) free += d;
  if (!fixed.gamma) free += d;
  if (!fixed.L_Sigma) free += d * (d + 1) / 2;
  for (const auto& value : fixed.shape.values) free += value ? 0 : 1;
  return free;
}

template <Subordinator S>
MeanVarianceMixture<S> with_fixed(const MeanVarianceMixture<S>& model, const FixedParameters<S>& fixed) {
  if (fixed.empty()) return model;
  auto shape = model.subordinator().parameters();
  for (std::size_t k = 0; k < shape.size(); ++k) shape[k] = fixed.shape.values[k].value_or(shape[k]);
  return {fixed.mu.value_or(model.mu()), fixed.gamma.value_or(model.gamma()), fixed.L_Sigma.value_or(model.L_Sigma()),
          S::from_parameters(shape)};
}

#define VARIMIX_INSTANTIATE(S)                                                                                      \
  template struct FixedParameters<S>;                                                                               \
  template FixedParameters<S> fix_parameters(const MeanVarianceMixture<S>&, const std::vector<std::string>&, bool); \
  template double scale_to_fixed(const S&, const FixedParameters<S>&);                                              \
  template Index free_parameters(Index, const FixedParameters<S>&);                                                 \
  template MeanVarianceMixture<S> with_fixed(const MeanVarianceMixture<S>&, const FixedParameters<S>&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
