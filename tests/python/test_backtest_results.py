"""Results of backtests: what is shown, compared, pickled and copied."""

import copy
import pickle

import pytest
from backtests import counts_of, full

from varimix.risk import (
    BacktestCounts,
    backtest,
)


def test_backtests_of_other_returns_differ() -> None:
    result = full()
    assert result != backtest([0.0, 0.0], 1.0, 2.0, alpha=result.alpha)
    assert result.shortfall != 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(result)


def test_summary_and_html_show_every_test() -> None:
    result = full()
    text, page = result.summary(), result._repr_html_()
    for name in ("Kupiec", "independence", "durations", "traffic light", "Z1", "Z2", "McNeil-Frey"):
        assert name in text
        assert name in page
    assert all(len(line) <= 80 for line in text.splitlines())
    assert page.startswith("<table>")
    assert len(repr(result)) < 200
    assert "needs the laws of the days" in full(laws=None).summary()
    assert "not testable" in backtest([0.0], 1.0, 2.0, alpha=0.1).summary()


def test_results_and_counts_survive_pickles_and_copies() -> None:
    result = full()
    for same in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert same == result
        assert not same.shortfall.fz0_scores.flags.writeable
        assert same.counts == result.counts
        assert same.shortfall.e_backtest == result.shortfall.e_backtest
    counts = result.counts
    fork = copy.copy(counts)
    fork.add(-9.0, 1.0)
    assert fork != counts
    assert fork.days == counts.days + 1


def test_a_damaged_pickle_of_counts_is_refused() -> None:
    name, parts, attributes = counts_of([True, False]).__getstate__()
    assert isinstance(parts, tuple)
    with pytest.raises(ValueError, match="must be"):
        BacktestCounts.__new__(BacktestCounts).__setstate__((name, (5, *parts[1:]), attributes))
