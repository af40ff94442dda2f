"""A sentence refuses what is no rule or no callback, and what they raise passes through."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import varimix
from varimix import (
    AffineUpdate,
    BatchEMFitter,
    Eta,
    EWMAUpdate,
    IdentityUpdate,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
    PolyakAverage,
    RobbinsMonroUpdate,
    Shrinkage,
    StepInfo,
    eta0_from_model,
    fit_best,
    fit_stream,
)

NIG = NormalInverseGaussian.from_classical([0, 0], [0.4, -0.3], [[1, 0.3], [0.3, 1]], 1.0, 1.5)
ROWS = NIG.rvs(300, seed=1)


class Takes:
    """A rule that remembers the batch."""

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        return batch


class OtherParameters:
    def accumulate(self, running: Eta) -> Eta:
        return running


class NoMethod:
    accumulate = 3


class WrongEmit(Takes):
    def emit(self) -> None: ...


class WrongReport(Takes):
    report = "text"


class WrongRescale(Takes):
    def rescale_y(self, s: float, t: float) -> None: ...


class NoAccumulate(EWMAUpdate):
    """A rule derived from one of ours, whose emit would never be called."""

    def emit(self, running: Eta) -> Eta:
        return running


NO_RULES: dict[str, tuple[Callable[[], object], str]] = {
    "a class of ours": (lambda: EWMAUpdate, "a class: give an instance"),
    "a class of the user's": (lambda: Takes, "a class: give an instance"),
    "a number": (lambda: 3, "has no accumulate"),
    "a name": (lambda: "EWMAUpdate", "has no accumulate"),
    "a model": (lambda: NIG, "has no accumulate"),
    "rows": (lambda: ROWS, "has no accumulate"),
    "an eta": (lambda: eta0_from_model(NIG), "has no accumulate"),
    "no method": (lambda: NoMethod(), "whose accumulate is no method"),
    "other parameters": (lambda: OtherParameters(), "does not take .running, batch, info."),
    "emit without parameters": (lambda: WrongEmit(), "whose emit does not take .running."),
    "report that is no method": (lambda: WrongReport(), "whose report is no method"),
    "rescale_y of two": (lambda: WrongRescale(), "whose rescale_y does not take .s."),
    "derived without accumulate": (lambda: NoAccumulate(), "has no accumulate"),
}


def users_state() -> OnlineEM:
    state = OnlineEM(NIG, Takes())
    state.update(ROWS)
    return state


def doors(folder: Path) -> dict[str, Callable[[object], object]]:
    """Return everything that takes a rule, by its argument's name."""
    users_state().save(folder / "state")
    data = users_state().to_bytes()
    eta0 = eta0_from_model(NIG)
    return {
        "eta_update of OnlineEM": lambda rule: OnlineEM(NIG, rule),
        "eta_update of IncrementalEMFitter": lambda rule: IncrementalEMFitter(rule),
        "eta_update of BatchEMFitter": lambda rule: BatchEMFitter(eta_update=rule),
        "base of Shrinkage": lambda rule: Shrinkage(rule, eta0),
        "base of PolyakAverage": lambda rule: PolyakAverage(rule),
        "rule of load": lambda rule: OnlineEM.load(folder / "state", rule),
        "rule of from_bytes": lambda rule: OnlineEM.from_bytes(data, rule=rule),
        "rule of fit_stream": lambda rule: fit_stream(users_state(), ROWS, rule=rule),
    }


@pytest.mark.parametrize("name", NO_RULES)
def test_what_is_no_rule_is_refused_at_every_door(name: str, tmp_path: Path) -> None:
    make, why = NO_RULES[name]
    for door, call in doors(tmp_path).items():
        argument = door.split()[0]
        reason = (
            "must be a Shrinkage or None" if "Batch" in door else f"must be an update rule.*{why}"
        )
        with pytest.raises(TypeError, match=f"(?s){argument} {reason}"):
            call(make())


@pytest.mark.parametrize("make", [lambda: Shrinkage, lambda: PolyakAverage])
def test_what_wraps_a_rule_needs_one(make: Callable[[], Any]) -> None:
    eta0 = eta0_from_model(NIG)
    with pytest.raises(TypeError, match="base must be an update rule, got None"):
        make()(None, eta0) if make() is Shrinkage else make()(None)


def test_a_rule_derived_from_ours_is_asked() -> None:
    class Keeps(EWMAUpdate):
        def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
            return running

    state = OnlineEM(NIG, Keeps())
    eta = state.eta
    state.update(ROWS)
    np.testing.assert_allclose(state.eta.E_X, eta.E_X, rtol=1e-12)


def test_a_rule_derived_from_ours_without_methods_is_ours() -> None:
    class Named(EWMAUpdate):
        """A rule that adds nothing but a name."""

    left, right = OnlineEM(NIG, Named(w=0.2)), OnlineEM(NIG, EWMAUpdate(w=0.2))
    left.update(ROWS)
    right.update(ROWS)
    assert left == right


class OfMyOwnError(Exception):
    """An error that no one else raises."""


class Raises(Takes):
    """A rule that raises in one of its methods, from the second batch on."""

    def __init__(self, method: str) -> None:
        self.method = method
        self.asked = 0

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        self.asked += 1
        return self._result("accumulate", batch)

    def emit(self, running: Eta) -> Eta:
        return self._result("emit", running)

    def rescale_y(self, s: float) -> None:
        self._result("rescale_y", s)

    def _result(self, method: str, value: Any) -> Any:
        if method == self.method and self.asked > 1:
            raise OfMyOwnError(method)
        return value


