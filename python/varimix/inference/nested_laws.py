"""Tests of nested laws by their likelihood ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from numpy.typing import ArrayLike

from varimix import _varimix
from varimix._varimix import EMResult, MeanVarianceMixture
from varimix.arguments import one_number
from varimix.inference.arguments import (
    number_text,
    require_result,
    require_rows,
    text,
    whole_number,
)
from varimix.rows import AnyRows

AnyModel = TypeVar("AnyModel", bound=MeanVarianceMixture)

NULL_LAWS = {"chi_square": "chi2({k})", "chi_bar_square": "half chi2({less}), half chi2({k})"}


@dataclass(frozen=True)
class LikelihoodRatio:
    """A likelihood-ratio test of two nested laws: what `likelihood_ratio` returns.

    Attributes
    ----------
    statistic : float
        ``max(0, 2 (log L of the larger - log L of the smaller))``.
    degrees : int
        Difference k of the numbers of free parameters, >= 1.
    p_value : float
        Probability of a statistic as large where the smaller law is true.
    null_law : str
        ``'chi_square'`` with k degrees, or ``'chi_bar_square'``: half chi-square with k - 1 and
        half with k degrees, where one restriction is a boundary.
    status : str
        ``'ok'``; ``'not_converged'``: a fit ended before its stopping rule was met; or
        ``'irregular'``: the null law is approached slowly, or not at all. That is so for a
        VarianceGamma with ``alpha < 1 + d/4``, at which the observed information of mu has infinite
        variance, and for a NormalInverseGamma with ``alpha <= 2`` in a GeneralizedHyperbolic, at
        which the score of a has.
    """

    statistic: float
    degrees: int
    p_value: float
    null_law: str
    status: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, which JSON holds."""
        return asdict(self)

    def summary(self) -> str:
        """Return the test in one line."""
        law = NULL_LAWS[self.null_law].format(k=self.degrees, less=self.degrees - 1)
        note = "" if self.status == "ok" else f" [{self.status}]"
        return f"LR = {number_text(self.statistic)}, {law}, p = {number_text(self.p_value)}{note}"


@dataclass(frozen=True)
class SymmetryTest(Generic[AnyModel]):
    """The test of gamma = 0: what `test_symmetry` returns.

    Attributes
    ----------
    test : LikelihoodRatio
        Its numbers; ``statistic``, ``degrees``, ``p_value`` and ``status`` are here too.
    symmetric, free : EMResult
        The fits with gamma = 0, and with any.
    """

    test: LikelihoodRatio
    symmetric: EMResult[AnyModel]
    free: EMResult[AnyModel]

    __hash__ = None  # type: ignore[assignment]

    @property
    def statistic(self) -> float:
        """The likelihood ratio."""
        return self.test.statistic

    @property
    def degrees(self) -> int:
        """Its degrees of freedom, d."""
        return self.test.degrees

    @property
    def p_value(self) -> float:
        """Probability of a ratio as large where gamma = 0."""
        return self.test.p_value

    @property
    def status(self) -> str:
        """As in `LikelihoodRatio`."""
        return self.test.status

    def summary(self) -> str:
        """Return the test in one line."""
        return f"gamma = 0: {self.test.summary()}"

    def __repr__(self) -> str:
        """Return the numbers, without the fits."""
        return (
            f"SymmetryTest(statistic={number_text(self.statistic)}, degrees={self.degrees}, "
            f"p_value={number_text(self.p_value)}, status={self.status!r})"
        )


