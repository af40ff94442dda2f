#include "limits.hpp"

#include <algorithm>
#include <concepts>
#include <iterator>
#include <sstream>

#include "mixture/families.hpp"
#include "varimix/core/constants.hpp"

namespace varimix {
namespace {

std::string number(double x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

std::optional<Irregularity> irregularity_of(const VarianceGamma& model) {
  const double alpha = model.subordinator().alpha();
  const double smooth = least_regular_alpha(model.d());
  if (alpha >= smooth) return std::nullopt;
  const std::string where = "alpha is " + number(alpha) + ", below ";
  if (alpha >= 1.0) return Irregularity{where + "1 + d/4 = " + number(smooth), true};
  return Irregularity{where + "1, where the observed information has no mean", false};
}

std::optional<Irregularity> irregularity_of(const NormalInverseGamma& model) {
  const double alpha = model.subordinator().alpha();
  if (alpha > 1.0 || model.gamma().isZero(0.0)) return std::nullopt;
  return Irregularity{"alpha is " + number(alpha) + ", at most 1: the information about gamma is infinite", true};
}

template <class M>
std::optional<Irregularity> irregularity_of(const M& /*model*/) {
  return std::nullopt;
}

}  // namespace

template <class M>
std::optional<Irregularity> irregularity(const M& model) {
  return irregularity_of(model);
}

template <class M>
std::vector<Index> collinear_columns(const M& model) {
  constexpr double kNearFloor = 100.0 * kDispersionFloorRatio;
  std::vector<Index> columns;
  for (Index j = 0; j < model.d(); ++j) {
    const double share = model.L_Sigma()(j, j) / model.L_Sigma().row(j).stableNorm();
    if (share * share <= kNearFloor) columns.push_back(j);
  }
  return columns;
}

template <class M>
std::optional<AnyMeanVarianceMixture> law_of_face(const M& model) {
  if constexpr (std::same_as<M, GeneralizedHyperbolic>) {
    const GigParameters gig = model.subordinator().gig();
    if (gig.a == 0.0) {
      return NormalInverseGamma(model.mu(), model.gamma(), model.L_Sigma(), InverseGamma(-gig.p, 0.5 * gig.b))
          .with_columns(model.columns());
    }
    if (gig.b == 0.0) {
      return VarianceGamma(model.mu(), model.gamma(), model.L_Sigma(), Gamma(gig.p, 0.5 * gig.a))
          .with_columns(model.columns());
    }
  }
  return std::nullopt;
}

std::vector<std::string> fixed_on_face(const std::vector<std::string>& fixed, Family family) {
  const std::string scale = family == Family::kNormalInverseGamma ? "b" : "a";  // the other one is 0
  std::vector<std::string> names;
  for (const std::string& name : fixed) {
    if (name == "p") {
      names.emplace_back("alpha");
    } else if (name == scale) {
      names.emplace_back("beta");
    } else if (name != "a" && name != "b") {
      names.push_back(name);
    }
  }
  return names;
}

template <class M>
std::vector<Functional> functionals_on_face(const std::vector<Functional>& functionals, const M& face) {
  const auto is_shape = [](const Functional& functional) { return functional.kind == FunctionalKind::kShape; };
  std::vector<Functional> on_face;
  std::remove_copy_if(functionals.begin(), functionals.end(), std::back_inserter(on_face), is_shape);
  if (on_face.size() < functionals.size()) {
    const std::vector<Functional> of_face = default_functionals(face);
    std::copy_if(of_face.begin(), of_face.end(), std::back_inserter(on_face), is_shape);
  }
  return on_face;
}

template <class M>
std::vector<std::string> all_but_location_and_dispersion(const InferenceOptions& options) {
  std::vector<std::string> names = options.fixed;
  if (!options.symmetric) names.emplace_back("gamma");
  for (const char* name : M::SubordinatorType::kParameterNames) names.emplace_back(name);
  return names;
}

#define VARIMIX_INSTANTIATE(M)                                                                    \
  template std::optional<Irregularity> irregularity(const M&);                                    \
  template std::vector<Index> collinear_columns(const M&);                                        \
  template std::optional<AnyMeanVarianceMixture> law_of_face(const M&);                           \
  template std::vector<Functional> functionals_on_face(const std::vector<Functional>&, const M&); \
  template std::vector<std::string> all_but_location_and_dispersion<M>(const InferenceOptions&);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
