"""Reports that several tests look at, written once; and a reader of their HTML."""

from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd

from varimix import NormalInverseGaussian, OnlineEM, fit_best, fit_stream, report

LAW = NormalInverseGaussian.from_classical(
    mu=[5e-4, 3e-4, 4e-4],
    gamma=[-3e-4, -2e-4, -1e-4],
    sigma=1e-4 * (0.6 * np.eye(3) + 0.4),
    mu_ig=1.0,
    lam=1.5,
)
NAMES = ["<script>alert(1)</script>", "日本電信電話", 'a$b$c & "q"']
TITLE = "Ünïcode <b>title</b> & 'more'"


def returns() -> pd.DataFrame:
    """Return returns of 600 business days, with names that are hard to write."""
    index = pd.bdate_range("2020-01-01", periods=600)
    return pd.DataFrame(LAW.rvs(600, seed=0), columns=NAMES, index=index)


def with_holes() -> pd.DataFrame:
    frame = returns().set_axis(["A", "B", "C"], axis=1)
    gone = np.random.default_rng(0).random(frame.shape) < 0.2
    return frame.mask(gone)


def measurements() -> pd.DataFrame:
    """Return rows that are no prices, of columns in different units."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"length": 100.0 + 5.0 * rng.standard_t(3, 120), "pressure": 1e5 + rng.normal(size=120)}
    )
    frame.iloc[7, 1] = 1e5 + 60.0
    return frame


def write_reports(folder: Path) -> dict[str, Path]:
    """Write the reports, of every kind of fit and of data."""
    frame, holes, rows = returns(), with_holes(), measurements()
    state = OnlineEM(NormalInverseGaussian.default_init(holes, missing="exact"), missing="exact")
    fit_stream(state, holes)
    one = frame.iloc[:40, :1].to_numpy()
    return {
        "names": report(
            NormalInverseGaussian.fit(frame), frame, folder / "names.html", title=TITLE,
            weights={NAMES[0]: 0.75, NAMES[2]: 0.25},
        ),
        "holes": report(state, holes, folder / "holes.html"),
        "rows": report(fit_best(rows, n_starts=1), rows, folder / "rows.html", kind="rows"),
        "alone": report(LAW.project([1.0, 0.0, 0.0]), one, folder / "alone.html", alpha=0.1),
    }  # fmt: skip


class Page(HTMLParser):
    """What a page holds; every tag must be closed in order."""

    VOID = frozenset({"meta", "img", "br", "wbr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.hidden = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self.hidden += tag in ("style", "script")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.hidden -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]
