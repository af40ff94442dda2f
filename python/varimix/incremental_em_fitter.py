"""The incremental fitter: the compiled loop, with progress on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from varimix import _varimix
from varimix._varimix import BatchReport, EMResult, MeanVarianceMixture, OnlineEM
from varimix.progress import progress_bar
from varimix.rows import AnyRows
from varimix.sources import open_source

AnyModel = TypeVar("AnyModel", bound=MeanVarianceMixture)


class IncrementalEMFitter(_varimix.IncrementalEMFitter):
    """Incremental (mini-batch) EM: a loop over ``OnlineEM.update`` on batches drawn from an array.

    Parameters
    ----------
    eta_update : update rule, optional
        Learns from a batch's statistics; ``NaturalGradientUpdate()`` if left out.
    batch_size : int
        Rows drawn per step, >= 1. If X has fewer, all are used, and the status says so.
    max_steps : int
        Number of steps, >= 0; 0 returns the initial model.
    inner_iter : int
        E/M rounds on each batch, >= 1; the last E-step is blended.
    verbose : int
        A value > 0 records the mean log-likelihood of all rows after every
        ``max(1, max_steps // 10)`` steps and at the end (all rows are then checked), and shows
        progress on a terminal.
    regularization : str
        The gauge of the returned model: 'none' (the working gauge, running E[Y] = 1), 'mean_y_one',
        'det_sigma_one', 'det_sigma_x', 'a_eq_b'. The law is the same in all.
    e_step_backend, m_step_backend : str
        'cpu' is the only backend.
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
    stop_when : EarlyStopping, optional
        Ends the fit when the score of new batches no longer rises.

    Raises
    ------
    ValueError
        For an option outside its domain.
    """

    state: OnlineEM[Any] | None = None
    """The state after the last completed step of the last ``fit``, also if it was interrupted."""

    def fit(
        self,
        model: AnyModel,
        X: AnyRows,
        *,
        key: ArrayLike | np.random.Generator | None,
        columns: Sequence[str | int] | None = None,
        callback: Callable[[BatchReport], bool | None] | None = None,
    ) -> EMResult[AnyModel]:
        """Fit from ``model``, of any family, to the rows ``X`` (n, d).

        An array is read in place; any other source that ``fit_stream`` takes is read into memory.
        ``columns`` chooses those of a table or file, as in fit_stream. ``callback`` is called with
        a report after every step; if it returns False, the fit stops.

        Each batch is drawn without replacement, keyed by ``key`` (an integer >= 0 or a small array
        of them; a numpy.random.Generator gives one, None means fresh randomness) and the step. Only
        the rows drawn are read and checked: a step costs O(batch_size) whatever n is, unless X is
        of another type than native float64 or float32 and has to be converted whole. Ctrl-C raises
        KeyboardInterrupt after the batch in hand; ``state`` is usable.

        Raises
        ------
        ValueError
            For no rows, another number of columns than the model's, NaN or infinity in a row drawn
            (which the message names), or a negative key.
        """
        if columns is not None:
            X = open_source(X, columns=columns)
        state = self.start(model)
        try:
            with progress_bar("incremental EM", self.max_steps, shown=self.verbose > 0) as progress:
                result = self.run(state, X, key=key, progress=progress, callback=callback)
        except BaseException:
            if state.step > 0:
                self.state = state
            raise
        self.state = state
        return result
