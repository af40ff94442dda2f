#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>

#include <tuple>

#include "bindings.hpp"
#include "families.hpp"
#include "numpy_arguments.hpp"
#include "varimix/mixture/parameterizations.hpp"

namespace varimix::python {
namespace {

/// Returns make.operator()<S>() for the family whose class Python gave.
template <class Make>
AnyMeanVarianceMixture of_family(nb::handle family, Make&& make) {
// NOLINTBEGIN(bugprone-macro-parentheses): S is a type
#define VARIMIX_TRY(S) \
  if (family.is(nb::type<MeanVarianceMixture<S>>())) return std::forward<Make>(make).template operator()<S>();
  VARIMIX_FOR_EACH_LAW(VARIMIX_TRY)
#undef VARIMIX_TRY
  // NOLINTEND(bugprone-macro-parentheses)
  throw nb::type_error(
      ("family must be the class of a MeanVarianceMixture, got " + nb::cast<std::string>(nb::repr(family))).c_str());
}

void bind_scipy(nb::module_& m) {
  m.def("to_scipy_norminvgauss", [](const NormalInverseGaussian& model) {
    const auto [a, b, loc, scale] = to_scipy_norminvgauss(model);
    return std::tuple(a, b, loc, scale);
  });
  m.def("from_scipy_norminvgauss", [](double a, double b, double loc, double scale) {
    return from_scipy_norminvgauss({a, b, loc, scale});
  });
  m.def("to_scipy_genhyperbolic", [](const AnyMeanVarianceMixture& any) {
    const auto [p, a, b, loc, scale] = std::visit([](const auto& model) { return to_scipy_genhyperbolic(model); }, any);
    return std::tuple(p, a, b, loc, scale);
  });
  m.def(
      "from_scipy_genhyperbolic",
      [](double p, double a, double b, double loc, double scale, nb::handle family) {
        return of_family(family, [&]<class S>() { return from_scipy_genhyperbolic<S>({p, a, b, loc, scale}); });
      },
      nb::sig("def from_scipy_genhyperbolic(p: float, a: float, b: float, loc: float, scale: float, "
              "family: type[AnyModel], /) -> AnyModel"));
}

void bind_ghyp(nb::module_& m) {
  m.def("to_ghyp_chi_psi", [](const AnyMeanVarianceMixture& any) {
    GhypChiPsi g = std::visit([](const auto& model) { return to_ghyp_chi_psi(model); }, any);
    return std::tuple(g.lambda, g.chi, g.psi, std::move(g.mu), std::move(g.sigma), std::move(g.gamma));
  });
  m.def(
      "from_ghyp_chi_psi",
      [](double lambda, double chi, double psi, nb::handle mu, nb::handle sigma, nb::handle gamma, nb::handle family) {
        const GhypChiPsi given = {
            lambda, chi, psi, to_vector(mu, "mu"), to_matrix(sigma, "sigma"), to_vector(gamma, "gamma")};
        return of_family(family, [&]<class S>() { return from_ghyp_chi_psi<S>(given); });
      },
      nb::sig("def from_ghyp_chi_psi(lambda_: float, chi: float, psi: float, mu: numpy.typing.ArrayLike, "
              "sigma: numpy.typing.ArrayLike, gamma: numpy.typing.ArrayLike, family: type[AnyModel], /) -> AnyModel"));
  m.def("to_ghyp_alpha_beta_delta", [](const AnyMeanVarianceMixture& any) {
    GhypAlphaBetaDelta g = std::visit([](const auto& model) { return to_ghyp_alpha_beta_delta(model); }, any);
    return std::tuple(g.lambda, g.alpha, g.delta, std::move(g.beta), std::move(g.mu), std::move(g.delta_matrix));
  });
  m.def(
      "from_ghyp_alpha_beta_delta",
      [](double lambda, double alpha, double delta, nb::handle beta, nb::handle mu, nb::handle delta_matrix,
         nb::handle family) {
        const GhypAlphaBetaDelta given = {lambda,
                                          alpha,
                                          delta,
                                          to_vector(beta, "beta"),
                                          to_vector(mu, "mu"),
                                          to_matrix(delta_matrix, "delta_matrix")};
        return of_family(family, [&]<class S>() { return from_ghyp_alpha_beta_delta<S>(given); });
      },
      nb::sig(
          "def from_ghyp_alpha_beta_delta(lambda_: float, alpha: float, delta: float, beta: numpy.typing.ArrayLike, "
          "mu: numpy.typing.ArrayLike, delta_matrix: numpy.typing.ArrayLike, family: type[AnyModel], /) "
          "-> AnyModel"));
}

void bind_variance_gamma(nb::module_& m) {
  m.def("to_sigma_nu_theta", [](const VarianceGamma& model) {
    const auto [sigma, nu, theta, mu] = to_sigma_nu_theta(model);
    return std::tuple(sigma, nu, theta, mu);
  });
  m.def("from_sigma_nu_theta", [](double sigma, double nu, double theta, double mu) {
    return from_sigma_nu_theta({sigma, nu, theta, mu});
  });
  m.def("to_cgm", [](const VarianceGamma& model) {
    const auto [C, G, M, mu] = to_cgm(model);
    return std::tuple(C, G, M, mu);
  });
  m.def("from_cgm", [](double C, double G, double M, double mu) { return from_cgm({C, G, M, mu}); });
}

}  // namespace

void bind_parameterizations(nb::module_& m) {
  bind_scipy(m);
  bind_ghyp(m);
  bind_variance_gamma(m);
}

}  // namespace varimix::python
