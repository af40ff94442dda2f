"""What a terminal and a notebook show of a value is short, whole, and valid HTML."""

from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from examples_of_values import CLASSES

import varimix
from varimix import (
    BatchEMFitter,
    GeneralizedHyperbolic,
    IdentityUpdate,
    NormalInverseGaussian,
    OnlineEM,
    PolyakAverage,
    PolyakRuppertUpdate,
    RobbinsMonroUpdate,
    Shrinkage,
    eta0_from_model,
    fit_best,
)

D = 20
NAMES = [f"<b>{j}</b>" for j in range(D)]
ROWS = pd.DataFrame(np.random.default_rng(0).standard_t(5, size=(200, D)), columns=NAMES)
SHORT = 1600
"""Characters: some lines on a terminal. All numbers of a model of 20 columns have 5000."""


class Tags(HTMLParser):
    """The tags and the text of a page, whose tags must close in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data + " "


def large_values() -> dict[str, object]:
    init = NormalInverseGaussian.default_init(ROWS)
    state = OnlineEM(init)
    report = state.update(ROWS)
    averaged = OnlineEM(init, PolyakAverage(RobbinsMonroUpdate()))
    averaged.update(ROWS)
    fitter = BatchEMFitter(
        max_iter=3, eta_update=Shrinkage(IdentityUpdate(), eta0_from_model(init))
    )
    return {
        "model": init,
        "generalised": GeneralizedHyperbolic.default_init(ROWS),
        "state": state,
        "averaged": averaged,
        "report": report,
        "result": fitter.fit(init, ROWS),
        "best": fit_best(ROWS, n_starts=1, families=["NormalInverseGaussian", "VarianceGamma"]),
        "rule": Shrinkage(PolyakRuppertUpdate(), eta0_from_model(init)),
        "fitter": fitter,
        "eta": init.compute_eta_from_model(),
        "e_step": init.e_step(ROWS),
        "covariance": state.cov_params(),
    }


LARGE = large_values()


@pytest.mark.parametrize("name", LARGE)
def test_of_twenty_columns_a_value_is_no_wall_of_numbers(name: str) -> None:
    value = LARGE[name]
    assert len(repr(value)) < SHORT
    assert len(str(value)) < SHORT
    assert len(value._repr_html_()) < 3 * SHORT


@pytest.mark.parametrize("name", ["model", "generalised"])
def test_a_large_model_shows_its_ends_and_its_law_of_y(name: str) -> None:
    model = LARGE[name]
    text = repr(model)
    assert text.startswith(f"{type(model).__name__}(mu=[")
    assert (
        f"{model.mu[0]:.6g}, {model.mu[1]:.6g}, {model.mu[2]:.6g}, ..., {model.mu[-1]:.6g}]" in text
    )
    assert "sigma=<20 x 20>" in text
    assert "columns=['<b>0</b>', '<b>1</b>', '<b>2</b>', ..., '<b>19</b>'])" in text


def test_a_model_of_six_columns_shows_all_numbers_and_one_of_seven_does_not() -> None:
    for d in (6, 7):
        model = NormalInverseGaussian.default_init(ROWS.iloc[:, :d])
        assert ("..." in repr(model)) == (d == 7)
        assert all(f"{value:.6g}" in repr(model) for value in model.mu) == (d == 6)


@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_every_value_has_a_table_of_valid_html(
    of: type, examples: dict[type, list[object]]
) -> None:
    if issubclass(of, Exception) or of.__name__ == "Fit":
        return
    for value in examples[of]:
        tags = Tags(value._repr_html_())
        assert tags.open == []
        assert tags.seen <= {"table", "caption", "tr", "th", "td"}
        assert of.__name__ in tags.text
        assert len(value._repr_html_()) < 3 * SHORT


def test_names_are_escaped_and_every_row_is_told_of() -> None:
    text = LARGE["model"]._repr_html_()
    assert "<b>" not in text
    tags = Tags(text)
    assert "<b>0</b>" in tags.text
    assert "<b>8</b>" not in tags.text
    assert "... 20 in all" in tags.text


def test_a_result_shows_its_model_and_its_status() -> None:
    for name in ("state", "result", "best"):
        text = Tags(LARGE[name]._repr_html_()).text
        assert "NormalInverseGaussian" in text
        assert "<b>0</b>" in text
        assert "status" in text


def test_a_rule_of_a_user_has_no_method_more_to_answer_for() -> None:
    class Own(IdentityUpdate):
        def accumulate(self, running, batch, info):  # type: ignore[no-untyped-def]
            return batch

    state = OnlineEM(varimix.NormalInverseGaussian.default_init(ROWS), Own())
    state.update(ROWS)
    assert "Own" in Own()._repr_html_()
