"""The batch fitter: the compiled loop, with progress on a terminal."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from numpy.typing import ArrayLike

from varimix import _varimix
from varimix._varimix import BatchReport, EMResult, MeanVarianceMixture, Shrinkage
from varimix.progress import progress_bar
from varimix.rows import AnyRows
from varimix.sources import open_source

AnyModel = TypeVar("AnyModel", bound=MeanVarianceMixture)


class BatchEMFitter(_varimix.BatchEMFitter):
    """Accelerated EM on all rows: maximum likelihood for data that fit in memory.

    ``Model.fit(X)`` is the short form. The likelihood never falls: a step that would lower it is
    not taken.

    Parameters
    ----------
    max_iter : int
        Greatest number of passes over the rows, >= 0; 0 returns the initial model.
    tol : float
        >= 0, nats per row: a fit has converged when a pass has raised the mean log-likelihood by
        at most this, and moved the law by at most sqrt(tol).
    acceleration : str
        'anderson', or 'none' for plain EM.
    regularization : str
        The gauge of the returned model: 'none' (the working gauge, E[Y] = 1), 'mean_y_one',
        'det_sigma_one', 'det_sigma_x', 'a_eq_b'. The law is the same in all.
    eta_update : Shrinkage, optional
        ``Shrinkage(IdentityUpdate(), eta0, tau)`` with a number tau: penalised EM.
    symmetric : bool
        Hold gamma = 0.
    fixed : sequence of str
        Parameters held at the initial model's values: 'mu', 'gamma', 'sigma', or one of the law
        of Y ('lam', 'alpha', ...).
    alpha_min : str
        Least alpha of a VarianceGamma: 'none', 'density' (d/2 + 0.1: a bounded density) or
        'inverse_moment' (d/2 + 1.1).
    missing : str
        'error': NaN is an error; 'exact': NaN is a value missing at random.
    verbose : int
        A value > 0 shows progress on a terminal.

    Raises
    ------
    ValueError
        For an option outside its domain.
    """

    verbose: int = 0

    def __init__(
        self,
        max_iter: int = 500,
        tol: float = 1e-9,
        acceleration: str = "anderson",
        regularization: str = "none",
        eta_update: Shrinkage | None = None,
        *,
        symmetric: bool = False,
        fixed: Sequence[str] = (),
        alpha_min: str = "none",
        missing: str = "error",
        verbose: int = 0,
    ) -> None:
        super().__init__(
            max_iter,
            tol,
            acceleration,
            regularization,
            eta_update,
            symmetric,
            fixed,
            alpha_min,
            missing,
        )
        if verbose < 0:
            raise ValueError(f"verbose must be >= 0, got {verbose}")
        self.verbose = verbose

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BatchEMFitter):
            return NotImplemented
        return super().__eq__(other) and self.verbose == other.verbose

    __hash__ = None

    def __repr__(self) -> str:
        text = super().__repr__()
        if not self.verbose:
            return text
        separator = "" if text.endswith("()") else ", "
        return f"{text[:-1]}{separator}verbose={self.verbose})"

    def fit(
        self,
        model: AnyModel,
        X: AnyRows,
        weights: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        columns: Sequence[str | int] | None = None,
        callback: Callable[[BatchReport], bool | None] | None = None,
    ) -> EMResult[AnyModel]:
        """Fit from ``model``, of any family, to the rows ``X`` (n, d).

        An array is read in place; any other source that ``fit_stream`` takes is read into memory.
        ``callback`` is called with a report after every pass; if it returns False, the fit stops.

        ``weights`` (n) are >= 0; a row of weight 0 counts as absent, one of weight 2 as two rows;
        ``sample_weight`` is scikit-learn's name for them. ``columns`` chooses those of a table or
        file, as in fit_stream.
        The result tells the history of the likelihood and what happened. Ctrl-C raises
        KeyboardInterrupt after the pass in hand.

        Raises
        ------
        ValueError
            For no rows, another number of columns than the model's, NaN or infinity, or weights
            that are not >= 0, not one per row, all 0, or given by both names.
        """
        if sample_weight is not None:
            if weights is not None:
                raise ValueError("weights must be None beside sample_weight, its other name")
            weights = sample_weight
        if columns is not None:
            X = open_source(X, columns=columns)
        with progress_bar("batch EM", self.max_iter, shown=self.verbose > 0) as progress:
            return self.run(model, X, weights, progress, callback)
