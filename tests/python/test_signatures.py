"""What inspect, pydoc and notebooks show of every public function is what the stub says."""

import functools
import inspect
import math
import pydoc
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from signatures_in_stub import (
    CALLABLES,
    CLASSES,
    evaluated,
    functions_of_stub,
    of_stub,
    owner_in_stub,
    parameters_of_stub,
    require_as_in_stub,
    shown,
)

import varimix
from varimix import BatchEMFitter, EWMAUpdate, NormalInverseGaussian, OnlineEM
from varimix import _varimix as compiled

Rows = NDArray[np.float64]


@pytest.mark.parametrize("name", CALLABLES)
def test_every_public_function_shows_its_parameters(name: str) -> None:
    functions = functions_of_stub(name)
    signature = inspect.signature(CALLABLES[name])
    if functions is None:
        assert all(p.annotation is not p.empty for p in list(signature.parameters.values())[1:])
        return
    if isinstance(CALLABLES[name], compiled.Fit):
        given = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        signature = signature.replace(parameters=[given, *signature.parameters.values()])
    require_as_in_stub(signature, functions)


def test_most_public_functions_are_compiled() -> None:
    are_compiled = [name for name in CALLABLES if functions_of_stub(name) is not None]
    assert len(are_compiled) > 0.8 * len(CALLABLES)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_class_shows_its_constructor_or_has_none(cls: Any) -> None:
    owner = owner_in_stub(cls, "__init__")
    if owner is not None and of_stub(owner, "__init__"):
        (function,) = of_stub(owner, "__init__")
        expected = list(parameters_of_stub(function))[1:]
        signature = inspect.signature(cls)
        assert [shown(p) for p in signature.parameters.values()] == [p[:3] for p in expected]
        assert [p.default for p in signature.parameters.values()] == [
            evaluated(p[3]) for p in expected
        ]
    elif issubclass(cls, compiled.BatchEMFitter | compiled.IncrementalEMFitter):
        (function,) = of_stub(cls.__name__, "__init__")
        names = [p[0] for p in parameters_of_stub(function)][1:]
        assert [n for n in inspect.signature(cls).parameters if n != "verbose"] == [
            n for n in names if n != "verbose"
        ]
    else:
        with pytest.raises(ValueError, match="no signature found"):
            inspect.signature(cls)
        with pytest.raises(TypeError):
            cls()


@pytest.mark.parametrize("name", CALLABLES)
def test_calls_are_bound_as_they_are_called(name: str) -> None:
    signature = inspect.signature(CALLABLES[name])
    required = {
        p.name: object()
        for p in signature.parameters.values()
        if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    }
    positional = [
        value
        for key, value in required.items()
        if signature.parameters[key].kind is inspect.Parameter.POSITIONAL_ONLY
    ]
    named = dict(list(required.items())[len(positional) :])
    assert signature.bind(*positional, **named).arguments == required
    if not any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values()):
        with pytest.raises(TypeError):
            signature.bind(*positional, **named, mispelled=1)


def test_a_bound_call_is_the_call(rows: Rows, init: NormalInverseGaussian) -> None:
    make = NormalInverseGaussian.from_classical
    bound = inspect.signature(make).bind([0.0], gamma=[0.1], sigma=[[1.0]], mu_ig=1.0, lam=2.0)
    assert make(*bound.args, **bound.kwargs) == make([0.0], [0.1], [[1.0]], 1.0, 2.0)

    bound = inspect.signature(OnlineEM).bind(init)
    bound.apply_defaults()
    assert OnlineEM(*bound.args, **bound.kwargs) == OnlineEM(init)

    state = OnlineEM(init)
    bound = inspect.signature(state.update).bind(rows[:10])
    bound.apply_defaults()
    assert state.update(*bound.args, **bound.kwargs).rows == 10

    bound = inspect.signature(init.mean).bind()
    bound.apply_defaults()
    np.testing.assert_array_equal(init.mean(*bound.args, **bound.kwargs), init.mean())

    bound = inspect.signature(OnlineEM.cov_params).bind(state)
    bound.apply_defaults()
    assert bound.arguments["distinct_rows"] == math.inf


def test_a_method_of_an_object_is_shown_without_self(init: NormalInverseGaussian) -> None:
    assert list(inspect.signature(NormalInverseGaussian.project).parameters) == ["self", "w"]
    assert list(inspect.signature(init.project).parameters) == ["w"]


def test_a_signature_shows_types_without_quotes() -> None:
    text = str(inspect.signature(OnlineEM.update))
    assert text.startswith("(self, batch: numpy.typing.ArrayLike, weights: numpy.typing.ArrayLike")
    assert text.endswith("| None = None) -> BatchReport")


class Renamed(OnlineEM[Any]):
    """Keeps the constructor of OnlineEM."""


class WithOwnConstructor(OnlineEM[Any]):
    def __init__(self, columns: int, *, seed: int = 3) -> None:
        law = NormalInverseGaussian.from_classical(
            np.zeros(columns), np.zeros(columns), np.eye(columns), 1.0, 1.0
        )
        super().__init__(law, key=seed)


class WithOwnSignature(OnlineEM[Any]):
    __signature__ = inspect.Signature()


def test_a_derived_class_shows_the_constructor_that_it_has() -> None:
    assert inspect.signature(Renamed) == inspect.signature(OnlineEM)
    assert str(inspect.signature(WithOwnConstructor)) == "(columns: int, *, seed: int = 3) -> None"
    assert str(inspect.signature(WithOwnSignature)) == "()"
    assert list(inspect.signature(BatchEMFitter).parameters)[:2] == ["max_iter", "tol"]


def test_a_wrapper_shows_what_it_wraps() -> None:
    @functools.wraps(varimix.fit_best)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return varimix.fit_best(*args, **kwargs)

    assert inspect.signature(wrapper) == inspect.signature(varimix.fit_best)
    partial = functools.partial(varimix.fit_best, n_starts=2)
    assert inspect.signature(partial).parameters["n_starts"].default == 2


def test_functions_are_routines_and_static_methods_static() -> None:
    assert inspect.isroutine(varimix.fit_best)
    assert inspect.isroutine(OnlineEM.update)
    kinds = {a.name: a.kind for a in inspect.classify_class_attrs(OnlineEM)}
    assert kinds["load"] == kinds["from_bytes"] == "static method"
    assert kinds["update"] == "method"
    assert kinds["model"] == "property"


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_help_begins_with_what_is_called_on_the_class(cls: type) -> None:
    text = pydoc.plain(pydoc.render_doc(cls))
    before_methods = text.partition("Methods defined here:")[0]
    static = [
        a.name
        for a in inspect.classify_class_attrs(cls)
        if a.kind == "static method" and a.name[0] != "_"
    ]
    assert all(f"* ``{name}``: Return " in before_methods for name in static)
    assert all(f" |  {name}(" in text for name in static)
    assert "built-in method" not in text
    assert "nb_func object" not in text


def test_help_shows_the_constructor_and_the_parameters() -> None:
    text = pydoc.plain(pydoc.render_doc(EWMAUpdate))
    assert "EWMAUpdate(w: float | None = None, half_life: " in text
    text = pydoc.plain(pydoc.render_doc(varimix.fit_best))
    assert "\nfit_best(X: numpy.typing.ArrayLike, families: " in text


def test_signatures_are_made_only_when_they_are_asked_for() -> None:
    program = "import sys, varimix; print('varimix.signatures' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert ran.stdout.strip() == "False"
