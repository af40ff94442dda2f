#include "bindings.hpp"

NB_MODULE(_varimix, m) {
  nb::set_leak_warnings(false);  // objects that other modules still hold at exit are no leaks
  m.doc() = "The compiled core of varimix.";
  m.attr("version") = VARIMIX_VERSION;
  varimix::python::bind_core(m);
  varimix::python::bind_special(m);
  varimix::python::bind_stats(m);
  varimix::python::bind_subordinator(m);
  varimix::python::bind_mixture(m);
  varimix::python::bind_parameterizations(m);
  varimix::python::bind_risk_portfolio(m);
  varimix::python::bind_risk_scenarios(m);
  varimix::python::bind_risk_optimum(m);
  varimix::python::bind_update_rules(m);
  varimix::python::bind_shrinkage_targets(m);
  varimix::python::bind_em_result(m);
  varimix::python::bind_batch_report(m);
  varimix::python::bind_parameter_covariance(m);
  varimix::python::bind_inference_gaussian(m);
  varimix::python::bind_online_em(m);
  varimix::python::bind_fit_stream(m);
  varimix::python::bind_incremental_em_fitter(m);
  varimix::python::bind_batch_em_fitter(m);
  varimix::python::bind_fit_best(m);
  varimix::python::bind_distributed(m);
  varimix::python::bind_inference(m);
  varimix::python::bind_inference_streams(m);
  varimix::python::bind_bootstrap_result(m);
  varimix::python::bind_risk_backtest(m);
  varimix::python::bind_risk_shortfall(m);
  varimix::python::bind_inference_tests(m);
  varimix::python::bind_html(m);
  varimix::python::bind_help(m);
}
