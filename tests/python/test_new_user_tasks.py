"""Eight tasks of a first day, each as a new user does it, through the public doors alone."""

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command import varimix
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

import varimix as vx
from varimix import NormalInverseGaussian, OnlineEM, fit_stream, open_source
from varimix.sklearn import MeanVarianceMixture

NAMES = ["Allianz", "Münchener Rück", "SAP"]
LAW = NormalInverseGaussian.from_classical(
    mu=[0, 0, 0], gamma=[0, 0, 0], sigma=1e-4 * (0.5 * np.eye(3) + 0.5), mu_ig=1.0, lam=1.2
)
DAYS = pd.bdate_range("2024-01-02", periods=600, name="Datum")
RETURNS = pd.DataFrame(LAW.rvs(600, seed=0), columns=NAMES, index=DAYS)
YESTERDAY, TODAY = RETURNS[:500], RETURNS[500:]
GERMAN = {"delimiter": ";", "decimal_point": ","}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_german_prices(path: Path) -> pd.DataFrame:
    """Write prices with semicolons, decimal commas, days as 31.12.2024, and holes; return them."""
    prices = 100 * np.exp(RETURNS.cumsum()).round(6)
    prices.iloc[[20, 40, 60], [0, 1, 2]] = np.nan
    text = prices.to_csv(sep=";", decimal=",", date_format="%d.%m.%Y")
    lines = text.splitlines()
    lines[21] = lines[21].replace(";;", ";n/a;")  # and one hole of another kind
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return prices


# ---- 1. A CSV with semicolons, a date column and holes ----


def test_a_german_csv_is_fitted_and_reported_by_day_on_the_command_line(folder: Path) -> None:
    prices = write_german_prices(folder / "kurse.csv")
    options = ["--delimiter", ";", "--decimal", ",", "--missing", "exact", "--returns", "log"]
    ran = varimix("fit", "kurse.csv", *options, "-o", "kurse.vmx", "--report", "kurse.html")
    assert ran.code == 0, ran.err
    assert "dates of the rows are of column 'Datum'" in ran.err
    assert "report on 599 returns, 2024-01-03 to 2026-04-20" in ran.out
    assert "2024-01-03" in (folder / "kurse.html").read_text(encoding="utf-8")
    returns = np.log(prices).diff()[1:]
    init = NormalInverseGaussian.default_init(returns, missing="exact")
    state = OnlineEM(init, missing="exact")
    fit_stream(state, returns, batch_size=512)
    found = OnlineEM.load("kurse.vmx").model
    assert found.columns == tuple(NAMES)
    np.testing.assert_allclose(found.mean(), state.model.mean(), rtol=1e-6)
    np.testing.assert_allclose(found.cov(), state.model.cov(), rtol=1e-6)


def test_a_german_csv_is_fitted_in_python(folder: Path) -> None:
    prices = write_german_prices(folder / "kurse.csv")
    rows = open_source("kurse.csv", csv=GERMAN, columns=NAMES)
    fitted = NormalInverseGaussian.fit(rows, missing="exact", max_iter=5).model
    expected = NormalInverseGaussian.fit(prices, missing="exact", max_iter=5).model
    assert fitted.columns == tuple(NAMES)
    np.testing.assert_allclose(fitted.mean(), expected.mean(), rtol=1e-9)


# ---- 2. A pipe ----


def test_a_pipe_gives_the_model_of_the_file(folder: Path) -> None:
    YESTERDAY.to_csv("returns.csv")
    assert varimix("fit", "returns.csv", "-o", "file.vmx").code == 0
    piped = (folder / "returns.csv").read_bytes()
    assert varimix("fit", "-", "-o", "pipe.vmx", stdin=piped).code == 0
    assert OnlineEM.load("pipe.vmx").model == OnlineEM.load("file.vmx").model


# ---- 3. A model from yesterday, updated, and updated once more by mistake ----


def test_a_file_given_twice_is_learned_once(folder: Path) -> None:
    YESTERDAY.to_csv("yesterday.csv")
    TODAY.to_csv("today.csv")
    varimix("fit", "yesterday.csv", "-o", "model.vmx")
    assert "100 new, 600 rows" in varimix("update", "model.vmx", "today.csv").out
    again = varimix("update", "model.vmx", "today.csv")
    assert (again.code, again.err) == (0, "")
    assert "nothing is new" in again.out


def test_rows_given_again_by_another_path_or_a_pipe_are_told(folder: Path) -> None:
    YESTERDAY.to_csv("yesterday.csv")
    varimix("fit", "yesterday.csv", "-o", "model.vmx")
    whole = varimix("update", "model.vmx", folder / "yesterday.csv", "-o", "other.vmx")
    piped = varimix(
        "update", "model.vmx", "-", "-o", "third.vmx", stdin=Path("yesterday.csv").read_bytes()
    )
    for ran in (whole, piped):
        assert ran.code == 0
        assert "begins with the same row as file 'yesterday.csv'" in ran.err
        assert "its rows count twice now" in ran.err


def test_a_state_with_todays_file_alone_is_that_of_both_files(folder: Path) -> None:
    YESTERDAY.to_csv("yesterday.csv")
    TODAY.to_csv("today.csv")
    state = OnlineEM(NormalInverseGaussian.default_init(YESTERDAY))
    fit_stream(state, "yesterday.csv", columns=NAMES, batch_size=100)
    state.save("law.state")
    state = OnlineEM.load("law.state")
    fit_stream(state, "today.csv", columns=list(state.columns or ()), batch_size=100)
    both = OnlineEM(NormalInverseGaussian.default_init(YESTERDAY))
    fit_stream(both, ["yesterday.csv", "today.csv"], columns=NAMES, batch_size=100)
    assert (state.total_weight, state.model) == (600, both.model)


