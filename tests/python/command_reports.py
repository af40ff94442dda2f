"""Prices in a folder, a model of them, and the page that a command writes of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import prices_of, varimix, write_parquet
from numpy.typing import NDArray

import varimix as library

ROWS = 700
PRICES = prices_of(ROWS)
DAYS = np.datetime64("2020-01-01") + np.arange(ROWS)


def folder_of_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_parquet(tmp_path / "p.parquet", PRICES)
    return tmp_path


def fitted_model(folder: Path) -> Path:
    assert varimix("fit", "p.parquet", "--returns", "log").code == 0
    return folder / "model.vmx"


def asked_of_the_library(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the library was asked to report on; it writes no page."""
    found: dict[str, Any] = {}

    def report(of: object, X: NDArray[np.float64], path: Path, **options: object) -> None:
        found.update(options, of=of, X=X, path=path)

    monkeypatch.setattr(library, "report", report)
    return found


def page_at(path: str) -> str:
    text = Path(path).read_text(encoding="utf-8")
    assert text.lower().startswith("<!doctype html>")
    assert text.lower().count("</html>") == 1
    return text
