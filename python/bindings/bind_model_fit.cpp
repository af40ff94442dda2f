#include "bindings.hpp"
#include "model_fit.hpp"
#include "numpy_arguments.hpp"

namespace varimix::python {
namespace {

/// The attribute `fit` of a model or of a class, which is the `start` of the fit.
struct Fit {
  nb::object start;

  /// Runs Python's BatchEMFitter, which handles progress and Ctrl-C, with the caller's options.
  [[nodiscard]] nb::object operator()(nb::handle x, nb::handle weights, nb::handle sample_weight, nb::handle columns,
                                      const nb::kwargs& options) const {
    const nb::object fitter = nb::module_::import_("varimix").attr("BatchEMFitter")(**options);
    const auto fit = [&](nb::handle model, nb::handle rows) {
      return fitter.attr("fit")(model, rows, nb::arg("weights") = weights, nb::arg("sample_weight") = sample_weight);
    };
    const nb::object data = chosen(x, columns);
    if (!nb::isinstance<nb::type_object>(start)) return fit(start, data);
    const nb::object rows =
        nb::module_::import_("varimix.rows").attr("NamedRows").attr("of")(data);  // they may come once
    return fit(nb::object(start.attr("default_init")(rows, nb::arg("missing") = fitter.attr("missing"))), rows);
  }
};

}  // namespace

void bind_model_fit(nb::module_& m) {
  nb::class_<Fit> fit_of(
      m, "Fit", nb::is_generic(), nb::sig("class Fit(typing.Generic[AnyModel])"),
      "The short form of BatchEMFitter: ``NormalInverseGaussian.fit(X)`` starts from default_init(X),\n"
      "``model.fit(X)`` from the model.");
  fit_of.attr("__hash__") = nb::none();
  fit_of
      .def("__call__", &Fit::operator(), nb::arg("X"), nb::arg("weights") = nb::none(), nb::kw_only(),
           nb::arg("sample_weight") = nb::none(), nb::arg("columns") = nb::none(), nb::arg("options"),
           nb::sig("def __call__(self, X: numpy.typing.ArrayLike, weights: numpy.typing.ArrayLike | None = None, *, "
                   "sample_weight: numpy.typing.ArrayLike | None = None, "
                   "columns: collections.abc.Sequence[str | int] | None = None, **options: typing.Any) "
                   "-> EMResult[AnyModel]"),
           "Return BatchEMFitter(**options).fit(model, X, weights=weights). ``sample_weight`` is scikit-learn's name\n"
           "for ``weights``. ``columns`` chooses those of a table or file, as in fit_stream.")
      .def(
          "__eq__", [](const Fit& a, const Fit& b) { return a.start.equal(b.start); }, nb::is_operator(),
          nb::sig("def __eq__(self, arg: object, /) -> bool"))
      .def(
          "__reduce__",
          [](const Fit& fit) {
            return nb::make_tuple(nb::module_::import_("builtins").attr("getattr"), nb::make_tuple(fit.start, "fit"));
          },
          nb::sig("def __reduce__(self) -> tuple[typing.Any, ...]"),
          "Pickle this as a bound method is pickled, by its object and its name.")
      .def("__repr__", [](const Fit& fit) { return "<fit from " + nb::cast<std::string>(nb::repr(fit.start)) + ">"; });
  nb::class_<FitMethod>(m, "FitMethod",
                        "A descriptor that makes ``fit`` a function of a class and of its models alike.")
      .def(
          "__get__",
          [](const FitMethod& /*self*/, nb::handle model, nb::handle family) {
            return Fit{nb::borrow(model.is_none() ? family : model)};
          },
          nb::arg("model").none(), nb::arg("family") = nb::none(),
          nb::sig("def __get__(self, model: AnyModel | None, family: type[AnyModel] | None = None) -> Fit[AnyModel]"),
          "Return the fit that starts from ``model``; without one, that of the class.");
}

}  // namespace varimix::python
