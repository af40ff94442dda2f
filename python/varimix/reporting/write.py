"""The report on a fit: its public function."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from math import isclose
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from varimix.rows import AnyRows

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("returns", "rows")
USUAL_LEVELS = (0.01, 0.05)
"""Probabilities of a loss that every report tells, beside the one asked for."""
SAME = 1e-6
LARGEST_ALPHA = 0.25
"""Quantiles nearer to the middle are no tails."""


def report(
    of: Any,
    X: AnyRows,
    path: str | os.PathLike[str],
    *,
    weights: Any = None,
    kind: str = "returns",
    alpha: float = 0.01,
    title: str | None = None,
    columns: Sequence[str | int] | None = None,
    dates: Any = None,
    families: Iterable[Any] | None = None,
    backtest: str = "auto",
    rule: object | None = None,
) -> Path:
    """Write a report on a fit as one HTML page that needs nothing beside it.

    The first box says in plain words what was fitted, value at risk and expected shortfall of a
    portfolio w'X at 1% and 5%, by the model, a Gaussian and the rows themselves, whether a backtest
    supports them, and what to watch out for. Sections follow on tails, how sure the numbers are (by
    ``varimix.inference``: "hac" for returns and increasing dates, else "robust"), the backtest, the
    row to come with tests of VaR and ES together, weights, contributions to ES, the long-only
    portfolio of the least ES beside the given one, the rows farthest out and the names behind them,
    correlations, the family, and the statuses of the fit. A section that cannot be made says why.
    Needs matplotlib (``pip install 'varimix[plot]'``).

    Parameters
    ----------
    of : OnlineEM, EMResult, BestFit, FamilyFit, or a model of d columns
        What the report is about. A BestFit (``fit_best``) makes it say why this family.
    X : rows (n, d)
        Whatever ``fit_stream`` takes and memory holds, in the order of time. NaN is a missing
        value: a row counts by what it shows.
    path : path
        The file to write; a file that is there is replaced.
    weights : mapping, Series or array (d), optional
        w, by names of columns (others have 0) or by place. If left out, returns have equal weights
        1/d, and other columns 1/d over their interquartile ranges; the page says so.
    kind : str
        "returns": rows are returns, 0.01 is one percent. "rows": rows of any other numbers, told of
        in neutral words: quantiles of a projection on both sides, outliers, correlations.
    alpha : float
        > 0 and <= 0.25: the probability of loss that the backtest looks at most closely, told
        beside 1% and 5%.
    title : str, optional
        Title of the page.
    columns : sequence, optional
        Of a table, the columns to take, by name; of an array, the names of its d columns.
    dates : labels (n), optional
        Dates or names of the rows; if left out, the index of a pandas frame, else their numbers.
    families : iterable of families, or of their names, optional
        Families to compare by ``fit_best`` on X where ``of`` is no BestFit itself. The report
        stays about ``of``. Takes as long as ``fit_best`` does.
    backtest : str
        "prequential": a fresh copy of the family starts from the first max(250, 5(d + 1)) rows and
        predicts each batch of the others before it learns them by ``rule``. "in_sample": all rows
        beside the model as it is, which flatters if it was fitted to them. "auto": the first where
        there are twice as many rows as it starts from, and n ((d + 1)^2 + 300) <= 1e9, which takes
        some ten seconds; else the second. The page says which.
    rule : update rule, optional
        That of the copy in a prequential backtest; ``NaturalGradientUpdate()`` if left out. Give
        the rule of your own stream, such as ``NaturalGradientUpdate(half_life=500)``.

    Returns
    -------
    pathlib.Path
        ``path``.

    Raises
    ------
    ValueError
        For rows of another number of columns, none, infinite, or without any value; weights of
        names that are no columns, of another number, not finite, or all zero; kind, alpha, columns,
        dates, families, backtest or rule outside their domains (TypeError for another type). No
        file is written then.
    OSError
        If the file cannot be written.
    ImportError
        If matplotlib is not installed.

    Notes
    -----
    Cost: one E-step of all rows, one pass of the rule in a prequential backtest, two E-steps for
    each parameter of the model for the intervals (20 for each number with more than 500 parameters;
    left out above some 3 s), and some seconds for the pictures. Names, titles and labels are
    escaped. The page holds no script, and asks nothing of any other place.
    """
    from varimix.reporting.inputs import data_of, subject_of, weights_of

    subject = subject_of(of)
    target = _target(path)
    _require_choice(kind, KINDS, "kind")
    level = _alpha(alpha)
    if not (title is None or isinstance(title, str)):
        raise TypeError(f"title must be a text, got {type(title).__name__}")
    data = data_of(X, subject.model.d, columns, dates, subject.model.columns)
    given = None if weights is None else weights_of(weights, data)
    from varimix.reporting.backtest import require_rule
    from varimix.reporting.findings import BACKTESTS

    _require_choice(backtest, BACKTESTS, "backtest")
    require_rule(rule, subject.model)
    import varimix.plotting  # noqa: F401  # names the extra where matplotlib is absent
    from varimix.reporting.page import page

    text = page(
        subject, data, weights=given, is_returns=kind == "returns", alpha=level, title=title,
        families=families, backtest=backtest, rule=rule,
    )  # fmt: skip
    target.write_text(text, encoding="utf-8")
    return target


def _target(path: object) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be the path of a file, got {path!r}")
    if not os.fspath(path):
        raise ValueError(f"path must be the path of a file, got {path!r}")
    from pathlib import Path  # slow to import

    return Path(path)


def _require_choice(value: object, choices: tuple[str, ...], name: str) -> None:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}")


def _alpha(alpha: object) -> float:
    if isinstance(alpha, bool | np.bool_) or not isinstance(alpha, Real):
        raise TypeError(f"alpha must be a number, got {alpha!r}")
    if not 0.0 < float(alpha) <= LARGEST_ALPHA:
        raise ValueError(f"alpha must be > 0 and <= {LARGEST_ALPHA}, got {alpha}")
    level = float(alpha)
    # A float32 of 0.05 is no other level than 0.05.
    return next((usual for usual in USUAL_LEVELS if isclose(level, usual, rel_tol=SAME)), level)
