"""Pictures of models along a path: the shape through time, and shrinkage from none to much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from varimix.plotting.axes import label_y, require_axes, thinned
from varimix.plotting.inputs import Rows, model_of
from varimix.plotting.lines import MOST_POINTS, draw_lines
from varimix.plotting.quantities import Quantity, quantity_label, values_of

Values = NDArray[np.float64]

LARGEST_TAU = 1e100
"""A larger tau, or one below its inverse, is beyond what a logarithmic axis shows."""
WIDE = 20.0
"""From this ratio of the largest tau to the least on, the axis is logarithmic."""


def shape_through_time(
    history: Iterable[tuple[Any, Any]] | Mapping[str, Iterable[tuple[Any, Any]]],
    ax: Axes | None = None,
    *,
    quantity: Quantity = "tail_weight",
    columns: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    label: str | None = None,
    x_label: str | None = None,
) -> Axes:
    """Draw a number of the model as it changed while a stream was learned.

    A history is made by the callback of ``fit_stream``::

        history = []
        fit_stream(state, X, callback=lambda report: history.append((report.step, state.model)))

    Parameters
    ----------
    history : pairs (time, model), or a mapping of names to such histories
        Times are numbers, dates (those of a time zone become UTC) or numpy.datetime64, and do not
        fall. A model may also be a result or a state; a state itself changes with time: take
        ``state.model``.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    quantity : str, or a function of a model that returns a number
        'tail_weight', E[Y] E[1/Y] - 1, which is 0 for a Gaussian; a parameter of the law of Y, in
        the gauge E[Y] = 1; 'mu', 'gamma', 'sigma' (square roots of its diagonal), 'mean', 'std',
        'skewness', 'kurtosis' with a line for each column; 'correlation', of Sigma, with a line
        for each pair of columns.
    columns : numbers of columns, optional
        Those that are drawn, of a quantity of columns; all if left out.
    names : d names, optional
        Names of the model's columns; 'column 0', ... if left out.
    label : str, optional
        Name of the line, where ``history`` is no mapping.
    x_label : str, optional
        What the times are; 'step', or 'date' for dates, if left out.

    Returns
    -------
    Axes
        At most 1000 models of a history are drawn, every k-th. A value that does not exist (inf) or
        is far off is a triangle at the edge. More than 12 lines have no legend.

    Raises
    ------
    TypeError
        For what is no pair of time and model.
    ValueError
        For a history without models, or of models of other families or dimensions; times that fall;
        an unknown quantity.
    """
    require_axes(ax)
    is_many = isinstance(history, Mapping)
    if is_many and label is not None:
        raise ValueError(f"label must be None where histories have names, got {label!r}")
    many = {str(k): v for k, v in history.items()} if is_many else {label or "": history}  # type: ignore[union-attr]
    if not many:
        raise ValueError("history must hold at least one model, got none")
    paths = {name: _pairs(pairs, "history") for name, pairs in many.items()}
    for name, (times, _) in paths.items():
        if (times[1:] < times[:-1]).any():
            place = int(np.argmax(times[1:] < times[:-1])) + 1
            raise ValueError(
                f"history must have times that do not fall, got {times[place]} after "
                f"{times[place - 1]}{' in ' + name if name else ''}"
            )
    are_dates = {times.dtype.kind == "M" for times, _ in paths.values()}
    if len(are_dates) > 1:
        raise ValueError("history must have numbers or dates as times, got both")
    if x_label is None:
        x_label = "date" if are_dates == {True} else "step"
    return _draw(paths, ax, x_label, quantity, columns, names, most=MOST_POINTS)


def shrinkage_path(
    fits: Mapping[float, Any] | Iterable[tuple[float, Any]],
    ax: Axes | None = None,
    *,
    quantity: Quantity = "correlation",
    columns: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    label: str | None = None,
) -> Axes:
    """Draw a number of the model against the strength tau of ``Shrinkage``.

    The fits are made beforehand, for instance by penalised batch EM::

        fits = {
            tau: BatchEMFitter(eta_update=Shrinkage(IdentityUpdate(), eta0, tau)).fit(init, X)
            for tau in (0.0, 0.1, 1.0, 10.0)
        }

    Parameters
    ----------
    fits : mapping of tau to a fit, or pairs (tau, fit)
        tau >= 0, all different; a fit is a result, a state or a model.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    quantity, columns, names, label
        As in `shape_through_time`; the off-diagonal correlations of Sigma if left out.

    Returns
    -------
    Axes
        The axis of tau is logarithmic where the largest is at least 20 times the least that is not
        0, and then linear from 0 to that one. More than 12 lines have no legend.

    Raises
    ------
    ValueError
        For no fits, or fits of other families or dimensions; a tau that is negative, not finite,
        there twice, or beyond 1e-100 and 1e100; an unknown quantity.
    """
    require_axes(ax)
    taus, models = _pairs(fits.items() if isinstance(fits, Mapping) else fits, "fits")
    if taus.dtype.kind not in "fiu" or not (np.isfinite(taus) & (taus >= 0)).all():
        raise ValueError(f"tau must be a finite number >= 0, got {taus.tolist()}")
    extreme = taus[(taus > 0) & ((taus < 1.0 / LARGEST_TAU) | (taus > LARGEST_TAU))]
    if len(extreme):
        raise ValueError(
            f"tau must be 0, or from {1.0 / LARGEST_TAU:g} to {LARGEST_TAU:g}, got {extreme[0]}"
        )
    order = np.argsort(taus)
    taus, models = taus[order].astype(float), [models[k] for k in order]
    if (np.diff(taus) == 0.0).any():
        raise ValueError(f"tau must be there once, got {taus.tolist()}")
    ax = _draw(
        {label or "": (taus, models)},
        ax,
        "strength τ of the shrinkage",
        quantity,
        columns,
        names,
        most=len(taus),
    )
    positive = taus[taus > 0.0]
    if len(positive) > 1 and positive[-1] >= WIDE * positive[0]:
        if taus[0] > 0.0:
            ax.set_xscale("log")
            ax.set_xlim(taus[0] / 1.2, taus[-1] * 1.2)
        else:
            ax.set_xscale("symlog", linthresh=float(positive[0]))
            ax.set_xlim(-0.15 * positive[0], taus[-1] * 1.3)
    return ax


def _pairs(pairs: Any, name: str) -> tuple[NDArray[Any], list[Any]]:
    """Return places and models of pairs."""
    if isinstance(pairs, str) or not hasattr(pairs, "__iter__"):
        raise TypeError(f"{name} must be pairs of a place and a model, got {type(pairs).__name__}")
    places, models = [], []
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(f"{name} must be pairs of a place and a model, got {pair!r:.80}")
        places.append(pair[0])
        models.append(model_of(pair[1], name))
    if not models:
        raise ValueError(f"{name} must hold at least one model, got none")
    return _as_places(places, name), models


def _as_places(places: list[Any], name: str) -> NDArray[Any]:
    places = [p.astimezone(UTC).replace(tzinfo=None) if _has_zone(p) else p for p in places]
    array = np.asarray(places)
    if array.dtype == object:
        try:
            array = np.asarray(places, dtype="datetime64[us]")
        except (TypeError, ValueError):
            raise TypeError(
                f"{name} must have numbers or dates as places, got {type(places[0]).__name__}"
            ) from None
    if array.ndim != 1 or array.dtype.kind not in "fiuM":
        raise TypeError(f"{name} must have numbers or dates as places, got {places[0]!r:.80}")
    is_bad = np.isnat(array) if array.dtype.kind == "M" else ~np.isfinite(array)
    if is_bad.any():
        raise ValueError(f"{name} must have finite places, got {places[int(np.argmax(is_bad))]!r}")
    return array


def _has_zone(place: Any) -> bool:
    return isinstance(place, datetime) and place.tzinfo is not None


def _draw(
    paths: Mapping[str, tuple[NDArray[Any], list[Any]]],
    ax: Axes | None,
    x_label: str,
    quantity: Quantity,
    columns: Sequence[int] | None,
    names: Sequence[str] | None,
    most: int,
) -> Axes:
    """Draw a quantity along each path, a line for each of its values."""
    first = next(iter(paths.values()))[1][0]
    y_label = quantity_label(quantity, first)
    shown, chosen = _columns(first.d, columns, names)
    lines: dict[str, tuple[NDArray[Any], Values]] = {}
    thin = []
    for path, (places, models) in paths.items():
        _require_alike(first, models)
        kept = thinned(len(models), most)
        if len(kept) < len(models):
            thin.append(f"{len(kept)} of {len(models)} models are drawn")
        rows = [values_of(quantity, models[k], shown, chosen) for k in kept]
        for name in rows[0]:
            called = ", ".join(part for part in (path, name) if part)
            lines[called] = places[kept], np.array([row[name] for row in rows])
    if not lines:
        raise ValueError(f"columns must be two at least for {quantity!r}, got {len(chosen)}")
    ax = draw_lines(ax, lines, x_label, *thin[:1])
    label_y(ax, y_label)
    return ax


def _columns(
    d: int, columns: Sequence[int] | None, names: Sequence[str] | None
) -> tuple[tuple[str, ...], list[int]]:
    if names is not None and (isinstance(names, str) or len(names) != d):
        raise ValueError(f"names must be {d}, as the model has columns, got {names!r:.80}")
    shown = tuple(map(str, names)) if names is not None else tuple(f"column {j}" for j in range(d))
    rows = Rows(np.empty((0, d)), shown, None if names is None else shown, None)
    if isinstance(columns, str) or not (columns is None or hasattr(columns, "__iter__")):
        raise TypeError(f"columns must be a sequence of columns, got {columns!r}")
    chosen = [rows.column(c, "columns") for c in (range(d) if columns is None else columns)]
    if not chosen or len(set(chosen)) != len(chosen):
        raise ValueError(f"columns must be different columns, at least one, got {columns!r}")
    return shown, chosen


def _require_alike(first: Any, models: Sequence[Any]) -> None:
    for model in models:
        if type(model) is not type(first) or model.d != first.d:
            raise ValueError(
                f"models must be of one family and dimension, got {type(model).__name__} of "
                f"{model.d} columns beside {type(first).__name__} of {first.d}"
            )
