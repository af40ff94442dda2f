"""Vuong's first step: whether two laws differ at all at the law of the rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from varimix import _varimix
from varimix._varimix import EMResult, MeanVarianceMixture
from varimix.inference.arguments import model_of, number_text
from varimix.inference.non_nested_laws import _in_order
from varimix.rows import AnyRows, rows_and_names

NOTES = {
    "irregular": "a law is irregular: the null law is approached slowly, or not at all",
    "not_a_maximum": "a law is not at the maximum of these rows' likelihood: fit it to them",
}


@dataclass(frozen=True)
class DistinguishabilityTest:
    """The test that two laws differ: what `test_distinguishability` returns.

    Attributes
    ----------
    statistic : float
        ``n omega^2``.
    p_value : float
        Probability of a statistic as large where the two laws are one at the rows' law.
    variance : float
        omega^2, the variance of a row's ``log f_a - log f_b``, as in `VuongTest`.
    weights : tuple of float
        Those of the null law, a sum of weighted chi-squares of one degree of freedom, falling; one
        for each free parameter of both laws.
    rows : int
        Rows that show something.
    status : str
        ``'ok'``; ``'gaussian_limit'``: neither law is told from a Gaussian by the rows, and all
        families are one there (p_value 1, no weights); ``'irregular'``: a VarianceGamma with
        ``alpha < 1 + d/4``, or a GeneralizedHyperbolic on a face of its family; or
        ``'not_a_maximum'``: the likelihood of the rows is not at its maximum at a law.
    """

    statistic: float
    p_value: float
    variance: float
    weights: tuple[float, ...]
    rows: int
    status: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, which JSON holds."""
        return {**asdict(self), "weights": list(self.weights)}

    def summary(self, alpha: float = 0.05) -> str:
        """Return in one line whether the laws can be told apart at the level alpha."""
        if self.status == "gaussian_limit":
            return (
                "The rows do not tell either law from a Gaussian, where both are one: which of "
                "them is closer cannot be told."
            )
        numbers = (
            f"n omega^2 = {number_text(self.statistic)}, weighted chi-squares, "
            f"p = {number_text(self.p_value)}"
        )
        said = (
            f"The two laws differ ({numbers}): vuong tells which is closer."
            if self.p_value <= alpha
            else f"The two laws cannot be distinguished by these rows ({numbers}): which of them "
            "is closer cannot be told."
        )
        return said if self.status == "ok" else f"{said} [{NOTES[self.status]}]"


def test_distinguishability(
    model_a: MeanVarianceMixture | EMResult[Any],
    model_b: MeanVarianceMixture | EMResult[Any],
    X: AnyRows,
    *,
    missing: str = "error",
) -> DistinguishabilityTest:
    """Test that two fitted laws cannot be distinguished: the first step of Vuong (1989).

    The z of `vuong` is normal only where the two laws differ at the law of the rows:
    ``omega^2 > 0``, the variance of ``log f_a - log f_b``. Where they are one, ``n omega^2`` goes
    to ``sum_j w_j chi2_1``: with ``s_a, s_b`` the scores of a row, ``H_a, H_b`` minus the mean
    Hessians of its log densities and ``B`` the mean of ``(s_a, s_b)(s_a, s_b)'``, the w are the
    squares of the eigenvalues of ``B^1/2 diag(H_a^-1, -H_b^-1) B^1/2``. A small p-value says that
    the laws differ, and then `vuong` which is closer.

    Parameters
    ----------
    model_a, model_b : models or EMResult
        Fits to the rows by maximum likelihood, of any families; a result knows what its fit held.
    X : rows (n, d)
        Anything that ``Model.fit`` takes; the rows of the fits.
    missing : str
        'error'; or 'exact': NaN is a value missing at random, and rows that show nothing do not
        count.

    Returns
    -------
    DistinguishabilityTest

    Raises
    ------
    TypeError
        For anything but models or results of fits.
    ValueError
        For fewer than two rows; a density that is 0 or infinite at a row, which is named; columns
        that are collinear; more than 500 free parameters of one law (d >= 30); an information that
        is infinite or not positive definite; a fit with a prior; rows as ``Model.log_prob`` does.

    Notes
    -----
    Rows are independent; their law need be in neither family. Two of NormalInverseGaussian,
    VarianceGamma and NormalInverseGamma meet in the Gaussian limit alone. A law that the rows do
    not tell from a Gaussian counts as one, with mu and Sigma free; where both are, the laws cannot
    be distinguished, and the status says so.

    The tail of the sum is a contour integral, to 1e-12. Cost: two E-steps and two passes over the
    rows for each free parameter.

    References
    ----------
    Vuong (1989), Econometrica 57:307, theorems 3.3 and 4.1.

    Examples
    --------
    >>> from varimix import NormalInverseGamma, VarianceGamma
    >>> from varimix.inference import test_distinguishability
    >>> law = NormalInverseGamma.from_classical([0.0], [0.0], [[1.0]], 1.5, 1.5)
    >>> X = law.rvs(2000, seed=1)
    >>> found = test_distinguishability(NormalInverseGamma.fit(X), VarianceGamma.fit(X), X)
    >>> found.p_value < 0.01
    True
    """
    a, b = model_of(model_a, "model_a"), model_of(model_b, "model_b")
    rows, _ = rows_and_names(X, columns=a.columns or b.columns)
    if missing == "exact":
        values = np.asarray(rows, dtype=np.float64).reshape(len(rows), -1)
        rows = values[~np.isnan(values).all(axis=1)]
    held_a, held_b = _held(model_a, "model_a"), _held(model_b, "model_b")
    found = _varimix.distinguishability_test(
        a, b, rows, _in_order(rows, a, b), held_a, held_b, missing
    )
    return DistinguishabilityTest(**{**found, "weights": tuple(found["weights"].tolist())})


test_distinguishability.__test__ = False  # type: ignore[attr-defined]  # pytest: not a test


def _held(of: Any, name: str) -> list[str]:
    """Return the parameters that a fit held; of a model none are known.

    Raises
    ------
    ValueError
        For a fit with a prior, which is not of maximum likelihood.
    """
    if not isinstance(of, EMResult):
        return []
    if of.has_prior:
        raise ValueError(f"{name} must be a fit of maximum likelihood, got one with a prior")
    return list(of.held)
