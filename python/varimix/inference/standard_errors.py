"""Standard errors and intervals of a fitted law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from varimix import _varimix
from varimix._varimix import BootstrapEM, EMResult, OnlineEM
from varimix.arguments import MODELS, probability
from varimix.frames import pandas
from varimix.html import table_of
from varimix.inference.arguments import flag, require_rows, text, whole_number
from varimix.inference.functionals import parts_of
from varimix.inference.table import summary_of
from varimix.read_only import restore

Array = NDArray[np.float64]
STATES = (OnlineEM, BootstrapEM)
SAME = {"oim": "nonrobust"}
"""Words of statsmodels for a covariance that has another word here."""
COV_TYPES = ("nonrobust", "opg", "robust", "hac")


@dataclass(frozen=True, eq=False, repr=False)
class Inference:
    """Numbers of a fitted law with their standard errors: what `inference` returns.

    Attributes
    ----------
    params : dict
        The numbers by name: ``mean_1``, ``sd_1``, ``corr_2_1``, ``EY_gamma_1``, ``skewness_1``,
        ``kurtosis_1``, ``log_tail_weight``, ``log_sqrt_ab`` ..., with names of columns where the
        model has them. They do not depend on the gauge.
    bse : dict
        Their standard errors; empty where a note says that there are none.
    notes : tuple of (word, sentence, detail)
        What is to be known: numbers that are left out, an irregular likelihood, a model that is not
        at the maximum of these rows.
    model
        The law.
    family : str
        The family whose errors these are: on a face of the generalized hyperbolic one the face's.
    cov_type : str
        ``"nonrobust"``, ``"opg"``, ``"robust"`` or ``"hac"``.
    n : int
        Rows.
    total_weight : float
        The sum of the weights of rows that show something.
    free_parameters : int
        Parameters of the law that were free.
    log_likelihood : float
        Of all rows, nats.
    distance_to_maximum : float or None
        How far the maximum of the likelihood is, in standard errors; None without errors, and of
        a stream.
    """

    params: dict[str, float]
    bse: dict[str, float]
    notes: tuple[tuple[str, str, str], ...]
    model: Any
    family: str
    cov_type: str
    n: int
    total_weight: float
    free_parameters: int
    log_likelihood: float
    distance_to_maximum: float | None
    _scales: tuple[str, ...] = field(repr=False)
    _covariance: Array | None = field(repr=False)
    _options: dict[str, Any] = field(repr=False)

    def cov_params(self) -> Array:
        """Return the covariance of the estimates, in the order of ``params``.

        ValueError where a note says that there are no standard errors, and with more than 500 free
        parameters, of which no such matrix is made.
        """
        self._require_errors()
        if self._covariance is None:
            raise ValueError(
                "cov_params: no covariance is made of more than 500 free parameters, got "
                f"{self.free_parameters}; bse has the standard errors"
            )
        return self._covariance

    def conf_int(self, alpha: float = 0.05) -> dict[str, tuple[float, float]]:
        """Return intervals that cover with probability 1 - alpha, by name.

        They are symmetric on the scale of the logarithm for standard deviations, value at risk and
        expected shortfall, of atanh for correlations, of the odds' logarithm for probabilities,
        and else of the number itself. The errors are multiplied by a normal quantile; for
        ``cov_type="hac"`` by Student's with as many degrees of freedom as there are cosines (8), or
        with ``maxlags`` by that of Kiefer and Vogelsang (2005). An upper end on the scale of the
        logarithm that no double holds is inf. ValueError unless 0 < alpha < 1.
        """
        self._require_errors()
        ends = _varimix.confidence_intervals(
            np.array(list(self.params.values())),
            np.array(list(self.bse.values())),
            self._scales,
            self.n,
            self._options,
            probability(alpha, "alpha"),
        )
        return {
            name: (float(low), float(high))
            for name, (low, high) in zip(self.params, ends, strict=True)
        }

    def has(self, note: str) -> bool:
        """Return whether there is a note of this word, as ``"irregular"``."""
        return any(note == word for word, _, _ in self.notes)

    def summary(self, alpha: float = 0.05) -> str:
        """Return a table of the numbers with standard errors and intervals, and the notes."""
        return summary_of(self, probability(alpha, "alpha"))

    def as_frame(self, alpha: float = 0.05) -> Any:
        """Return a DataFrame of pandas: a row a number, with its error and interval."""
        columns: dict[str, Any] = {"params": list(self.params.values())}
        if self.bse:
            intervals = self.conf_int(alpha)
            columns["bse"] = list(self.bse.values())
            columns["low"] = [low for low, _ in intervals.values()]
            columns["high"] = [high for _, high in intervals.values()]
        return pandas().DataFrame(columns, index=list(self.params))

    def to_dict(self) -> dict[str, Any]:
        """Return numbers, errors, 95% intervals and notes as plain values."""
        return {
            "params": dict(self.params),
            "bse": dict(self.bse),
            "conf_int": {k: list(v) for k, v in self.conf_int().items()} if self.bse else {},
            "notes": [list(note) for note in self.notes],
            "family": self.family,
            "cov_type": self.cov_type,
            "n": self.n,
            "total_weight": self.total_weight,
            "free_parameters": self.free_parameters,
            "log_likelihood": self.log_likelihood,
            "distance_to_maximum": self.distance_to_maximum,
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Inference):
            return NotImplemented
        return self.model == other.model and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return what it is in a line."""
        notes = "".join(f", {word}" for word, _, _ in self.notes)
        return (
            f"{type(self).__name__}(family={self.family!r}, cov_type={self.cov_type!r}, "
            f"n={self.n}, params={len(self.params)}{notes})"
        )

    __str__ = summary

    def _repr_html_(self) -> str:
        """Return the table, as notebooks show it."""
        intervals = self.conf_int() if self.bse else {}
        rows = [
            (
                name,
                f"{value:.6g}",
                *((f"{self.bse[name]:.4g}",) if self.bse else ("",)),
                *((f"{x:.6g}" for x in intervals[name]) if intervals else ("", "")),
            )
            for name, value in self.params.items()
        ]
        return table_of(repr(self), ["", "value", "std err", "2.5%", "97.5%"], rows)

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore(self, state)

    def _require_errors(self) -> None:
        if not self.bse:
            reason = " ".join(f"{sentence} ({detail})" for _, sentence, detail in self.notes)
            raise ValueError(f"there are no standard errors. {reason}".strip())


