"""Vuong's test of two laws that do not nest."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix import _varimix
from varimix._varimix import EMResult, MeanVarianceMixture
from varimix.inference.arguments import model_of, number_text, text, whole_number
from varimix.names import require_same_names
from varimix.rows import AnyRows, rows_and_names


@dataclass(frozen=True)
class VuongTest:
    """Vuong's test of two laws: what `vuong` returns.

    Attributes
    ----------
    statistic : float
        z; positive where the first law is closer to the rows' law.
    p_value : float
        Two-sided: both are equally close.
    p_value_a_better, p_value_b_better : float
        One-sided: small where the first law, or the second, is closer.
    mean : float
        Mean of ``log f_a - log f_b``, nats per row, less the correction.
    variance : float
        omega^2, the variance of a row's difference; with lags the long-run variance.
    rows : int
        Rows that show something.
    maxlags : int
        As given.
    status : str
        ``'ok'``; or ``'indistinguishable'``: all rows have one difference, and there is no
        statistic (0, with p-values 1).
    """

    statistic: float
    p_value: float
    p_value_a_better: float
    p_value_b_better: float
    mean: float
    variance: float
    rows: int
    maxlags: int
    status: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, which JSON holds."""
        return asdict(self)

    def summary(self) -> str:
        """Return the test in one line."""
        if self.status == "indistinguishable":
            return f"Vuong: the two laws are indistinguishable at all {self.rows} rows"
        closer = "first" if self.statistic > 0 else "second"
        return (
            f"Vuong: z = {number_text(self.statistic)}, two-sided p = {number_text(self.p_value)}: "
            f"the {closer} law is closer by {number_text(abs(self.mean))} nats per row"
        )


def vuong(
    model_a: MeanVarianceMixture | EMResult[Any],
    model_b: MeanVarianceMixture | EMResult[Any],
    X: AnyRows,
    *,
    correction: str = "none",
    maxlags: int = 0,
    missing: str = "error",
) -> VuongTest:
    """Test that two fitted laws, which do not nest, are equally close to the law of the rows.

    Vuong (1989): with ``m_i = log f_a(x_i) - log f_b(x_i)``, ``z = sum(m) / (sqrt(n) omega)`` and
    ``omega^2 = mean(m^2) - mean(m)^2``; z is normal where both have the same Kullback-Leibler
    distance to the law of the rows.

    Parameters
    ----------
    model_a, model_b : models or EMResult
        Fits to the rows by maximum likelihood, of families that do not nest.
    X : rows (n, d)
        Anything that ``Model.fit`` takes; the rows of the fits.
    correction : str
        What more parameters cost: 'none'; 'aic', their difference in nats; or 'bic', ``log(n)/2``
        times it. A result has its number of free parameters, a model that of its family.
    maxlags : int
        0 where rows are independent. Else omega^2 is the long-run variance of Newey and West
        (1987), of autocovariances up to this lag with Bartlett's weights.
    missing : str
        'error'; or 'exact': NaN is a value missing at random, and rows that show nothing do not
        count.

    Returns
    -------
    VuongTest

    Raises
    ------
    TypeError
        For anything but models or results of fits.
    ValueError
        For laws that nest (one family, or one in a GeneralizedHyperbolic), which are
        `likelihood_ratio`'s; fewer than two rows; a density that is 0 or infinite at a row, which
        is named; and rows as ``Model.log_prob`` does.

    Notes
    -----
    The normal law of z takes laws that differ at the law of the rows, omega^2 > 0 in the
    population. All families meet in the Gaussian limit, where z is not normal: make Vuong's first
    step, `test_distinguishability`, before you believe a small p-value.

    Cost: two evaluations of log densities.

    References
    ----------
    Vuong (1989), Econometrica 57:307. Newey and West (1987), Econometrica 55:703.

    Examples
    --------
    >>> from varimix import NormalInverseGamma, VarianceGamma
    >>> from varimix.inference import vuong
    >>> law = NormalInverseGamma.from_classical([0.0], [0.0], [[1.0]], 1.5, 1.5)
    >>> X = law.rvs(2000, seed=1)
    >>> vuong(NormalInverseGamma.fit(X), VarianceGamma.fit(X), X).p_value_a_better < 0.01
    True
    """
    a, b = model_of(model_a, "model_a"), model_of(model_b, "model_b")
    rule = text(missing, "missing")
    rows, _ = rows_and_names(X, columns=a.columns or b.columns)
    log_a = a.log_prob(rows, missing=rule)
    log_b = b.log_prob(_in_order(rows, a, b), missing=rule)
    if missing == "exact":
        values = np.asarray(rows, dtype=np.float64).reshape(len(log_a), -1)
        shows = ~np.isnan(values).all(axis=1)
        log_a, log_b = log_a[shows], log_b[shows]
    count_a, count_b = _parameters(model_a), _parameters(model_b)
    lags = whole_number(maxlags, "maxlags")
    found = _varimix.vuong_test(
        a, b, log_a, log_b, count_a, count_b, text(correction, "correction"), lags
    )
    return VuongTest(**found)


def _in_order(rows: NDArray[Any], a: Any, b: Any) -> NDArray[Any]:
    """Return rows of the columns of ``a`` in the order of those of ``b``, by name."""
    if a.columns is None or b.columns is None or a.columns == b.columns:
        return rows
    require_same_names(b.columns, a.columns, "model_b")
    return rows[:, [a.columns.index(name) for name in b.columns]]


def _parameters(of: Any) -> int | None:
    """Return the number of free parameters of a fit; None for a model, whose family tells."""
    return of.n_parameters if isinstance(of, EMResult) else None
