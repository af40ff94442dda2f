"""The predictions of a backtest as varimix.risk.backtest tests them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from varimix.reporting.backtest import MODEL, Backtest
from varimix.reporting.portfolio import Line
from varimix.risk import Backtest as RiskBacktest
from varimix.risk import backtest as risk_backtest

DRAWS = 5e5
"""Rows times replicates of a simulated null law: a tenth of a second."""
FEWEST_REPLICATES, MOST_REPLICATES = 99, 999
MOST_ROWS = 20_000
"""Rows up to which a null law is simulated."""
SEED = 0


@dataclass(frozen=True)
class ShortfallTest:
    """Tests of quantiles and the means beyond them, which were predicted row by row.

    Attributes
    ----------
    found : the tests; None where there are none
    center : what was taken off all rows, 0 for returns
    replicates : of the simulated null laws, 0 where none was simulated
    why_not : why there are none, or ""
    """

    found: RiskBacktest | None
    center: float = 0.0
    replicates: int = 0
    why_not: str = ""


def shortfall_test(
    tested: Backtest | None, line: Line, alpha: float, *, is_returns: bool
) -> ShortfallTest:
    """Test the predictions of a prequential backtest at alpha.

    Losses are measured from 0 for returns, and from the median of the rows before the first
    prediction else.
    """
    if tested is None or not tested.is_prequential or tested.means_beyond is None:
        return ShortfallTest(None, why_not="no backtest predicted rows before they came")
    if not tested.has_means_beyond:
        return ShortfallTest(None, why_not="some predicted mean beyond the quantile is infinite")
    before = line.values[: tested.rows[0]]
    before = before[~np.isnan(before)]
    center = 0.0 if is_returns or len(before) == 0 else float(np.median(before))
    losses = center - tested.quantiles[MODEL][:, tested.levels.index(alpha)]
    beyond = center - tested.means_beyond
    if not ((beyond > 0.0) & (beyond > losses)).all():
        return ShortfallTest(None, why_not="some predicted mean beyond the quantile is no loss")
    n = len(tested.rows)
    replicates = int(np.clip(DRAWS / n, FEWEST_REPLICATES, MOST_REPLICATES))
    simulated = n <= MOST_ROWS and tested.of_row is not None
    laws = _laws(tested, center) if simulated else None
    found = risk_backtest(
        tested.values - center, losses, beyond, alpha=alpha, laws=laws, seed=SEED,
        replicates=replicates,
    )  # fmt: skip
    return ShortfallTest(found, center, replicates if simulated else 0)


def _laws(tested: Backtest, center: float) -> list[Any]:
    """Return the law of each row, less the center."""
    laws = list(tested.laws)
    if center:
        laws = [law.replace(mu=law.mu - center) for law in laws]
    assert tested.of_row is not None, "the caller has looked"
    return [laws[k] for k in tested.of_row]