# ---- 4. A wrong name, 5. another order ----


def test_a_misspelt_column_is_named_with_the_one_that_is_meant(folder: Path) -> None:
    YESTERDAY.to_csv("returns.csv")
    model = NormalInverseGaussian.fit(YESTERDAY, max_iter=3).model
    with pytest.raises(ValueError, match=r"missing: \['SAP'\]; unknown: 'SPA' \(did you mean 'SAP"):
        model.log_prob(TODAY.rename(columns={"SAP": "SPA"}))
    with pytest.raises(ValueError, match=r"no column 'Alianz' .*; did you mean 'Allianz'"):
        NormalInverseGaussian.fit("returns.csv", columns=["Alianz", "SAP"])
    ran = varimix("fit", "returns.csv", "--columns", "Alianz")
    assert (ran.code, "did you mean 'Allianz'" in ran.err) == (2, True)


def test_reordered_columns_give_the_same_bits(folder: Path) -> None:
    model = NormalInverseGaussian.fit(YESTERDAY, max_iter=3).model
    turned = TODAY[NAMES[::-1]]
    assert (model.log_prob(turned) == model.log_prob(TODAY)).all()
    straight, state = OnlineEM(model), OnlineEM(model)
    straight.update(TODAY)
    state.update(turned)
    assert state.model == straight.model


# ---- 6. A notebook with polars ----

CELLS = (
    "import polars as pl\n"
    "from varimix import NormalInverseGaussian, OnlineEM, fit_stream\n"
    "df = pl.read_csv('returns.csv', try_parse_dates=True).drop('Datum')",
    "state = OnlineEM(NormalInverseGaussian.default_init(df))\n"
    "fit_stream(state, pl.concat([df] * 4000), batch_size=50, verbose=1)",
    "fit_stream(state, df).status",
)
KERNEL = """
import json, sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.v4.new_notebook()
notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in json.load(sys.stdin)]
NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
json.dump([cell.outputs for cell in notebook.cells], open("outputs.json", "w"))
"""


def test_a_notebook_shows_progress_and_results_of_a_polars_frame(folder: Path) -> None:
    pytest.importorskip("nbclient", reason="the packages of the site's build bring it")
    YESTERDAY.to_csv("returns.csv")
    ran = subprocess.run(
        [sys.executable, "-c", KERNEL], input=json.dumps(CELLS), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    quiet, learned, status = json.loads(Path("outputs.json").read_text())
    assert quiet == []
    progress, result = learned
    assert progress["data"].keys() == {"text/plain"}
    assert "rows/s, log score" in progress["data"]["text/plain"]
    assert "Münchener Rück" in result["data"]["text/html"]
    assert "the source was read to its end" in status[0]["data"]["text/html"]
    assert "StatusEntry" not in status[0]["data"]["text/html"]


# ---- 7. GridSearchCV over families, in two processes ----


@pytest.fixture
def _workers_ended() -> Iterator[None]:
    yield
    get_reusable_executor().shutdown(wait=True, kill_workers=True)


@pytest.mark.usefixtures("_workers_ended")
def test_the_best_family_of_a_search_in_two_processes_goes_to_another_process() -> None:
    families = ["nig", "skewed_t"]
    search = GridSearchCV(
        MeanVarianceMixture(), {"family": families}, cv=TimeSeriesSplit(2), n_jobs=2
    ).fit(YESTERDAY)
    assert search.best_params_["family"] in families
    best = search.best_estimator_
    (elsewhere,) = Parallel(n_jobs=2)([delayed(best.score)(TODAY)])
    assert elsewhere == best.score(TODAY)
    assert pickle.loads(pickle.dumps(best)).score(TODAY) == elsewhere


# ---- 8. A rule of one's own ----


class Slowing:
    """Steps of 1/(k + 2), by the batches that it has counted itself."""

    def __init__(self) -> None:
        self.batches = 0

    def accumulate(self, running: vx.Eta, batch: vx.Eta, info: vx.StepInfo) -> vx.Eta:
        self.batches += 1
        return running.blend(batch, 1 / (self.batches + 1))


class Misspelt(Slowing):
    def emitt(self, running: vx.Eta) -> vx.Eta:
        return running


class OfAnotherShape(Slowing):
    def accumulate(self, running: vx.Eta, batch: vx.Eta, info: vx.StepInfo) -> vx.Eta:
        return vx.Eta(1.0, 1.0, 0.0, np.zeros(2), np.zeros(2), np.eye(2))


def test_mistakes_of_a_rule_are_named_before_anything_is_learned() -> None:
    init = NormalInverseGaussian.default_init(YESTERDAY)
    with pytest.raises(TypeError, match=r"emitt .*is it emit"):
        OnlineEM(init, Misspelt())
    state = OnlineEM(init, OfAnotherShape())
    with pytest.raises(ValueError, match=r"accumulate of the update rule .*dimension 3, got 2"):
        state.update(YESTERDAY)
    assert (state.step, state.model) == (0, init)


def test_a_rule_that_counts_goes_on_by_a_pickle_and_starts_anew_by_a_file() -> None:
    init = NormalInverseGaussian.default_init(YESTERDAY)
    state = OnlineEM(init, Slowing())
    fit_stream(state, YESTERDAY, batch_size=100)
    state.save("own.state")
    pickled = pickle.loads(pickle.dumps(state))
    loaded = OnlineEM.load("own.state", rule=Slowing())
    assert loaded.model == state.model
    for each in (state, pickled, loaded):
        each.update(TODAY)
    assert pickled.model == state.model
    assert loaded.model != state.model
