#include "named_status.hpp"
#include "numpy_arguments.hpp"
#include "state_properties.hpp"
#include "varimix/inference/gaussian_test.hpp"

namespace varimix::python {
namespace {

/// Defines a property that is a function of a state of any family.
template <class Getter, class... Extra>
void def_property(nb::class_<AnyOnlineEM>& state, const char* name, Getter getter, const Extra&... extra) {
  state.def_prop_ro(
      name, [getter](const AnyOnlineEM& self) { return visit_family(self, getter); }, extra...);
}

/// Returns the backtests of a state as the parts of varimix.risk.StreamBacktest.
nb::object backtests_of(const AnyOnlineEM& any) {
  nb::list parts;
  visit_family(any, [&](const auto& state) {
    const std::vector<WatchedPortfolio>& portfolios = state.state().options.portfolios;
    const std::vector<PortfolioBacktest> backtests = state.backtests();
    for (std::size_t k = 0; k < portfolios.size(); ++k) {
      const WatchedPortfolio& of = portfolios[k];
      const ShortfallSums& shortfall = backtests[k].shortfall;
      const AcerbiSzekely z = shortfall.acerbi_szekely(of.alpha);
      const auto days = static_cast<double>(shortfall.days);
      parts.append(nb::make_tuple(of.name, of.weights, of.alpha, backtests[k].counts, shortfall.days, z.z1, z.z2,
                                  shortfall.days > 0 ? std::optional(shortfall.scores / days) : std::nullopt,
                                  shortfall.e_process.log_last, shortfall.e_process.p_value(),
                                  backtests[k].without_return, backtests[k].without_forecast));
    }
  });
  return nb::module_::import_("varimix.risk.stream_backtest").attr("stream_backtests")(parts);
}

}  // namespace

void bind_state_properties(nb::class_<AnyOnlineEM>& state) {
  def_property(
      state, "model", [](const auto& s) { return nb::cast(s.model()); },
      nb::for_getter(nb::sig("def model(self) -> AnyModel")),
      "The model that users see, made from the rule's reported eta. It is a value and does not change with the state.");
  def_property(
      state, "driving_model", [](const auto& s) { return nb::cast(s.driving_model()); },
      nb::for_getter(nb::sig("def driving_model(self) -> AnyModel")),
      "The model that drives the next E-step, in the working gauge.");
  def_property(
      state, "columns",
      [](const auto& s) {
        const ColumnNames& columns = s.state().initial.columns();
        return columns.empty() ? nb::none() : nb::object(tuple_of(columns));
      },
      nb::for_getter(nb::sig("def columns(self) -> tuple[str, ...] | None")),
      "Names of the columns that the state learns, in order, or None. They are those of the initial model, or else of\n"
      "the first rows that had names.");
  def_property(
      state, "eta", [](const auto& s) { return Eta(s.eta()); },
      "The running expectation parameters: what a rule that blends statistics remembers, or the model's own where\n"
      "NaturalGradientUpdate moves the model; a moment of those that does not exist is that of the last E-step.");
  def_property(
      state, "step", [](const auto& s) { return s.step(); }, "Number of updates so far.");
  def_property(
      state, "total_weight", [](const auto& s) { return s.total_weight(); }, "Rows learned so far, by weight.");
  def_property(
      state, "log_score", [](const auto& s) { return LogScore(s.log_score()); },
      "The prequential score: the log densities that the model gave to rows before it learned from them.");
  def_property(
      state, "rows_read", [](const auto& s) { return s.position().rows(); },
      "Rows of the source, in the pass in hand, that fit_stream has learned.");
  def_property(
      state, "drift", [](const auto& s) { return DriftDetector(s.state().drift); },
      "The drift detector: the reference for new rows, and the charts that tell how near a signal is.");
  def_property(
      state, "changes", [](const auto& s) { return s.state().drift.changes; }, "Number of drift signals so far.");
  def_property(
      state, "gaussian_test",
      [](const auto& s) {
        const std::optional<GaussianTestStream>& stream = s.state().gaussian_test;
        return stream ? std::optional(gaussian_test(*stream)) : std::nullopt;
      },
      nb::for_getter(nb::sig("def gaussian_test(self) -> GaussianTest | None")),
      "The test of all rows against a Gaussian, each tested by rows before it; None without gaussian_test=True. Rows\n"
      "that fit_stream reads in a second pass are not tested again. Nothing is forgotten, whatever the rule.");
  state.def_prop_ro("backtests", &backtests_of, nb::for_getter(nb::sig("def backtests(self) -> dict[str, typing.Any]")),
                    "The backtests of ``portfolios``, by name: a dict of varimix.risk.StreamBacktest. Rows that "
                    "fit_stream reads in a\n"
                    "second pass are no days.");
  def_property(
      state, "status", [](const auto& s) { return named(s.status(), s.state().initial.columns()); },
      "All outcomes so far, and the limits in which the model is now.");
}

}  // namespace varimix::python
