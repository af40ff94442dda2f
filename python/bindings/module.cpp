#include "bindings.hpp"

NB_MODULE(_varimix, m) {
  m.doc() = "The compiled core of varimix.";
  varimix::python::bind_core(m);
  varimix::python::bind_stats(m);
  varimix::python::bind_mixture(m);
  varimix::python::bind_update_rules(m);
  varimix::python::bind_em(m);
}
