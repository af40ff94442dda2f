"""Pictures along a fit: likelihoods step by step, and rules compared on one stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from varimix import BatchReport, EMResult
from varimix.plotting.axes import count_of, label_y, require_axes
from varimix.plotting.lines import draw_lines
from varimix.rows import numbers_in_memory

Values = NDArray[np.float64]


def likelihood_trajectory(
    results: EMResult[Any] | Sequence[EMResult[Any]] | Mapping[str, EMResult[Any]],
    ax: Axes | None = None,
    *,
    steps: ArrayLike | None = None,
    label: str | Sequence[str] | None = None,
) -> Axes:
    """Draw the mean log-likelihoods that one fit or several recorded, nats per row.

    Batch EM records that of every model it accepted, ``fit_stream`` that of every batch before it
    was learned, incremental EM with ``verbose=1`` some that are spread over its steps.

    Parameters
    ----------
    results : EMResult, or a sequence, or a mapping of names to them
        The fits; the names are in the legend.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    steps : array of numbers, optional
        Where along the x axis the values stand, all fits alike; 0, 1, 2, ... if left out.
    label : str, or a sequence of them, optional
        Names of the fits, where ``results`` is no mapping.

    Returns
    -------
    Axes
        At most 1000 points of a line are drawn, every k-th, which the label of the axis says; a
        value far below the others is a triangle at the edge.

    Raises
    ------
    TypeError
        For what is no EMResult.
    ValueError
        For no results; for one that recorded nothing, or another number than ``steps`` has; for
        labels that are not one for each.
    """
    require_axes(ax)
    named = _named_results(results, label)
    lines = {}
    for name, result in named.items():
        values = np.asarray(result.log_likelihoods)
        if len(values) == 0:
            raise ValueError(
                f"results must have log_likelihoods, got none of {name}: incremental EM records "
                "them with verbose=1"
            )
        lines[name] = values
    is_named = label is not None or not isinstance(results, EMResult)
    named_lines = {
        name if is_named else "": (_places(steps, len(values), name), values)
        for name, values in lines.items()
    }
    streamed = all(result.log_score is not None for result in named.values())
    x_label = "batch" if streamed and steps is None else "step" if steps is not None else "record"
    ax = draw_lines(ax, named_lines, x_label)
    label_y(ax, "mean log-likelihood (nats per row)")
    return ax


def _named_results(results: Any, label: Any) -> dict[str, EMResult[Any]]:
    if isinstance(results, Mapping):
        if label is not None:
            raise ValueError(f"label must be None where results have names, got {label!r}")
        named = {str(name): result for name, result in results.items()}
    else:
        many = [results] if isinstance(results, EMResult) else _listed(results)
        labels = [label] if isinstance(label, str) else list(label or ())
        if label is None:
            labels = [f"fit {k}" for k in range(len(many))]
        if len(labels) != len(many) or len(set(labels)) != len(labels):
            raise ValueError(
                f"label must be {count_of(len(many), 'name')}, all different, got {label!r}"
            )
        named = dict(zip(labels, many, strict=True))
    if not named:
        raise ValueError("results must hold at least one fit, got none")
    for name, result in named.items():
        if not isinstance(result, EMResult):
            raise TypeError(f"results must be EMResults, got {type(result).__name__} for {name}")
    return named


def _listed(results: Any) -> list[Any]:
    if isinstance(results, str) or not hasattr(results, "__iter__"):
        raise TypeError(
            f"results must be an EMResult, or several, or a mapping, got {type(results).__name__}"
        )
    return list(results)


def _places(steps: ArrayLike | None, count: int, name: str) -> Values:
    if steps is None:
        return np.arange(count, dtype=float)
    places = np.asarray(numbers_in_memory(steps, "steps"), dtype=float)
    if places.shape != (count,) or not np.isfinite(places).all():
        raise ValueError(
            f"steps must be {count} finite numbers, one for each value of {name}, got "
            f"{count_of(places.size, 'number')} of shape {places.shape}"
        )
    return places


def rule_comparison(
    scores: Mapping[str, EMResult[Any] | Sequence[BatchReport] | ArrayLike],
    ax: Axes | None = None,
    *,
    reference: str | None = None,
    weights: ArrayLike | None = None,
) -> Axes:
    """Draw the prequential scores of several rules on one stream, as differences per row.

    With l_s the mean log density that a rule gave to batch s before it learned from it, and m_s the
    weight of that batch, a rule's score after t batches is sum_s m_s l_s / sum_s m_s, s <= t. The
    picture shows it less the score of the reference, in nats per row: above 0 a rule is ahead.

    Parameters
    ----------
    scores : mapping of names to scores
        Of each rule the EMResult of ``fit_stream``, or the BatchReports of its callback
        (``callback=reports.append``), or the numbers l_s. All are of the same batches.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    reference : str, optional
        The rule that the others are compared with; if left out, the one of the best score at the
        end.
    weights : array of numbers, optional
        m_s, > 0. If left out, reports have their own, and otherwise all batches count the same (the
        last one of a stream may be shorter: then give the weights).

    Returns
    -------
    Axes
        With the rows learned along the x axis, or the batches where there are no weights. Rows to
        which a rule gave density 0 are left out of its score, as they are by ``OnlineEM``; the
        label of the axis counts them. At most 1000 points of a line are drawn, every k-th.

    Raises
    ------
    ValueError
        For fewer than two rules; other numbers of batches, or other weights, of one rule than of
        another; scores that are not finite; a reference that is no rule.
    """
    require_axes(ax)
    if not isinstance(scores, Mapping):
        raise TypeError(f"scores must be a mapping of names to scores, got {type(scores).__name__}")
    if len(scores) < 2:
        raise ValueError(f"scores must be of two rules at least, got {len(scores)}")
    streams = {str(name): _Scores(str(name), given, weights) for name, given in scores.items()}
    first = next(iter(streams.values()))
    for name, stream in streams.items():
        if not np.array_equal(stream.weights, first.weights):
            how = "of other weights" if len(stream.weights) == len(first.weights) else "of them"
            raise ValueError(
                f"scores must be of the same batches, got {len(first.weights)} of {first.name} and "
                f"{len(stream.weights)} {how} of {name}"
            )
    if reference is None:
        reference = max(streams, key=lambda name: float(streams[name].running[-1]))
    elif str(reference) not in streams:
        raise ValueError(f"reference must be one of {', '.join(streams)}, got {reference!r}")
    reference = str(reference)
    reference_score = streams[reference].running
    in_rows = weights is not None or first.has_weights
    places = np.cumsum(first.weights)
    lines = {
        name + (" (reference)" if name == reference else ""): (
            places,
            stream.running - reference_score,
        )
        for name, stream in streams.items()
    }
    impossible = [
        f"{name} gave density 0 to rows of weight {stream.impossible:g}, which its score leaves out"
        for name, stream in streams.items()
        if stream.impossible > 0.0
    ]
    ax = draw_lines(ax, lines, "rows learned" if in_rows else "batch", *impossible)
    label_y(ax, f"score above that of {reference}, nats per row")
    return ax


class _Scores:
    """The scores of one rule along a stream."""

    def __init__(self, name: str, given: Any, weights: ArrayLike | None) -> None:
        self.name = name
        reports = _as_reports(given)
        self.has_weights = reports is not None
        lost = np.zeros(0)
        if reports is not None:
            means = np.array([report.log_likelihood for report in reports], dtype=float)
            self.weights = np.array([report.weight for report in reports], dtype=float)
            lost = np.array([report.impossible for report in reports], dtype=float)
        else:
            if isinstance(given, EMResult):
                given = given.log_likelihoods
            means = np.asarray(numbers_in_memory(given, f"scores of {name}"), dtype=float)
            self.weights = np.ones(means.shape)
        if means.ndim != 1 or len(means) == 0:
            raise ValueError(
                f"scores of {name} must be a number for each batch, got shape {means.shape}"
            )
        if weights is not None:
            self.weights = _batch_weights(weights, len(means), name)
        scored = self.weights - lost if len(lost) else self.weights
        bad = np.flatnonzero(~np.isfinite(means) & (scored > 0.0))
        if len(bad):
            raise ValueError(
                f"scores of {name} must be finite, got {means[bad[0]]} for batch {bad[0]}"
            )
        self.impossible = float(lost.sum())
        total = np.cumsum(np.where(scored > 0.0, scored * means, 0.0))
        rows = np.cumsum(scored)
        if rows[0] <= 0.0:
            raise ValueError(f"scores of {name} must have a row of density > 0 in the first batch")
        self.running: Values = total / rows


def _as_reports(given: Any) -> list[BatchReport] | None:
    if isinstance(given, list | tuple) and given and isinstance(given[0], BatchReport):
        for report in given:
            if not isinstance(report, BatchReport):
                raise TypeError(f"scores must be BatchReports all, got {type(report).__name__}")
        return list(given)
    return None


def _batch_weights(weights: ArrayLike, count: int, name: str) -> Values:
    given = np.asarray(numbers_in_memory(weights, "weights"), dtype=float)
    if given.shape != (count,):
        raise ValueError(
            f"weights must be one for each batch of {name}, {count}, got shape {given.shape}"
        )
    if not (np.isfinite(given).all() and (given > 0.0).all()):
        raise ValueError(
            f"weights must be finite and > 0, got {given[~(given > 0.0)][:1].tolist()}"
        )
    return given