@pytest.mark.parametrize("method", ["accumulate", "emit", "rescale_y"])
def test_what_a_rule_raises_passes_through_and_nothing_has_changed(method: str) -> None:
    state = OnlineEM(NIG, Raises(method))
    state.update(ROWS[:100])
    before, score = state.to_bytes(), state.log_score
    with pytest.raises(OfMyOwnError, match=method):
        state.update(ROWS[100:])
    assert state.to_bytes() == before
    assert state.log_score == score


# ---- Callbacks ----

FITS: dict[str, Callable[[Callable[[object], Any]], int]] = {
    "BatchEMFitter": lambda callback: (
        BatchEMFitter(max_iter=5, tol=0).fit(NIG, ROWS, callback=callback).n_iter
    ),
    "IncrementalEMFitter": lambda callback: (
        IncrementalEMFitter(max_steps=5).fit(NIG, ROWS, key=0, callback=callback).n_iter
    ),
    "fit_stream": lambda callback: (
        fit_stream(OnlineEM(NIG), ROWS, batch_size=60, callback=callback).n_iter
    ),
}


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("answer", [False, np.False_, 0, "", np.array([0.0]), [], math.nan == 0])
def test_a_callback_that_returns_what_is_false_stops_the_fit(fit: str, answer: object) -> None:
    assert FITS[fit](lambda report: answer) == 1


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("answer", [None, True, np.True_, 1, "on", np.array([2.0]), object()])
def test_a_callback_that_returns_nothing_or_what_is_true_goes_on(fit: str, answer: object) -> None:
    assert FITS[fit](lambda report: answer) == 5


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("callback", [3, "print", [], NIG])
def test_what_is_no_callback_is_refused_before_any_step(fit: str, callback: Any) -> None:
    with pytest.raises(ValueError, match=r"^callback must be callable, or None, got "):
        FITS[fit](callback)


def test_a_state_given_what_is_no_callback_has_learned_nothing() -> None:
    state = OnlineEM(NIG)
    before = state.to_bytes()
    with pytest.raises(ValueError, match="callback"):
        fit_stream(state, ROWS, callback=3)  # type: ignore[call-overload]
    assert state.to_bytes() == before


@pytest.mark.parametrize("families", ["NormalInverseGaussian", NormalInverseGaussian, 3])
def test_one_family_that_is_not_in_a_list_is_refused(families: Any) -> None:
    with pytest.raises(ValueError, match=r"^families must be a list of classes"):
        fit_best(ROWS, families=families)


def test_an_empty_path_of_a_checkpoint_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^checkpoint must be a path, or None, got ''"):
        fit_stream(OnlineEM(NIG), ROWS, checkpoint="")


class NeitherTrueNorFalse:
    def __bool__(self) -> bool:
        raise OfMyOwnError("undecided")


@pytest.mark.parametrize("fit", FITS)
def test_what_the_truth_of_an_answer_raises_passes_through(fit: str) -> None:
    with pytest.raises(OfMyOwnError, match="undecided"):
        FITS[fit](lambda report: NeitherTrueNorFalse())
    with pytest.raises(ValueError, match="ambiguous"):
        FITS[fit](lambda report: np.zeros(2))


# ---- Reprs ----


def test_reprs_of_rules_are_the_rules() -> None:
    import datetime

    eta0 = Eta(1.5, 1.0, -0.25, [0.25, -0.5], [0.25, -0.5], [[2.0, -0.125], [-0.125, 2.0]])
    names = {name: getattr(varimix, name) for name in varimix.__all__} | {"datetime": datetime}
    for rule in (
        *(IdentityUpdate(), RobbinsMonroUpdate(1 + 1 / 3, 2 / 3), AffineUpdate(eta0, 1 / 3, -1e-9)),
        *(EWMAUpdate(w=1 / 3), EWMAUpdate(half_life=1e300)),
        EWMAUpdate(half_life=datetime.timedelta(seconds=90)),
        *(varimix.SampleWeightedUpdate(1 / 3), varimix.PolyakRuppertUpdate(2 / 3, 1 / 7)),
        *(varimix.BlockIncrementalUpdate(3), PolyakAverage(EWMAUpdate(w=1 / 3), start=2)),
        Shrinkage(PolyakAverage(IdentityUpdate()), eta0, tau=1 / 3, feedback=True),
    ):
        assert eval(repr(rule), dict(names)) == rule


def test_reprs_of_fitters_have_what_is_not_by_default() -> None:
    names = {name: getattr(varimix, name) for name in varimix.__all__}
    for fitter in (
        BatchEMFitter(),
        BatchEMFitter(tol=1 / 3, fixed=["mu"], verbose=2, missing="exact"),
        IncrementalEMFitter(),
        IncrementalEMFitter(EWMAUpdate(w=1 / 3), batch_size=3, verbose=1, symmetric=True),
        IncrementalEMFitter(stop_when=varimix.EarlyStopping(3, 1 / 3)),
    ):
        assert eval(repr(fitter), dict(names)) == fitter
    assert repr(BatchEMFitter()) == "BatchEMFitter()"
    assert repr(IncrementalEMFitter(max_steps=3)) == "IncrementalEMFitter(max_steps=3)"
    assert BatchEMFitter(verbose=1) != BatchEMFitter()
    assert IncrementalEMFitter(max_steps=3).max_steps == 3
    assert BatchEMFitter(symmetric=True).symmetric
