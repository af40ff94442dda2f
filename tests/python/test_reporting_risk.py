"""Sections of risk tell hostile data without failing, and stand in the page in order."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from findings_of_risk import NI, SECTIONS, found, told
from reports import LAW, returns

from varimix import (
    report,
)

HOSTILE: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "one row": (LAW, LAW.rvs(1, seed=0), {}),
    "unnamed": (LAW, LAW.rvs(50, seed=0), {}),
    "one column": (LAW.project([1, 0, 0]), LAW.rvs(50, seed=0)[:, :1], {}),
    "mostly missing": (LAW, returns().mask(returns() > -0.01), {}),
    "no means": (
        NI([0, 0], [0, 0], np.eye(2), 0.4, 1.0),
        np.random.default_rng(0).standard_cauchy((600, 2)),
        {},
    ),
    "no means, rows": (
        NI([0, 0], [0.1, 0], np.eye(2), 0.8, 1.0),
        np.random.default_rng(0).standard_cauchy((600, 2)),
        {"is_returns": False},
    ),
    "gains only": (LAW.replace(mu=np.add(LAW.mu, 0.5)), LAW.rvs(600, seed=0) + 0.5, {}),
    "shorts": (LAW, LAW.rvs(600, seed=0), {"weights": np.array([1.0, -2.0, 0.5])}),
    "wide tail": (LAW, LAW.rvs(600, seed=0), {"alpha": 0.25}),
    "deep tail": (LAW, LAW.rvs(600, seed=0), {"alpha": 1e-6}),
    "far off": (
        LAW.replace(mu=np.add(LAW.mu, 1e6)),
        LAW.rvs(600, seed=0) + 1e6,
        {"is_returns": False},
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_section_fails_or_tells_a_number_that_is_none(name: str) -> None:
    law, rows, options = HOSTILE[name]
    findings = found(law, rows, **options)
    for section in SECTIONS:
        text = told(section, findings)
        assert not re.search(r"\b(nan|inf|None)\b", text), section
        assert len(text) > 40 or not findings.words.is_returns


def test_sections_stand_in_the_page_in_order(reports: dict[str, Path]) -> None:
    for name, path in reports.items():
        ids = re.findall(r'<section id="(\w+)">', path.read_text(encoding="utf-8"))
        expected = ["tails", "intervals", "backtest", "ahead", "weights", "contributions", "least"]
        if name == "rows":
            expected.remove("least")
        assert ids[: len(expected)] == expected


def test_a_picture_holds_names_that_cannot_be_drawn(tmp_path: Path) -> None:
    frame = pd.DataFrame(LAW.rvs(60, seed=0), columns=["日本", "$x", "x" * 40])
    text = report(LAW, frame, tmp_path / "r.html").read_text(encoding="utf-8")
    assert 'id="contributions"' in text
