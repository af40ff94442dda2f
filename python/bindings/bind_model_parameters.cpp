#include "bindings.hpp"
#include "families.hpp"
#include "law_class.hpp"
#include "model_class.hpp"
#include "read_only.hpp"

namespace varimix::python {
namespace {

template <class S>
inline constexpr std::array<const char*, S::kParameterNames.size()> kParameterDocs = {};
template <>
inline constexpr std::array<const char*, 2> kParameterDocs<InverseGaussian> = {"Mean of Y.", "Shape of Y."};
template <>
inline constexpr std::array<const char*, 2> kParameterDocs<Gamma> = {"Shape of Y.", "Rate of Y."};
template <>
inline constexpr std::array<const char*, 2> kParameterDocs<InverseGamma> = {"Shape of Y; half the degrees of freedom.",
                                                                            "Scale of Y."};
template <>
inline constexpr std::array<const char*, 3> kParameterDocs<GeneralizedInverseGaussian> = {
    "Order of Y.", "Weight of Y in its density's exponent.", "Weight of 1/Y in its density's exponent."};

template <class S, std::size_t... k>
void bind_shape(Model<S>& model, std::index_sequence<k...> /*parameters*/) {
  (model.def_prop_ro(
       S::kParameterNames[k], [](const MeanVarianceMixture<S>& m) { return m.subordinator().parameters()[k]; },
       kParameterDocs<S>[k]),
   ...);
}

}  // namespace

template <class S>
void bind_model_parameters(Model<S>& model) {
  using M = MeanVarianceMixture<S>;
  bind_shape<S>(model, kParameterIndices<S>);
  model.def_prop_ro("d", &M::d, "Dimension of X.")
      .def_prop_ro(
          "mu", [](const M& m) { return read_only(m.mu()); }, kArray, "Location (d). Read-only.")
      .def_prop_ro(
          "gamma", [](const M& m) { return read_only(m.gamma()); }, kArray, "Skewness (d). Read-only.")
      .def_prop_ro(
          "L_Sigma", [](const M& m) { return read_only(m.L_Sigma()); }, kArray,
          "Lower Cholesky factor of Sigma (d, d). Read-only.")
      .def("sigma", &M::sigma, "Return the dispersion Sigma (d, d).")
      .def("log_det_sigma", &M::log_det_sigma, "Return log det Sigma.")
      .def(
          "subordinator", [](const M& m) { return m.subordinator(); }, "Return the law of Y.")
      .def("tail_weight", &M::tail_weight,
           "Return E[Y]E[1/Y] - 1 >= 0, which is gauge-free: 0 is the Gaussian, larger is heavier tails; inf where a\n"
           "moment does not exist.")
      .def("compute_eta_from_model", &M::compute_eta_from_model,
           "Return the expectation parameters of the model itself.")
      .def("same_law", &M::same_law, nb::arg("other"), nb::arg("tolerance"),
           "Return whether both are the same law of X to a tolerance, in gauge-free terms: parameters may differ.");
}

#define VARIMIX_INSTANTIATE(S) template void bind_model_parameters<S>(Model<S> & model);
VARIMIX_FOR_EACH_LAW(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix::python
