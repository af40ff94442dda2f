"""Results as series and frames of pandas, which is imported only here and only when asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

from varimix.extras import require_extra
from varimix.names import Names
from varimix.plain_values import OF_Y, family_of


def pandas() -> Any:
    """Return the module pandas.

    Raises
    ------
    ImportError
        If it is not installed; the message names the extra that brings it.
    """
    require_extra("pandas", "frames", "a result as a frame")
    import pandas

    return pandas


def labelled(values: Any, names: Names | None, name: str) -> Any:
    """Return numbers of the columns (d) as a Series, a matrix (d, d) of them as a DataFrame."""
    labels = None if names is None else list(names)
    if values.ndim == 1:
        return pandas().Series(values, index=labels, name=name)
    return pandas().DataFrame(values, index=labels, columns=labels)


def rows_like(values: Any, names: Names | None, rows: Any) -> Any:
    """Return rows (n, d) as a DataFrame, with the index of ``rows`` if that is of pandas."""
    columns = None if names is None else list(names)
    index = rows.index if hasattr(rows, "index") and hasattr(rows, "iloc") else None
    return pandas().DataFrame(values, index=index, columns=columns)


class ConditionalFrames(NamedTuple):
    """Moments of the values that rows do not show, given those that they show, as frames.

    Attributes
    ----------
    mean : DataFrame (n, d); observed values are as they were
    covariance : DataFrame (n d, d), a row for each row of X and column; 0 where one is observed
    """

    mean: Any
    covariance: Any


def conditional_frames(law: Any, names: Names | None, rows: Any) -> ConditionalFrames:
    """Return the moments of a Conditional of ``rows`` as frames."""
    mean = rows_like(law.mean, names, rows)
    index = pandas().MultiIndex.from_product([mean.index, mean.columns])
    n, d = law.mean.shape
    covariance = law.covariance.reshape(n * d, d)
    return ConditionalFrames(
        mean, pandas().DataFrame(covariance, index=index, columns=mean.columns)
    )


def params(model: Any) -> Any:
    """Return the parameters of a model as a DataFrame with a row for each column of X.

    Its columns are ``mu``, ``gamma``, ``sigma[name]`` for every column, and the parameters of Y,
    which are the same in all rows.
    """
    labels = range(model.d) if model.columns is None else model.columns
    sigma = model.sigma()
    columns = {"mu": model.mu, "gamma": model.gamma}
    columns |= {f"sigma[{label}]": sigma[:, j] for j, label in enumerate(labels)}
    columns |= {name: getattr(model, name) for name in OF_Y[family_of(model)]}
    return pandas().DataFrame(columns, index=list(labels))
