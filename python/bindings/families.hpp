#pragma once

#include <string>

#include "varimix/mixture/mean_variance_mixture.hpp"

/// The laws of Y whose mixtures are bound. The templates of the bind_*.cpp are instantiated for each.
#define VARIMIX_FOR_EACH_LAW(INSTANTIATE) \
  INSTANTIATE(InverseGaussian)            \
  INSTANTIATE(Gamma)                      \
  INSTANTIATE(InverseGamma)               \
  INSTANTIATE(GeneralizedInverseGaussian)

namespace varimix::python {

/// Returns `text` with every `{family}` replaced by the family's name, `{law}` by that of its law of Y, and `{shape}`
/// by that law's parameters, each followed by `suffix`, as in "alpha: float, beta: float" for the suffix ": float".
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
