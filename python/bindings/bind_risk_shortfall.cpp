#include <nanobind/stl/pair.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings.hpp"
#include "families.hpp"
#include "gil.hpp"
#include "numpy_arguments.hpp"
#include "read_only.hpp"
#include "varimix/core/require.hpp"
#include "varimix/risk/e_backtest.hpp"
#include "varimix/risk/shortfall_score.hpp"

namespace varimix::python {
namespace {

/// Numbers of each day that a caller gave, held while they are viewed.
class ForecastArguments {
 public:
  ForecastArguments(nb::handle returns, nb::handle value_at_risk, nb::handle expected_shortfall, double alpha)
      : returns_(returns, "returns"),
        value_at_risk_(value_at_risk, "value_at_risk"),
        expected_shortfall_(expected_shortfall, "expected_shortfall"),
        alpha_(alpha) {}
  [[nodiscard]] ShortfallForecasts view() const noexcept {
    return {returns_.span(), value_at_risk_.span(), expected_shortfall_.span(), alpha_};
  }

 private:
  Numbers returns_;
  Numbers value_at_risk_;
  Numbers expected_shortfall_;
  double alpha_;
};

template <class S>
std::optional<UnivariateLaw> law_if(nb::handle model) {
  using M = MeanVarianceMixture<S>;
  return nb::isinstance<M>(model) ? std::optional(nb::cast<const M&>(model).univariate_law("laws")) : std::nullopt;
}

/// Returns the law of a model of one dimension. Throws nb::type_error for anything else than a model.
UnivariateLaw law_from_python(nb::handle model) {
#define VARIMIX_TRY(S) \
  if (const auto law = law_if<S>(model)) return *law;
  VARIMIX_FOR_EACH_LAW(VARIMIX_TRY)
#undef VARIMIX_TRY
  throw nb::type_error(("laws must be models, got " + nb::cast<std::string>(model.type().attr("__name__"))).c_str());
}

std::vector<UnivariateLaw> laws_from_python(nb::handle models) {
  if (!nb::isinstance<nb::iterable>(models)) return {law_from_python(models)};
  std::vector<UnivariateLaw> laws;
  for (const nb::handle model : nb::borrow<nb::iterable>(models)) laws.push_back(law_from_python(model));
  return laws;
}

constexpr const char* kForecasts =
    "returns: numpy.typing.ArrayLike, value_at_risk: numpy.typing.ArrayLike, expected_shortfall: "
    "numpy.typing.ArrayLike, alpha: float";

std::string signature_of(const char* name, const char* more, const char* result) {
  return std::string("def ") + name + "(" + kForecasts + more + ") -> " + result;
}

}  // namespace

void bind_risk_shortfall(nb::module_& m) {
  m.def(
      "acerbi_szekely",
      [](nb::handle returns, nb::handle value_at_risk, nb::handle expected_shortfall, double alpha, nb::handle laws,
         nb::handle seed, std::int64_t replicates, double test_level) {
        const ForecastArguments days(returns, value_at_risk, expected_shortfall, alpha);
        const auto both = [](const AcerbiSzekely& of) { return std::pair(of.z1, of.z2); };
        if (laws.is_none()) return both(acerbi_szekely(days.view()));
        const std::vector<UnivariateLaw> of_days = laws_from_python(laws);
        const NullSimulation simulation{to_key(seed, "seed"), replicates, test_level};
        const GilRelease release;
        return both(acerbi_szekely(days.view(), of_days, simulation));
      },
      nb::arg("returns"), nb::arg("value_at_risk"), nb::arg("expected_shortfall"), nb::arg("alpha"),
      nb::arg("laws") = nb::none(), nb::arg("seed") = 0, nb::arg("replicates") = 5000, nb::arg("test_level") = 0.05,
      nb::sig(signature_of("acerbi_szekely",
                           ", laws: typing.Any = None, seed: typing.Any = 0, replicates: int = 5000, test_level: "
                           "float = 0.05",
                           "tuple[SimulatedTest, SimulatedTest]")
                  .c_str()),
      "Return the tests Z1 and Z2 of Acerbi and Szekely (2014); p-values and critical values take the law of each "
      "day.");
  m.def(
      "mcneil_frey",
      [](nb::handle returns, nb::handle value_at_risk, nb::handle expected_shortfall, double alpha, nb::handle seed,
         std::int64_t replicates) {
        const ForecastArguments days(returns, value_at_risk, expected_shortfall, alpha);
        const Key key = to_key(seed, "seed");
        const GilRelease release;
        return mcneil_frey(days.view(), key, replicates);
      },
      nb::arg("returns"), nb::arg("value_at_risk"), nb::arg("expected_shortfall"), nb::arg("alpha"),
      nb::arg("seed") = 0, nb::arg("replicates") = 5000,
      nb::sig(signature_of("mcneil_frey", ", seed: typing.Any = 0, replicates: int = 5000", "BacktestTest").c_str()),
      "Test that losses beyond the value at risk are not larger than the expected shortfall in the mean (McNeil and\n"
      "Frey 2000), by the bootstrap.");
  m.def(
      "fz0_score",
      [](nb::handle returns, nb::handle value_at_risk, nb::handle expected_shortfall, double alpha) {
        const ForecastArguments days(returns, value_at_risk, expected_shortfall, alpha);
        Vector score(static_cast<Index>(days.view().returns.size()));
        fz0_score(days.view(), {score.data(), static_cast<std::size_t>(score.size())});
        return read_only(std::move(score));
      },
      nb::arg("returns"), nb::arg("value_at_risk"), nb::arg("expected_shortfall"), nb::arg("alpha"),
      nb::sig(signature_of("fz0_score", "", "numpy.typing.NDArray[numpy.float64]").c_str()), kArray,
      "Return the score FZ0 of each day (Patton, Ziegel and Chen 2019),\n"
      "max(-VaR - R, 0) / (alpha ES) + VaR / ES + log ES - 1: least, in the mean, at the true VaR and ES.");
  m.def(
      "diebold_mariano",
      [](nb::handle score, nb::handle other, std::optional<std::int64_t> maxlags) {
        return diebold_mariano(Numbers(score, "score").span(), Numbers(other, "other").span(), maxlags);
      },
      nb::arg("score"), nb::arg("other"), nb::arg("maxlags") = nb::none(),
      nb::sig("def diebold_mariano(score: numpy.typing.ArrayLike, other: numpy.typing.ArrayLike, maxlags: int | None = "
              "None) -> ScoreDifference"),
      "Test that two series of scores have one mean (Diebold and Mariano 1995), with the variance of Newey and West\n"
      "(1987) of ``maxlags`` lags, by default floor(4 (n/100)^(2/9)).");
  m.def(
      "e_backtest",
      [](nb::handle returns, nb::handle value_at_risk, nb::handle expected_shortfall, double alpha,
         std::optional<double> stake, double test_level) {
        return e_backtest(ForecastArguments(returns, value_at_risk, expected_shortfall, alpha).view(), stake,
                          test_level);
      },
      nb::arg("returns"), nb::arg("value_at_risk"), nb::arg("expected_shortfall"), nb::arg("alpha"),
      nb::arg("stake") = nb::none(), nb::arg("test_level") = 0.05,
      nb::sig(
          signature_of("e_backtest", ", stake: float | None = None, test_level: float = 0.05", "EBacktest").c_str()),
      "Return the e-process of Wang, Wang and Ziegel (2022): evidence that VaR and ES are too low, valid whenever one\n"
      "looks. ``stake`` is fixed in [0, 0.5], or, None, chosen from the days before.");
}

}  // namespace varimix::python
