#include <string>
#include <tuple>

#include "bindings.hpp"
#include "plain_data.hpp"
#include "read_only.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/parameter_covariance.hpp"

namespace varimix::python {
namespace {

/// The most parameters of which `repr` shows all.
constexpr std::size_t kShownOfCovariance = 40;

}  // namespace

void bind_parameter_covariance(nb::module_& m) {
  nb::class_<ParameterCovariance> result(m, "ParameterCovariance",
                                         "The parameters of a fitted law in the gauge E[Y] = 1 (E[1/Y] = 1 for a "
                                         "NormalInverseGamma), with the covariance\n"
                                         "of their estimates. p is the number of names.");
  bind_plain_data(
      result,
      [](auto& of) {
        auto& [names, params, cov] = of;
        return std::tie(names, params, cov);
      },
      [](const ParameterCovariance& of) {
        const auto p = static_cast<Index>(of.names.size());
        require(of.params.size() == p, "params", "as many as names", of.params.size());
        require(of.cov.rows() == p && of.cov.cols() == p, "cov", "of shape (p, p)", of.cov.size());
      });
  result
      .def_ro("names", &ParameterCovariance::names,
              "'mu_1', ..., 'gamma_1', ..., 'sigma_1_1', 'sigma_2_1', ..., and the shape: 'log_tail_weight' of a\n"
              "NormalInverseGaussian, 'log_alpha' of a VarianceGamma or NormalInverseGamma, 'p' and 'log_omega',\n"
              "omega = sqrt(ab), of a GeneralizedHyperbolic.")
      .def_prop_ro(
          "params", [](const ParameterCovariance& of) { return read_only(of.params); }, kArray, "The estimates (p).")
      .def_prop_ro(
          "cov", [](const ParameterCovariance& of) { return read_only(of.cov); }, kArray,
          "Their covariance (p, p); rows and columns of 0 for what is fixed, but for gamma and\n"
          "Sigma, which are held in the unit of Y of the initial model.")
      .def_prop_ro(
          "bse", [](const ParameterCovariance& of) { return read_only(of.bse()); }, kArray,
          "Their standard errors (p).")
      .def("__repr__", [](const ParameterCovariance& of) {
        std::string text = "ParameterCovariance(";
        const Vector errors = of.bse();
        for (std::size_t k = 0; k < of.names.size(); ++k) {
          if (of.names.size() > kShownOfCovariance && k >= kShownOfCovariance - 1 && k + 1 < of.names.size()) {
            if (k == kShownOfCovariance - 1) text += ", ...";
            continue;
          }
          const auto i = static_cast<Index>(k);
          text += (k == 0 ? "" : ", ") + of.names[k] + "=" + to_string(of.params(i)) + " +- " + to_string(errors(i));
        }
        return text + ")";
      });
}

}  // namespace varimix::python
