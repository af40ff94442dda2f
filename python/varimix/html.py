"""Small tables in HTML, as notebooks show values of varimix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np

from varimix._varimix import BestFit, EMResult, OnlineEM, Status
from varimix.arguments import MODELS

ROWS_SHOWN = 8
"""Columns of X of which a table shows all; of more it shows this many, and how many there are."""
CHARACTERS_SHOWN = 200
"""Characters of a value's text, at most."""

Cells = Sequence[object]


def html_of(value: Any) -> str:
    """Return a table of a value: of a model its columns, of anything else its properties."""
    name = type(value).__name__
    if isinstance(value, MODELS):
        return _model(name, value)
    if isinstance(value, OnlineEM):
        return _state(name, value)
    if isinstance(value, BestFit):
        return _best(name, value)
    if isinstance(value, EMResult):
        return _result(name, value)
    if isinstance(value, Status):
        return table_of(name, ("code", "what", "advice"), map(_outcome, value.entries))
    return table_of(name, ("", ""), _properties(value))


def _model(name: str, model: Any) -> str:
    columns = model.columns or tuple(map(str, range(model.d)))
    std, mean = np.atleast_1d(model.std()), model.mean()
    skewness, kurtosis = model.skewness(), model.kurtosis()
    shown = range(min(model.d, ROWS_SHOWN))
    numbers = [(mean[j], std[j], skewness[j], kurtosis[j]) for j in shown]
    rows = [(columns[j], *map(_number, of)) for j, of in zip(shown, numbers, strict=True)]
    if model.d > ROWS_SHOWN:
        rows.append((f"... {model.d} in all", "", "", "", ""))
    caption = f"{name}: {model.d} column{'' if model.d == 1 else 's'}, {_law(model)}"
    return table_of(caption, ("", "mean", "std", "skewness", "excess kurtosis"), rows)


def _law(model: Any) -> str:
    law = model.subordinator()
    return f"Y ~ {law!r}, tail weight {_number(model.tail_weight())}"


def _state(name: str, state: Any) -> str:
    score = state.log_score
    rows = [
        ("step", state.step),
        ("total_weight", _number(state.total_weight)),
        ("log_score", f"{_number(score.mean)} nats per row, recently {_number(score.recent)}"),
        ("changes", state.changes),
        ("status", state.status),
    ]
    return table_of(name, ("", ""), rows) + html_of(state.model)


def _result(name: str, result: Any) -> str:
    rows = [
        ("n_iter", result.n_iter),
        ("converged", result.converged),
        ("elapsed_time", f"{_number(result.elapsed_time)} s"),
        ("status", result.status),
    ]
    return table_of(name, ("", ""), rows) + html_of(result.model)


def _outcome(entry: Any) -> Cells:
    return entry.code, str(entry), entry.advice


def _best(name: str, best: Any) -> str:
    heads = ("family", "log_likelihood", "aic", "bic", "start_gap", "status")
    rows = [
        (fit.family, *(f"{getattr(fit, head):.3f}" for head in heads[1:-1]), fit.status)
        for fit in best.table
    ]
    return table_of(name, heads, rows) + html_of(best.model)


def _properties(value: Any) -> list[tuple[str, object]]:
    names: dict[str, None] = {}
    for of in reversed(type(value).__mro__):
        public = [name for name in vars(of) if not name.startswith("_")]
        names |= dict.fromkeys(name for name in public if not callable(getattr(of, name, None)))
    return [(name, _short(getattr(value, name))) for name in names]


def _short(value: object) -> str:
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=4, threshold=ROWS_SHOWN, edgeitems=2)
    else:
        text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= CHARACTERS_SHOWN else text[: CHARACTERS_SHOWN - 3] + "..."


def _number(value: float) -> str:
    return f"{value:.6g}"


def table_of(caption: str, heads: Cells, rows: Iterable[Cells]) -> str:
    """Return a table of texts, escaped; without a head where all of ``heads`` are empty."""
    parts = [f"<table><caption>{escape(caption)}</caption>"]
    if any(heads):
        parts.append(_row("th", heads))
    parts += [_row("td", cells) for cells in rows]
    return "".join([*parts, "</table>"])


def _row(tag: str, cells: Cells) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"
