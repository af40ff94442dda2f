#pragma once

#include <string>

#include "varimix/mixture/mean_variance_mixture.hpp"

/// The laws of Y whose mixtures are bound: what a template of a bind_*.cpp is instantiated for.
#define VARIMIX_FOR_EACH_LAW(INSTANTIATE) \
  INSTANTIATE(InverseGaussian)            \
  INSTANTIATE(Gamma)                      \
  INSTANTIATE(InverseGamma)               \
  INSTANTIATE(GeneralizedInverseGaussian)

namespace varimix::python {

/// `text` with the family's name for every `{family}`, its law of Y for `{law}` and that law's parameters, each followed by
/// `suffix`, for `{shape}`: "alpha: float, beta: float" with the suffix ": float".
template <class S>
std::string for_family(std::string text, const std::string& suffix = ": float") {
  std::string shape;
  for (const char* parameter : S::kParameterNames) shape += (shape.empty() ? "" : ", ") + (parameter + suffix);
  const auto substitute = [&text](const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  };
  substitute("{family}", kFamilyName<S>);
  substitute("{law}", S::kName);
  substitute("{shape}", shape);
  return text;
}

}  // namespace varimix::python
