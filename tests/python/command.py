"""The command line in this process, and the prices that its tests are about."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from typer.testing import CliRunner

from varimix import NormalInverseGaussian
from varimix.command_line.app import app

RETURNS = NormalInverseGaussian.from_classical(
    mu=[0.0002, 0.0],
    gamma=[0.0002, -0.0003],
    sigma=[[1e-4, 3e-5], [3e-5, 2e-4]],
    mu_ig=1.0,
    lam=1.0,
)
NAMES = ("AAPL", "MSFT")


class Ran(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def varimix(*arguments: object, stdin: bytes | None = None) -> Ran:
    """Run a command; an exception that it lets out, as no user's mistake may, is raised."""
    result = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


def prices_of(rows: int, seed: int = 0) -> NDArray[np.float64]:
    return 100.0 * np.exp(np.cumsum(RETURNS.rvs(rows, seed=seed), axis=0))


def table_of(prices: NDArray[np.float64]) -> pa.Table:
    return pa.table({name: prices[:, j] for j, name in enumerate(NAMES)})


def write_parquet(path: Path, prices: NDArray[np.float64], row_group: int = 1000) -> Path:
    pq.write_table(table_of(prices), path, row_group_size=row_group)
    return path


def csv_of(prices: NDArray[np.float64], names: tuple[str, ...] = NAMES) -> str:
    lines = [",".join(map(repr, row)) for row in prices.tolist()]
    return "\n".join([",".join(names), *lines]) + "\n"


def log_returns(prices: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log(prices[1:] / prices[:-1])
