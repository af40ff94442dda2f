"""Rows and arguments that the functions of dask's collections refuse are named."""

from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import pytest
from dask.delayed import delayed
from dask_collections import COUNTS, FRAME, delayed_parts, in_this_thread
from partitions import INIT, TRUTH, X, split

from varimix import NaturalGradientUpdate, OnlineEM, VarianceGamma
from varimix.distributed import (
    default_init,
    fit,
    fit_best,
    fit_stream,
    log_prob,
    rvs,
    score,
)

_in_this_thread = pytest.fixture(autouse=True)(in_this_thread)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("persist", [False, True])
def test_a_bad_row_is_named_with_its_partition_and_column(value: float, persist: bool) -> None:
    bad = FRAME.copy()
    bad.iloc[1503, 1] = value
    parts = delayed_parts(split(bad))
    place = r"partition 4: .* in row 3 .*, column 'b'"
    with pytest.raises(ValueError, match=place):
        fit(parts, init=INIT, persist=persist)
    with pytest.raises(ValueError, match=place):
        default_init(parts, persist=persist)
    with pytest.raises(ValueError, match=place):
        score(parts, INIT)
    with pytest.raises(ValueError, match=place):
        log_prob(parts, INIT).compute()
    with pytest.raises(ValueError, match=place):
        fit_stream(OnlineEM(INIT), parts, forks=2, sync_every=300, persist=persist)


def test_a_bad_row_of_a_weighted_stream_keeps_its_number() -> None:
    bad = FRAME.assign(n=[0.0] * 1000 + [1.0] * 2000)
    bad.iloc[1503, 1] = np.inf
    with pytest.raises(ValueError, match=r"partition 0: .* in row 1503 .*, column 'b'"):
        fit_stream(OnlineEM(INIT), delayed([bad][0]), forks=1, sync_every=300, weights="n")


def test_the_first_of_several_bad_partitions_is_named() -> None:
    bad = FRAME.copy()
    bad.iloc[[800, 2900], 0] = np.nan
    with pytest.raises(ValueError, match="partition 3: "):
        fit(delayed_parts(split(bad)), init=INIT)


def test_a_text_among_numbers_is_named() -> None:
    parts = split(FRAME)
    parts[4] = parts[4].astype(object)
    parts[4].iloc[3, 1] = "n/a"
    with pytest.raises(ValueError, match=r"partition 4: .*'b'.*'n/a'"):
        fit(delayed_parts(parts), init=INIT)


@pytest.mark.parametrize(
    ("parts", "options", "message"),
    [
        ([], {}, "one partition or more, got none"),
        ([X[:0]], {}, "X must be one row or more, got none"),
        ([X, X[:, :2]], {}, "partition 1: .*columns"),
        ([FRAME, FRAME.rename(columns={"b": "x"})], {}, "partition 1: .*missing: .'b'.*unknown"),
        ([FRAME], {"columns": ["a", "z"]}, "partition 0: .*'z'"),
        ([FRAME], {"weights": "z"}, "partition 0: .*'z'"),
        ([FRAME, FRAME], {"weights": [delayed(COUNTS)]}, "partitions of the collection, 2, got 1"),
        ([X], {"weights": [delayed(-COUNTS)]}, r"partition 0: weights\["),
        ([X], {"weights": [delayed(COUNTS[:3])]}, "partition 0: weights must be one for each row"),
        ([X], {"weights": [delayed(0 * COUNTS)]}, "the sum of weights"),
        ([X], {"tol": -1.0}, "tol"),
        ([X], {"family": "Gaussian"}, "Gaussian"),
    ],
)
def test_wrong_arguments_are_named(parts: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(delayed_parts(parts), **options)


@pytest.mark.parametrize("collection", [3, None, X, [X], {"a": 1}, object()])
def test_what_is_no_collection_is_a_type_error(collection: Any) -> None:
    with pytest.raises(TypeError, match="collection"):
        fit(collection)


def test_other_wrong_arguments() -> None:
    parts = delayed_parts()
    with pytest.raises(ValueError, match="1 or 2 dimensions"):
        fit(da.zeros((2, 2, 2)))
    with pytest.raises(TypeError, match="family must be the name or the class"):
        fit(parts, family=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"client must be a distributed.Client or None"):
        fit(parts, client=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="model must be a model"):
        score(parts, 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="state must be an OnlineEM"):
        fit_stream(INIT, parts, forks=1, sync_every=1)  # type: ignore[arg-type]
    for name in ("forks", "sync_every", "batch_size"):
        with pytest.raises(ValueError, match=f"{name} must be >= 1, got 0"):
            fit_stream(OnlineEM(INIT), parts, **{"forks": 1, "sync_every": 9, name: 0})
    with pytest.raises(ValueError, match="families must be"):
        fit_best(parts, [])
    with pytest.raises(ValueError, match="each named once"):
        fit_best(parts, ["VarianceGamma", VarianceGamma])
    with pytest.raises(ValueError, match="n must be >= 0"):
        rvs(TRUTH, -1)
    with pytest.raises(ValueError, match="partition_rows must be >= 1"):
        rvs(TRUTH, 3, partition_rows=0)
    with pytest.raises(ValueError, match="rows that count"):
        score([delayed(X[:0])], INIT)


def test_a_rule_that_forgets_does_not_merge() -> None:
    state = OnlineEM(INIT, NaturalGradientUpdate(half_life=500))
    with pytest.raises(ValueError, match="merge"):
        fit_stream(state, delayed_parts(), forks=2, sync_every=100)


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no file"):
        fit(tmp_path / "none.parquet")
    with pytest.raises(FileNotFoundError, match="no file"):
        fit(tmp_path)
