"""``varimix fit``: prices that are none are named or missing, and what was learned is kept."""

from pathlib import Path

import numpy as np
import pytest
from command import csv_of, log_returns, prices_of, varimix, write_parquet
from fits_of_prices import INITIAL_ROWS, PRICES, in_python, own_folder

from varimix import (
    GeneralizedHyperbolic,
    NormalInverseGaussian,
    OnlineEM,
    fit_stream,
)

folder = pytest.fixture(autouse=True)(own_folder)


@pytest.mark.parametrize(("price", "words"), [(-3.0, "-3"), (0.0, "0"), (np.nan, "missing value")])
def test_a_bad_price_is_named_or_missing(folder: Path, price: float, words: str) -> None:
    prices = PRICES.copy()
    prices[2500, 1] = price
    write_parquet(folder / "a.parquet", prices[:2000])
    write_parquet(folder / "b.parquet", prices[2000:], row_group=300)
    ran = varimix("fit", "a.parquet", "b.parquet", "--returns", "log")
    assert ran.code == 3
    for part in (words, "row 500 ", "'b.parquet'", "'MSFT'", "--missing exact"):
        assert part in ran.err
    (folder / "model.vmx.checkpoint").unlink(missing_ok=True)
    assert varimix("fit", "?.parquet", "--returns", "log", "--missing", "exact").code == 0
    returns = log_returns(PRICES)
    returns[2499:2501, 1] = np.nan
    state = OnlineEM(NormalInverseGaussian.default_init(returns[:INITIAL_ROWS]), missing="exact")
    fit_stream(state, returns, batch_size=512)
    assert OnlineEM.load("model.vmx").model == state.model


def test_an_infinite_price_is_an_error_whatever_is_missing(folder: Path) -> None:
    prices = PRICES.copy()
    prices[3, 0] = np.inf
    write_parquet(folder / "p.parquet", prices)
    ran = varimix("fit", "p.parquet", "--returns", "log", "--missing", "exact")
    assert (ran.code, "got inf in row 3" in ran.err) == (3, True)


def test_rows_learned_before_a_bad_one_are_kept_and_gone_on_with(folder: Path) -> None:
    good = prices_of(30_000)
    bad = good.copy()
    bad[29_000, 0] = -1
    (folder / "p.csv").write_text(csv_of(bad))
    ran = varimix("fit", "p.csv", "--returns", "log")
    assert (ran.code, "'model.vmx.checkpoint' holds" in ran.err) == (3, True)
    (folder / "p.csv").write_text(csv_of(good))
    assert varimix("fit", "p.csv", "--returns", "log").code == 0
    assert OnlineEM.load("model.vmx").model == in_python(log_returns(good)).model


def test_the_checkpoint_of_another_fit_is_refused(folder: Path) -> None:
    state = in_python(PRICES, GeneralizedHyperbolic)
    state.save(folder / "model.vmx.checkpoint")
    write_parquet(folder / "p.parquet", PRICES)
    ran = varimix("fit", "p.parquet", "--returns", "log")
    assert (ran.code, "remove it to start anew" in ran.err) == (2, True)
    assert not (folder / "model.vmx").exists()
