#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <variant>

#include "varimix/mixture/normal_mixture.hpp"

namespace nb = nanobind;

/// The laws of Y whose mixtures are bound: what a template of a bind_*.cpp is instantiated for.
#define VARIMIX_FOR_EACH_LAW(INSTANTIATE) \
  INSTANTIATE(InverseGaussian)            \
  INSTANTIATE(Gamma)                      \
  INSTANTIATE(InverseGamma)               \
  INSTANTIATE(GeneralizedInverseGaussian)

namespace varimix::python {

/// One alternative for each family: Of<InverseGaussian>, Of<Gamma>, ...
template <template <class> class Of>
using OneOfFamilies = std::variant<Of<InverseGaussian>, Of<Gamma>, Of<InverseGamma>, Of<GeneralizedInverseGaussian>>;

/// std::visit for a class that holds one family's value in its field `any`.
template <class Visitor, class Held>
decltype(auto) visit_family(Visitor&& visitor, Held&& held) {
  return std::visit(std::forward<Visitor>(visitor), std::forward<Held>(held).any);
}

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
