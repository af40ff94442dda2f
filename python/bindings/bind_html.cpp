#include "bindings.hpp"

namespace varimix::python {
namespace {

constexpr const char* kHtml = "_repr_html_";

nb::object html_of(nb::handle self) { return nb::module_::import_("varimix.html").attr("html_of")(self); }

}  // namespace

void bind_html(nb::module_& m) {
  for (const auto& [name, member] : nb::borrow<nb::dict>(m.attr("__dict__"))) {
    const bool is_of_values = nb::isinstance<nb::type_object>(member) && nb::type_check(member) &&
                              nb::hasattr(member, "__getstate__") && nb::hasattr(member, "__setstate__");
    if (!is_of_values) continue;
    nb::setattr(
        member, kHtml,
        nb::cpp_function(&html_of, nb::name(kHtml), nb::scope(member), nb::is_method(),
                         nb::sig("def _repr_html_(self) -> str"), "Return a small table, as notebooks show it."));
  }
}

}  // namespace varimix::python
