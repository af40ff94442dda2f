"""Batch EM on the whole sample: the rule without memory, applied repeatedly to all rows."""

from dataclasses import dataclass
from time import perf_counter

from market_report.prices import FloatArray
from varimix import IdentityUpdate, NormalInverseGaussian, OnlineEM

RELATIVE_STILLNESS = 1e-12
"""EM has stopped moving once a round gains less than this share of the log-likelihood."""
MAX_ROUNDS = 2000
"""A bound on EM, which is slow near the Gaussian limit; the report says if it was reached."""


@dataclass(frozen=True)
class MaximumLikelihood:
    """The maximum of the likelihood of all rows, as far as EM went.

    Attributes
    ----------
    model : the model reached
    log_likelihood : sum over all rows, nats
    rounds : number of E- and M-steps over all rows
    has_settled : true if EM stopped moving before MAX_ROUNDS
    seconds : wall time
    """

    model: NormalInverseGaussian
    log_likelihood: float
    rounds: int
    has_settled: bool
    seconds: float


def maximise_likelihood(start: NormalInverseGaussian, rows: FloatArray) -> MaximumLikelihood:
    """Climb from ``start`` by EM on all ``rows`` (n, d) until the log-likelihood stops moving."""
    started = perf_counter()
    state = OnlineEM(start, IdentityUpdate())
    reached = -float("inf")
    has_settled = False
    while not has_settled and state.step < MAX_ROUNDS:
        before, reached = reached, state.update(rows).log_likelihood
        has_settled = reached - before < RELATIVE_STILLNESS * max(1.0, abs(reached))
    total = float(state.model.log_prob(rows).sum())
    return MaximumLikelihood(state.model, total, state.step, has_settled, perf_counter() - started)
