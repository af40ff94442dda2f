"""What is different between two models or two states, in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix._varimix import OnlineEM
from varimix.arguments import require_model
from varimix.names import Names, require_same_names

MOVES_SHOWN = 3
"""Moves named of each kind, the largest ones."""
SMALLEST_MOVE = 0.005
"""Moves below this, in the unit of their line, are left out: they would be printed as 0.00."""

Array = NDArray[np.float64]


def describe_models(model: Any, other: Any) -> str:
    """Return what is different in ``model`` from ``other``, in some lines.

    Raises
    ------
    TypeError
        If ``other`` is no model.
    ValueError
        For another number of columns, or other names.
    """
    require_model(other, "other")
    return "\n".join([f"{_called(model)}, compared with {_called(other)}", *_moves(model, other)])


def describe_states(state: Any, other: Any) -> str:
    """Return what is different in ``state`` from ``other``, in some lines.

    Raises
    ------
    TypeError
        If ``other`` is no state.
    ValueError
        For another number of columns, or other names.
    """
    if not isinstance(other, OnlineEM):
        raise TypeError(f"other must be a state, got {type(other).__name__}")
    rows, steps = state.total_weight - other.total_weight, state.step - other.step
    model = state.model
    lines = [
        f"a state of {_called(model)} after {_count(state.total_weight)} rows and "
        f"{_count(state.step)} steps, compared with one after {_count(other.total_weight)} and "
        f"{_count(other.step)}: {_count(rows, sign=True)} rows, {_count(steps, sign=True)} steps",
        *_moves(model, other.model),
    ]
    if state.log_score.weight > 0 and other.log_score.weight > 0:
        new, old = state.log_score.recent, other.log_score.recent
        lines.append(f"  recent score: {old:.4g} -> {new:.4g} nats per row")
    if state.changes != other.changes:
        lines.append(f"  drift signals: {_count(state.changes - other.changes, sign=True)}")
    test = state.gaussian_test
    if test is not None and test.log_p_value is not None:
        lines.append(
            f"  against a Gaussian: log p = {test.log_p_value:.4g} of {_count(test.n)} rows"
        )
    return "\n".join(lines)


def _called(model: Any) -> str:
    return f"{type(model).__name__} of {model.d} column" + ("" if model.d == 1 else "s")


def _count(number: float, *, sign: bool = False) -> str:
    return format(number, "+,.10g" if sign else ",.10g")


def _moves(model: Any, other: Any) -> Iterator[str]:
    if other.d != model.d:
        raise ValueError(f"other must be of {model.d} columns, got {other.d}")
    at = _positions(model, other)
    names = model.columns or other.columns or tuple(f"column {j}" for j in range(model.d))
    std, old_std = _std(model), _std(other)[at]
    mean, old_mean = model.mean(), other.mean()[at]
    corr, old_corr = model.corr(), other.corr()[np.ix_(at, at)]
    with np.errstate(invalid="ignore", divide="ignore"):
        moves = [
            _largest(
                "mean",
                names,
                (mean - old_mean) / old_std,
                lambda j, move: f"{old_mean[j]:.4g} -> {mean[j]:.4g} ({move:+.2f} deviations)",
            ),
            _largest(
                "volatility",
                names,
                100.0 * (std / old_std - 1.0),
                lambda j, move: f"{old_std[j]:.4g} -> {std[j]:.4g} ({move:+.2f} %)",
            ),
            _largest_correlations(names, corr, old_corr),
        ]
    moves.append(_tails(model, other, at))
    found = [line for line in moves if line]
    yield from found or ["  no move that two digits show"]


def _positions(model: Any, other: Any) -> list[int]:
    """Return where each column of a model stands in the other, by name where both have names."""
    if model.columns is None or other.columns is None:
        return list(range(model.d))
    require_same_names(other.columns, model.columns, "other")
    return [other.columns.index(name) for name in model.columns]


def _std(model: Any) -> Array:
    return np.atleast_1d(np.asarray(model.std(), dtype=float))


def _largest(what: str, names: Names, moves: Array, told: Callable[[int, float], str]) -> str:
    shown = [j for j in _by_size(moves) if abs(moves[j]) >= SMALLEST_MOVE][:MOVES_SHOWN]
    return _line(what, [f"{names[j]} {told(j, float(moves[j]))}" for j in shown])


def _largest_correlations(names: Names, corr: Array, old: Array) -> str:
    rows, columns = np.tril_indices(len(names), -1)
    moves = corr[rows, columns] - old[rows, columns]
    shown = [k for k in _by_size(moves) if abs(moves[k]) >= SMALLEST_MOVE][:MOVES_SHOWN]
    told = []
    for k in shown:
        i, j = rows[k], columns[k]
        told.append(f"{names[j]}, {names[i]} {old[i, j]:.2f} -> {corr[i, j]:.2f}")
    return _line("correlation", told)


def _tails(model: Any, other: Any, at: list[int]) -> str:
    told = []
    new, old = model.tail_weight(), other.tail_weight()
    if _differ(new, old):
        told.append(f"tail_weight {old:.3g} -> {new:.3g}")
    kurtosis, old_kurtosis = model.kurtosis(), other.kurtosis()[at]
    with np.errstate(invalid="ignore"):
        new, old = float(np.median(kurtosis)), float(np.median(old_kurtosis))
    if _differ(new, old):
        told.append(f"median excess kurtosis {old:.3g} -> {new:.3g}")
    return _line("tails", told)


def _differ(new: float, old: float) -> bool:
    is_same = new == old or (math.isnan(new) and math.isnan(old))
    return not is_same and not abs(new - old) < SMALLEST_MOVE * abs(old)


def _by_size(moves: Array) -> list[int]:
    """Return the positions of moves that are numbers, the largest first."""
    return [int(k) for k in np.argsort(-np.abs(moves), kind="stable") if not np.isnan(moves[k])]


def _line(what: str, told: list[str]) -> str:
    return f"  {what}: " + "; ".join(told) if told else ""