def inference(
    model: Any,
    X: ArrayLike,
    cov_type: str = "robust",
    *,
    functionals: Mapping[str, Any] | None = None,
    defaults: bool = True,
    weights: ArrayLike | None = None,
    missing: str = "error",
    symmetric: bool = False,
    fixed: Sequence[str] | None = None,
    alpha_min: str = "none",
    cosines: int = 8,
    maxlags: int | None = None,
) -> Inference:
    """Return standard errors and intervals of a law that was fitted to rows by maximum likelihood.

    Numbers that people read have errors: means, standard deviations, correlations, ``E[Y] gamma``,
    skewness, kurtosis, tail weight and shape; and those that you ask for. With ``s_i`` the score of
    row i and ``H`` minus the Hessian of the log-likelihood, a number with the gradient g has by
    ``cov_type`` the variance::

        nonrobust (oim)  g' H^-1 g                  independent rows of a law of the family
        opg              g' G^-1 g, G = sum s_i s_i'    the same
        robust           sum psi_i^2, psi_i = s_i' H^-1 g   independent rows of any law
        hac              long-run variance of psi_i         dependent rows

    Parameters
    ----------
    model
        The maximum of the likelihood of ``X``: a model, or the result of a fit.
    X : array-like (n, d)
        The rows, in their order. Columns with names are put into the model's order.
    cov_type
        ``"nonrobust"`` (or ``"oim"``), ``"opg"``, ``"robust"`` or ``"hac"``.
    functionals
        More numbers by name: `value_at_risk`, `expected_shortfall`, `cdf` of a portfolio, or any
        smooth function of the model.
    defaults
        Whether the default numbers are wanted; with more than 500 free parameters (d >= 30) they
        have no correlations, skewness and kurtosis.
    weights : (n), optional
        Not with ``"hac"``. An integer weight is a row that is repeated.
    missing
        ``"exact"``: NaN are values missing at random.
    symmetric, fixed, alpha_min
        What the fit held, as BatchEMFitter has it. The result of a batch fit knows.
    cosines, maxlags
        Of ``"hac"``: by default 8 cosine series (EWC) with Student's t of 8; with ``maxlags``
        Bartlett's weights (Newey and West) up to that lag. ``3 * sqrt(n)`` lags cover 1 to 3
        points less than the cosines where volatility lasts; 10 lags some 15 points less.

    Returns
    -------
    Inference

    Raises
    ------
    TypeError
        If ``model`` is neither model nor result, or a functional is not callable.
    ValueError
        For rows that are not finite, of other columns, or fewer than 2; wrong weights, or weights
        with ``"hac"``; numbers of the same name; settings outside their domain.

    Notes
    -----
    Of daily returns, whose volatility lasts, intervals for independent rows of standard deviations
    and tails cover 45 to 70 percent, not 95: use ``"hac"``. Cost: two E-steps for each free
    parameter; with more than 500 of them, some 20 E-steps a number.
    """
    law = model.model if isinstance(model, EMResult) else model
    if not isinstance(law, MODELS):
        hint = "; stream_inference(state) is for states" if isinstance(law, STATES) else ""
        raise TypeError(
            f"model must be a model of varimix or a result, got {type(law).__name__}{hint}"
        )
    require_rows(X)
    held = _held(model, fixed, flag(symmetric, "symmetric"))
    chosen = SAME.get(text(cov_type, "cov_type"), cov_type)
    options = {
        "cov_type": chosen,
        "cosines": whole_number(cosines, "cosines"),
        "maxlags": None if maxlags is None else whole_number(maxlags, "maxlags"),
        "symmetric": symmetric,
        "fixed": held,
        "alpha_min": text(alpha_min, "alpha_min"),
        "missing": text(missing, "missing"),
    }
    more = parts_of(functionals, law.columns)
    found = _varimix.standard_errors(law, X, flag(defaults, "defaults"), more, options, weights)
    names = found.pop("names")
    errors, covariance = found.pop("errors"), found.pop("covariance")
    if covariance is not None:
        covariance.flags.writeable = False
    return Inference(
        params=dict(zip(names, found.pop("values").tolist(), strict=True)),
        bse={} if errors is None else dict(zip(names, errors.tolist(), strict=True)),
        model=law,
        cov_type=chosen,
        _scales=found.pop("scales"),
        _covariance=covariance,
        _options=options,
        **found,
    )


def _held(model: Any, fixed: Sequence[str] | str | None, symmetric: bool) -> list[str]:
    """Return the parameters that a fit held: those given, else those that its result names."""
    if fixed is None:
        held = list(model.held) if isinstance(model, EMResult) else []
    else:
        held = [fixed] if isinstance(fixed, str) else [text(name, "fixed") for name in fixed]
    if isinstance(model, EMResult):
        free = _varimix.free_parameters(model.model, symmetric, held)
        if free != model.n_parameters:
            raise ValueError(
                f"fixed must be the parameters that the fit held, got {held}: it was free to "
                f"choose {model.n_parameters} parameters, not {free}"
            )
    return held
