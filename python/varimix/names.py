"""Names of columns: what has some, and whether two sets of them are the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from varimix.nearest_word import nearest_word
from varimix.sources.real_numbers import real_array

Names = tuple[str, ...]

NAMES_SHOWN = 20
"""Names listed in a message, at most."""


def listed(names: Sequence[str]) -> str:
    """Return names as messages show them: all, or the first ones of many."""
    more = ", ..." if len(names) > NAMES_SHOWN else ""
    return "[" + ", ".join(map(repr, names[:NAMES_SHOWN])) + more + "]"


def require_same_names(
    found: Sequence[str],
    expected: Sequence[str],
    what: str,
    hint: str = "",
    *,
    may_lack: bool = False,
) -> None:
    """Raise a ValueError that lists both sides unless both have the same names, in any order.

    ``hint`` is added where names are unknown: how to leave columns out. With ``may_lack`` some of
    those expected may be missing.
    """
    missing = [] if may_lack else [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    if not missing and not unknown:
        return
    which = "some of the columns" if may_lack else "the columns"
    message = f"{what} must have {which} {listed(expected)}, got {listed(found)}"
    if missing:
        message += f"; missing: {listed(missing)}"
    if unknown:
        free = expected if may_lack else missing
        message += f"; unknown: {', '.join(_with_nearest(name, free) for name in unknown)}{hint}"
    raise ValueError(message)


def _with_nearest(name: str, others: Sequence[str]) -> str:
    nearest = nearest_word(name, others)
    return repr(name) + (f" (did you mean {nearest!r}?)" if nearest else "")


def are_numbers(labels: Sequence[object]) -> bool:
    """Return whether labels are 0, 1, 2, ...: those of a frame whose columns nobody named."""
    return all(type(label) is int or isinstance(label, np.integer) for label in labels) and list(
        labels
    ) == list(range(len(labels)))


def list_of_names(names: Any) -> list[str]:
    """Return names as a list.

    Raises
    ------
    TypeError
        For anything but an iterable of texts, and for one text.
    """
    if isinstance(names, str | bytes) or not isinstance(names, Iterable):
        raise TypeError(f"columns: a list of names expected, got {names!r}")
    found = list(names)
    for name in found:
        if not isinstance(name, str):
            raise TypeError(f"columns: names must be texts, got {name!r}")
    return [str(name) for name in found]


def _number(weights: Mapping[str, Any], name: str, what: str) -> float:
    number = real_array(weights.get(name, 0.0), f"{what}[{name!r}]")
    if number.shape != ():
        raise ValueError(f"{what}[{name!r}] must be one number, got {weights[name]!r}")
    return float(number)


def weights_in_order(weights: Any, names: Names | None, what: str = "w") -> Any:
    """Return weights of columns in their order: what has no names of its own as it is.

    ``what`` is how messages call them.

    Raises
    ------
    ValueError
        For names that the model does not have, that a series leaves out, or that are there twice;
        for a dict where the columns have no names, or of what is no number.
    """
    if isinstance(weights, Mapping):
        if names is None:
            raise ValueError(
                f"{what} must be an array: the columns of the model have no names "
                "(see with_columns)"
            )
        require_same_names(list_of_names(weights), names, what, may_lack=True)
        return np.array([_number(weights, name, what) for name in names])
    labels = _labels_of(weights)
    if labels is None or names is None:
        return weights
    if len(set(labels)) < len(labels):
        raise ValueError(f"{what} must have each name once, got {listed(labels)}")
    require_same_names(labels, names, what)
    values = weights.to_numpy()
    return [values[labels.index(name)] for name in names]


def _labels_of(series: Any) -> list[str] | None:
    """Return the labels of a pandas series, but 0, 1, 2, ...; None for anything else."""
    if not (hasattr(series, "index") and hasattr(series, "to_frame")):
        return None
    labels = list(series.index)
    return None if are_numbers(labels) else [str(label) for label in labels]