def likelihood_ratio(small: EMResult[Any], large: EMResult[Any]) -> LikelihoodRatio:
    """Test the smaller of two nested laws against the larger by their likelihood ratio.

    ``LR = 2 (log L_large - log L_small)`` of two fits by maximum likelihood to the same rows. With
    k the difference of their numbers of free parameters, its law where the smaller law is true is

    * chi-square with k degrees of freedom (Wilks 1938) for two fits of one family, of which the
      smaller holds more parameters (``symmetric``, ``fixed``), and for a NormalInverseGaussian in a
      GeneralizedHyperbolic, which is its p = -1/2;
    * half chi-square with k - 1 and half with k degrees (Self and Liang 1987, case 5) for a
      VarianceGamma (b = 0) or a NormalInverseGamma (a = 0) in a GeneralizedHyperbolic, of which
      they are faces: a boundary. For k = 1 the p-value is ``P(chi2_1 > LR) / 2``.

    Parameters
    ----------
    small, large : EMResult
        What ``Model.fit`` or `BatchEMFitter` gave for the same rows: results hold no rows, so that
        this is the caller's to see to. Weights count rows.

    Returns
    -------
    LikelihoodRatio

    Raises
    ------
    TypeError
        For anything but results of fits.
    ValueError
        Naming the reason: laws that do not nest, in family or in what they hold; fits of other
        fitters, which have no log-likelihood, or with a prior; another dimension, other columns,
        another total weight, or one that counts no rows; a larger law that is less likely by more
        than 0.01 nats, whose fit is no maximum; and fits about which the likelihood is not regular:
        a status ``gaussian_limit``, ``mode_trap``, ``shape_minimum`` or of columns without scatter,
        a null on a face, a VarianceGamma with ``alpha <= min(1, (d + 2)/4)``, a NormalInverseGamma
        with ``alpha <= 1`` and free gamma.

    Notes
    -----
    A NormalInverseGamma in a GeneralizedHyperbolic approaches its law slowly: at 5% the test
    rejects 8% of the true laws with alpha = 2.5, 6% with alpha = 6 (n = 2000, d = 2).

    Cost: none; the fits have it all. Fits with the default tolerance are good to some 1e-8 nats
    per row, 2e-5 in LR for 1000 rows.

    References
    ----------
    Wilks (1938), Annals of Mathematical Statistics 9:60. Self and Liang (1987), Journal of the
    American Statistical Association 82:605.

    Examples
    --------
    >>> from varimix import GeneralizedHyperbolic, NormalInverseGaussian
    >>> from varimix.inference import likelihood_ratio
    >>> law = NormalInverseGaussian.from_classical([0.0], [0.3], [[1.0]], 1.0, 1.0)
    >>> X = law.rvs(1000, seed=1)
    >>> test = likelihood_ratio(NormalInverseGaussian.fit(X), GeneralizedHyperbolic.fit(X))
    >>> test.degrees, test.null_law
    (1, 'chi_square')
    """
    require_result(small, "small")
    require_result(large, "large")
    return LikelihoodRatio(**_varimix.likelihood_ratio(small, large))


def test_symmetry(
    X: AnyRows,
    family: type[MeanVarianceMixture] | str = "NormalInverseGaussian",
    *,
    weights: ArrayLike | None = None,
    missing: str = "error",
    tol: float = 1e-13,
    max_iter: int = 5000,
    columns: Sequence[str | int] | None = None,
) -> SymmetryTest[Any]:
    """Test that rows have a symmetric law, gamma = 0, against any gamma of the same family.

    Fits the family with and without ``symmetric`` to the maximum and compares them by
    `likelihood_ratio`: chi-square with d degrees of freedom where gamma = 0.

    Parameters
    ----------
    X : rows (n, d)
        Anything that ``Model.fit`` takes.
    family : class of a model, or its name
        'NormalInverseGaussian', 'VarianceGamma', 'NormalInverseGamma' or 'GeneralizedHyperbolic'.
    weights : array_like (n), optional
        Whole numbers >= 0 that count rows: a row of weight 2 is two rows, which is exact. Other
        weights, of importance or precision, are refused: LR would not be chi-square.
    missing : str
        'error'; or 'exact': NaN is a value missing at random. The likelihood is then that of what
        the rows show, of which LR has the same law.
    tol : float
        Tolerance of both fits, >= 0, nats per row: LR is good to about ``4 n tol``.
    max_iter : int
        Greatest number of passes of each fit, >= 1.
    columns : sequence of str or int, optional
        Those of a table or file, as in fit_stream.

    Returns
    -------
    SymmetryTest
        With both fits.

    Raises
    ------
    ValueError
        As ``Model.fit`` and `likelihood_ratio` do, and for weights that are no whole numbers.

    Notes
    -----
    Cost: two fits, some 15 to 60 passes over the rows together.

    Examples
    --------
    >>> from varimix import NormalInverseGaussian
    >>> from varimix.inference import test_symmetry
    >>> law = NormalInverseGaussian.from_classical([0.0], [0.5], [[1.0]], 1.0, 1.0)
    >>> test_symmetry(law.rvs(1000, seed=1)).p_value < 1e-6
    True
    """
    name = family if isinstance(family, str) else getattr(family, "__name__", None)
    if name is None:
        raise TypeError(f"family must be a class of a model, or its name, got {family!r}")
    require_rows(X)
    fields, symmetric, free = _varimix.symmetry_test(
        X,
        name,
        weights,
        one_number(tol, "tol"),
        whole_number(max_iter, "max_iter"),
        text(missing, "missing"),
        columns,
    )
    return SymmetryTest(LikelihoodRatio(**fields), symmetric, free)


test_symmetry.__test__ = False  # type: ignore[attr-defined]  # it is no test of pytest's
