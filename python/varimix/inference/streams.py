"""Standard errors and intervals of a fit to a stream."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from varimix import _varimix
from varimix._varimix import BootstrapEM, OnlineEM
from varimix.arguments import one_number
from varimix.inference.arguments import flag
from varimix.inference.functionals import parts_of
from varimix.inference.standard_errors import Array, Inference
from varimix.inference.table import wrapped


@dataclass(frozen=True, eq=False, repr=False)
class StreamInference(Inference):
    """Numbers of the law that a stream was fitted to, with their standard errors.

    It is an `Inference` with ``cov_type`` ``"ewma"`` or ``"bootstrap"``. ``n`` is the number of
    rows, or of a state of EWMAUpdate, which does not count them, their weight; ``log_likelihood``
    is the sum of the log densities that rows had before they were learned;
    ``distance_to_maximum`` is None.

    Attributes
    ----------
    known_rows : float
        As many rows of equal weight, with their Y, determine the estimates as well; 0 of a
        bootstrap.
    replicas : dict of arrays
        The numbers of each of the B replicas of a bootstrap, by name. Empty for ``"ewma"``.
    """

    known_rows: float = 0.0
    replicas: dict[str, Array] = field(default_factory=dict)

    @property
    def relative_error_of_bse(self) -> float:
        """The error of bse, relative to it, by the number B of replicas; else 0."""
        replicas = int(self._options["replicas"])
        return 1.0 / math.sqrt(2.0 * (replicas - 1)) if replicas else 0.0

    def conf_int(
        self, alpha: float = 0.05, method: str = "standard"
    ) -> dict[str, tuple[float, float]]:
        """Return intervals that cover with probability 1 - alpha, by name.

        Parameters
        ----------
        alpha : float
            In (0, 1).
        method : str
            ``"standard"``: estimate plus and minus standard errors, on the scale of each number as
            in `Inference.conf_int`; of a bootstrap times the quantile of Student's t of B - 1. Or,
            of a bootstrap, ``"percentile"`` (Efron and Tibshirani 1993, chapter 13): from the j-th
            smallest of the B replicas to the j-th largest, j the largest whole number
            ``<= (B + 1) alpha / 2``. It takes no scale and no normal law, but many replicas: an
            end is itself a draw.

        Raises
        ------
        ValueError
            For an alpha outside (0, 1), another method, ``"percentile"`` without replicas, and
            with so few that ``(B + 1) alpha / 2 < 1``: the interval would end beyond the outermost
            replica, where they tell nothing (alpha = 0.05 takes 39); and where a note says that
            there are no standard errors.
        """
        if method == "standard":
            return super().conf_int(alpha)
        if method != "percentile":
            raise ValueError(f"method must be 'standard' or 'percentile', got {method!r}")
        if self.cov_type != "bootstrap":
            raise ValueError(
                "method must be 'standard' for a state without replicas, got 'percentile'; "
                "a BootstrapEM has some"
            )
        self._require_errors()
        ends = _varimix.percentile_intervals(
            np.column_stack([self.replicas[name] for name in self.params]), float(alpha)
        )
        return {
            name: (float(low), float(high))
            for name, (low, high) in zip(self.params, ends, strict=True)
        }

    def summary(self, alpha: float = 0.05) -> str:
        """Return a table of the numbers with standard errors and intervals, and the notes."""
        table = super().summary(alpha)
        if self.cov_type != "bootstrap" or not self.bse:
            return table
        return "\n".join([table, *wrapped(f"{self._about_replicas()}.", len(table.split("\n")[1]))])

    __str__ = summary

    def _about_replicas(self) -> str:
        return (
            f"Standard errors by {self._options['replicas']} replicas with random weights: they "
            f"have themselves an error of {self.relative_error_of_bse:.0%}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return numbers, errors, 95% intervals and notes as plain values."""
        return {
            **super().to_dict(),
            "known_rows": self.known_rows,
            "replicas": {name: values.tolist() for name, values in self.replicas.items()},
            "relative_error_of_bse": self.relative_error_of_bse,
        }


def stream_inference(
    state: OnlineEM[Any] | BootstrapEM[Any],
    *,
    functionals: Mapping[str, Any] | None = None,
    defaults: bool = True,
    batch_rows: float | None = None,
) -> StreamInference:
    """Return standard errors and intervals of a law that was fitted to a stream, from its state.

    A state of EWMAUpdate has them in closed form. A batch of m rows moves the model by a share w of
    what its rows would tell with their Y; in a stream whose law does not change a number with the
    gradient g has the variance::

        w / (2 - w) / m  g' R I_c^-1 R' g

    where ``I_c`` is the information in a row whose Y is seen about all parameters, the scale of Y
    among them, and R the map to what does not depend on that scale. The errors are right to the
    factor ``sqrt(2 / (2 - w))``, 1.026 for w = 0.1, for columns that most rows show: the state
    does not know how many show a column, and one that a share s of them shows forgets the start
    1/s times as slowly, and varies more. A `BootstrapEM` has errors for any rule, by the spread
    of its replicas about the fit.

    Parameters
    ----------
    state
        An OnlineEM of EWMAUpdate, with w or a half-life in rows, or a BootstrapEM.
    functionals, defaults
        As of `inference`.
    batch_rows
        m of EWMAUpdate: the rows of equal weight in a batch. By default the mean weight of the
        batches so far; the state knows no more. Where batches differ, and most of all before a
        short last batch, fit with a half-life in rows, for which it does not matter how rows are
        cut.

    Returns
    -------
    StreamInference

    Raises
    ------
    TypeError
        If ``state`` is neither, or a functional is not callable.
    ValueError
        For a state that has learned nothing; of another rule, of a half-life in time, frozen,
        with ``inner_iter`` > 1 or with fixed parameters (``symmetric`` is no obstacle);
        ``batch_rows`` that is not finite and > 0, or given with a BootstrapEM; numbers of the
        same name.
    """
    wanted = flag(defaults, "defaults")
    if isinstance(state, BootstrapEM):
        if batch_rows is not None:
            raise ValueError(f"batch_rows must be left out for a BootstrapEM, got {batch_rows!r}")
        more = parts_of(functionals, state.columns)
        return _result(_varimix.bootstrap_standard_errors(state, wanted, more), state, "bootstrap")
    if not isinstance(state, OnlineEM):
        raise TypeError(
            f"state must be an OnlineEM or a BootstrapEM, got {type(state).__name__}; "
            "inference(model, X) has the errors of a model that was fitted to rows"
        )
    rows = None if batch_rows is None else one_number(batch_rows, "batch_rows")
    more = parts_of(functionals, state.columns)
    return _result(_varimix.ewma_standard_errors(state, wanted, more, rows), state, "ewma")


def _result(
    found: dict[str, Any], state: OnlineEM[Any] | BootstrapEM[Any], cov_type: str
) -> StreamInference:
    names = found.pop("names")
    errors, covariance = found.pop("errors"), found.pop("covariance")
    replicas = np.asarray(found.pop("replicas"))
    for array in (covariance, replicas):
        if array is not None:
            array.flags.writeable = False
    return StreamInference(
        params=dict(zip(names, found.pop("values").tolist(), strict=True)),
        bse={} if errors is None else dict(zip(names, errors.tolist(), strict=True)),
        model=state.model,
        cov_type=cov_type,
        replicas=dict(zip(names, replicas.T, strict=True)) if replicas.size else {},
        _scales=found.pop("scales"),
        _covariance=covariance,
        _options=found.pop("options"),
        **found,
    )
