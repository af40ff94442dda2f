"""Goodness of fit by probability integral transforms of projections."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from varimix import _varimix
from varimix._varimix import EMResult, MeanVarianceMixture
from varimix.batch_em_fitter import BatchEMFitter
from varimix.html import table_of
from varimix.inference.arguments import flag, model_of, number_text, require_rows, whole_number
from varimix.names import Names
from varimix.read_only import make_read_only, restore
from varimix.rows import AnyRows

Array = NDArray[np.float64]

LINES_SHOWN = 12
"""Projections of which a summary has a line; of more, those of the largest statistics."""
HEADS = ("projection", "sqrt(n) D", "p-value")


@dataclass(frozen=True, eq=False, repr=False)
class GoodnessOfFit:
    """A test of goodness of fit: what `goodness_of_fit` returns. Arrays are read-only.

    Attributes
    ----------
    fit : EMResult or None
        The result that was tested, with a line on the test in its ``summary()``; None where a
        model was given.
    columns : tuple of str or None
        Names of the columns of ``directions``.
    directions : array
        (k, d): weights w of each projection ``w'x``.
    statistics : (k)
        ``sqrt(n) D`` of each projection.
    p_values : (k) or None
        Of each alone; None without replicates.
    statistic : float
        The largest of the statistics.
    p_value : float or None
        Of the largest, which accounts for there being k.
    rows, replicates : int
        n and B.
    failed_refits : int
        Replicates that could not be fitted; each counts as a statistic larger than any.
    unconverged_refits : int
        Replicates whose fit ended before its stopping rule was met; they count as they are.
    fitted : bool
        Whether replicates were fitted.
    """

    fit: EMResult[Any] | None
    columns: Names | None
    directions: Array
    statistics: Array
    p_values: Array | None
    statistic: float
    p_value: float | None
    rows: int
    replicates: int
    failed_refits: int
    unconverged_refits: int
    fitted: bool

    def summary(self) -> str:
        """Return a table of the projections, and the test of all together."""
        lines = [f"{name:<32}{d:>12}{p:>10}" for name, d, p in (HEADS, *self._rows())]
        notes = []
        if self.failed_refits:
            notes.append(f"{self.failed_refits} replicates had no fit and count against the law")
        if self.unconverged_refits:
            notes.append(f"{self.unconverged_refits} replicates did not converge")
        return "\n".join([self._caption(), *lines, *notes])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, which JSON holds, without the fit."""
        values = {of.name: getattr(self, of.name) for of in fields(self) if of.name != "fit"}
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in values.items()
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GoodnessOfFit):
            return NotImplemented
        return self.fit == other.fit and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return it on one line."""
        failed = f", failed_refits={self.failed_refits}" if self.failed_refits else ""
        return (
            f"GoodnessOfFit(projections={len(self.statistics)}, "
            f"statistic={number_text(self.statistic)}, p_value={number_text(self.p_value)}, "
            f"rows={self.rows}, replicates={self.replicates}{failed})"
        )

    def _repr_html_(self) -> str:
        """Return the table of `summary`, as notebooks show it."""
        return table_of(self._caption(), HEADS, self._rows())

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore(self, state)

    def _caption(self) -> str:
        return (
            f"goodness of fit of {self.rows} rows, "
            f"{self.replicates} replicates{', each fitted' if self.fitted else ''}: "
            f"largest sqrt(n) D {number_text(self.statistic)}, p = {number_text(self.p_value)}"
        )

    def _rows(self) -> list[tuple[str, str, str]]:
        shown = np.sort(np.argsort(-self.statistics, kind="stable")[:LINES_SHOWN])
        p_values = [None] * len(self.statistics) if self.p_values is None else self.p_values
        rows = [
            (self._name(int(k)), number_text(self.statistics[k]), number_text(p_values[k]))
            for k in shown
        ]
        if len(self.statistics) > LINES_SHOWN:
            rows.append((f"... {len(self.statistics)} in all", "", ""))
        return rows

    def _name(self, k: int) -> str:
        weights = self.directions[k]
        used = np.flatnonzero(weights)
        if len(used) == 1 and weights[used[0]] == 1.0:
            j = int(used[0])
            return f"column {j}" if self.columns is None else self.columns[j]
        if len(weights) > 1 and np.all(weights == weights[0]):
            return "equal weights"
        return f"direction {k}"


def goodness_of_fit(
    fit: EMResult[Any] | MeanVarianceMixture,
    X: AnyRows,
    *,
    directions: ArrayLike | int | None = None,
    replicates: int = 199,
    seed: Any = 0,
    fitted: bool = True,
    fitter: BatchEMFitter | None = None,
) -> GoodnessOfFit:
    """Test whether rows come from a law of the family that was fitted to them.

    Each projection ``w'x`` has the distribution function ``F_w`` under the model, and its
    probability integral transforms are ``u_i = F_w(w'x_i)``. The statistic is Kolmogorov's and
    Smirnov's, ``sqrt(n) D`` with ``D = sup |F_n(u) - u|``, of each projection, and the largest of
    all.

    A law that was fitted to the rows lies closer to them than the true one, so that Kolmogorov's
    p-values are far too large. Here they come from the parametric bootstrap (Stute, Gonzales
    Manteiga and Presedo Quindimil 1993): each replicate draws n rows from the model, is fitted by
    batch EM, and is compared with its own fit; ``p = (1 + #{T_b >= T}) / (B + 1)``.

    Parameters
    ----------
    fit : EMResult or model
        The fit to ``X`` by maximum likelihood. Replicates hold what the result held.
    X : rows (n, d)
        Anything that ``Model.fit`` takes, without NaN: replicates have no missing values.
    directions : (k, d) array_like, int or None
        Weights of the projections. None: every column and, of several, their mean. An int: as many
        random directions ``L^-T u``, u uniform on the sphere and L the Cholesky factor of Sigma,
        keyed by ``seed``.
    replicates : int
        B, from 0 to 1e6; 0 gives the statistics alone, in no time.
    seed : int, array of int, or numpy.random.Generator
        Key of the draws. The same seed gives the same bits for any number of threads.
    fitted : bool
        False for a model that was known before the rows: replicates are not fitted.
    fitter : BatchEMFitter, optional
        How replicates are fitted, from the model: by default with the constraints of the result,
        ``tol=1e-8`` and ``max_iter=500``. One with a prior, where the fit had one.

    Returns
    -------
    GoodnessOfFit
        Its ``summary()`` is a table. ``test.fit`` is the result that was given with a line on the
        test in its own ``summary()``: a fit cannot know it by itself, as it takes the rows, and
        time.

    Raises
    ------
    TypeError
        For anything but a model or the result of a fit.
    ValueError
        For rows as ``Model.fit`` does; directions of another dimension, all 0 or not finite;
        replicates outside their range; a fitter that holds other parameters than the result; a
        result of a fit with a prior without such a fitter.

    Notes
    -----
    The rows are taken to be independent; where volatility clusters, p-values are too small. A
    replicate without a fit counts as a statistic as large, so that p errs to the large side;
    ``failed_refits`` says how many there are.

    Cost: B fits of n rows, and B k n distribution functions, on all cores: some two to
    four seconds for n = 2000, d = 2 and B = 199 on two cores. Ctrl-C is heeded at the end.

    References
    ----------
    Stute, Gonzales Manteiga and Presedo Quindimil (1993), Metrika 40:243.

    Examples
    --------
    >>> from varimix import NormalInverseGaussian
    >>> from varimix.inference import goodness_of_fit
    >>> law = NormalInverseGaussian.from_classical([0.0], [0.3], [[1.0]], 1.0, 1.0)
    >>> X = law.rvs(300, seed=1)
    >>> test = goodness_of_fit(NormalInverseGaussian.fit(X), X, replicates=39)
    >>> test.replicates, test.failed_refits
    (39, 0)
    """
    model = model_of(fit, "fit")
    result = fit if isinstance(fit, EMResult) else None
    given, random = _directions(directions)
    refit = _fitter(result, fitter)
    require_rows(X)
    refitted = flag(fitted, "fitted")
    found, line = _varimix.goodness_of_fit(
        model, X, given, random, whole_number(replicates, "replicates"), seed, refitted, refit
    )
    make_read_only(found.values())
    told = None if result is None else _varimix.with_goodness_of_fit(result, line)
    return GoodnessOfFit(fit=told, columns=model.columns, **found)


def _directions(directions: Any) -> tuple[Any, int]:
    """Return directions, or None, and the number of random ones, or 0."""
    if directions is None:
        return None, 0
    if np.ndim(directions) == 0 and hasattr(directions, "__index__"):
        count = whole_number(directions, "directions")
        if count < 1:
            raise ValueError(f"directions must be >= 1, got {count}")
        return None, count
    given = np.asarray(directions)
    if given.ndim != 2 or given.size == 0:
        raise ValueError(f"directions must be of shape (k, d), k >= 1, got {given.shape}")
    return given, 0


def _fitter(result: EMResult[Any] | None, fitter: BatchEMFitter | None) -> BatchEMFitter:
    """Return the fitter of replicates, which has the constraints of the fit that is tested."""
    held = () if result is None else result.held
    if fitter is None:
        if result is not None and result.has_prior:
            raise ValueError(
                "fitter must be given, with the prior of the fit: its replicates have it too"
            )
        return BatchEMFitter(tol=1e-8, fixed=held)
    if not isinstance(fitter, BatchEMFitter):
        raise TypeError(f"fitter must be a BatchEMFitter, got {type(fitter).__name__}")
    if result is None:
        return fitter
    holds = tuple(sorted({*fitter.fixed, *(("gamma",) if fitter.symmetric else ())}))
    if holds != held:
        raise ValueError(f"fitter must hold what the fit held, {list(held)}, got {list(holds)}")
    if result.has_prior != (fitter.eta_update is not None):
        raise ValueError(
            "fitter must have a prior where the fit had one, and no other; "
            f"the fit had {'one' if result.has_prior else 'none'}"
        )
    return fitter
