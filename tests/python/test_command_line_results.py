"""``score``, ``sample``, ``compare``, ``inspect`` and ``convert``: what they print and write."""

import io
import json
from pathlib import Path

import cbor2
import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from command import NAMES, RETURNS, csv_of, log_returns, prices_of, varimix, write_parquet
from numpy.typing import NDArray

from varimix import BatchEMFitter, MeanVarianceMixture, NormalInverseGaussian, OnlineEM, fit_best
from varimix.command_line.arrow import matrix_of
from varimix.command_line.compare import Scores

PRICES = prices_of(3000)
ROWS = log_returns(PRICES)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_parquet(tmp_path / "p.parquet", PRICES)
    assert varimix("fit", "p.parquet", "--returns", "log").code == 0
    return tmp_path


def model() -> MeanVarianceMixture:
    fitted: MeanVarianceMixture = OnlineEM.load("model.vmx").model
    return fitted


def test_a_slice_of_arrow_with_nulls_is_read_where_it_lies() -> None:
    values = pa.array([None, 1.0, None, 3.0, 4.0, None], pa.float64())
    narrow = pa.array([0.5, None, 2.5, 3.5, None, 5.5], pa.float32())
    batch = pa.record_batch([values, narrow], names=["a", "b"]).slice(1, 4)
    right = [[1.0, np.nan], [np.nan, 2.5], [3.0, 3.5], [4.0, np.nan]]
    np.testing.assert_array_equal(matrix_of(batch), right)
    assert matrix_of(batch.slice(0, 0)).shape == (0, 2)


# ---- score ----


def test_score_is_the_mean_log_density() -> None:
    mean = model().marginal_log_likelihood(ROWS)
    ran = varimix("score", "model.vmx", "p.parquet", "--json")
    assert ran.json["rows"] == len(ROWS)
    assert ran.json["log_score"] == pytest.approx(mean, rel=1e-12)
    assert f"{mean:.6f} nats per row" in varimix("score", "model.vmx", "p.parquet").out


def read(path: str) -> NDArray[np.float64]:
    if path.endswith(".npy"):
        return np.load(path)
    if path.endswith(".csv"):
        return np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
    table = pq.read_table(path) if path.endswith(".parquet") else pyarrow.feather.read_table(path)
    return np.column_stack([column.to_numpy() for column in table.columns])


def test_scores_have_the_same_bits_however_the_rows_are_cut(folder: Path) -> None:
    rows = RETURNS.rvs(150_000, seed=4)
    np.save(folder / "r.npy", rows)
    pq.write_table(
        pa.table(dict(zip(NAMES, rows.T, strict=True))), "r.parquet", row_group_size=7777
    )
    assert varimix("fit", "r.parquet", "-o", "r.vmx").code == 0
    right = OnlineEM.load("r.vmx").model.log_prob(rows)
    for data in ("r.npy", "r.parquet"):
        assert varimix("score", "r.vmx", data, "-o", "x.npy").code == 0
        np.testing.assert_array_equal(np.load("x.npy")[:, 0], right)


FORMATS = ["x.csv", "x.parquet", "x.arrow", "x.npy"]


@pytest.mark.parametrize("output", FORMATS)
def test_score_writes_a_log_density_per_row(output: str) -> None:
    assert varimix("score", "model.vmx", "p.parquet", "-o", output).code == 0
    np.testing.assert_array_equal(read(output)[:, 0], model().log_prob(ROWS))


def test_score_to_standard_output_leaves_the_mean_on_standard_error() -> None:
    ran = varimix("score", "model.vmx", "p.parquet", "-o", "-")
    found = np.loadtxt(io.StringIO(ran.out), skiprows=1)
    np.testing.assert_array_equal(found, model().log_prob(ROWS))
    assert "log score" in ran.err


def test_score_names_the_place_of_a_hole_or_takes_it_as_missing(folder: Path) -> None:
    prices = PRICES.copy()
    prices[5] = np.nan
    write_parquet(folder / "h.parquet", prices)
    ran = varimix("score", "model.vmx", "h.parquet")
    assert (ran.code, "row 5" in ran.err) == (3, True)
    ran = varimix("score", "model.vmx", "h.parquet", "--missing", "exact", "--json")
    assert (ran.json["rows"], ran.json["empty_rows"]) == (len(ROWS) - 2, 2)
    right = np.delete(model().log_prob(ROWS), [4, 5]).mean()
    assert ran.json["log_score"] == pytest.approx(right, rel=1e-12)


def test_a_hole_among_rows_that_are_no_prices_is_named(folder: Path) -> None:
    rows = ROWS.copy()
    rows[7, 1] = np.nan
    (folder / "r.csv").write_text(csv_of(ROWS))
    (folder / "h.csv").write_text(csv_of(rows))
    varimix("fit", "r.csv", "-o", "r.vmx")
    ran = varimix("score", "r.vmx", "h.csv")
    assert ran.code == 3
    for part in ("missing value in row 7", "'MSFT'", "h.csv", "--missing exact"):
        assert part in ran.err


# ---- sample ----


@pytest.mark.parametrize("output", FORMATS)
def test_sample_draws_as_rvs_does(output: str) -> None:
    ran = varimix("sample", "model.vmx", "-n", 100, "--seed", 7, "-o", output, "--json")
    assert ran.json == {"rows": 100, "seed": 7, "columns": list(NAMES), "output": output}
    np.testing.assert_array_equal(read(output), model().rvs(100, seed=7))


def test_sample_to_standard_output_has_names_and_a_fresh_seed() -> None:
    first, second = (varimix("sample", "model.vmx", "-n", 3) for _ in range(2))
    assert first.out.splitlines()[0] == '"AAPL","MSFT"'
    assert first.out != second.out
    seed = first.err.split()[-1]
    assert varimix("sample", "model.vmx", "-n", 3, "--seed", seed).out == first.out


# ---- compare ----


def test_compare_has_the_difference_and_its_standard_error() -> None:
    varimix("fit", "p.parquet", "--returns", "log", "--family", "gh", "--passes", 2, "-o", "b.vmx")
    ran = varimix("compare", "model.vmx", "b.vmx", "p.parquet", "--json")
    a, b = model().log_prob(ROWS), OnlineEM.load("b.vmx").model.log_prob(ROWS)
    best, other = ran.json["scores"]
    names, scored = ("model.vmx", "b.vmx"), (a, b)
    order = sorted(range(2), key=lambda i: -scored[i].mean())
    assert [best["name"], other["name"]] == [names[i] for i in order]
    apart = scored[order[1]] - scored[order[0]]
    assert best["standard_error"] is None
    assert other["difference"] == pytest.approx(apart.mean(), rel=1e-9)
    assert other["standard_error"] == pytest.approx(
        apart.std(ddof=1) / np.sqrt(len(apart)), rel=1e-9
    )


def test_scores_do_not_depend_on_the_parts_and_leave_impossible_rows_out() -> None:
    rng = np.random.default_rng(0)
    whole = rng.normal(size=(1000, 3)) + 1e6
    scores = Scores(3)
    for part in np.split(whole, [1, 400, 401]):
        scores.add(part)
    scores.add(np.array([[-np.inf, 1.0, 2.0]]))
    assert (scores.rows, scores.impossible) == (1000, 1)
    apart = whole[:, 0] - whole[:, 2]
    assert scores.against(0, 2) == pytest.approx(
        (apart.mean(), apart.std(ddof=1) / np.sqrt(1000)), rel=1e-6
    )


def test_families_are_compared_on_the_last_rows() -> None:
    ran = varimix(
        "compare", "p.parquet", "--returns", "log", "--family", "nig", "--family", "vg",
        "--held-out", "0.5", "--json",
    )  # fmt: skip
    held = len(ROWS) - round(0.5 * len(ROWS))
    best = fit_best(ROWS[:held], ["NormalInverseGaussian", "VarianceGamma"], fitter=BatchEMFitter())
    right = {each.family: each.model.marginal_log_likelihood(ROWS[held:]) for each in best.table}
    found = {row["name"]: row["log_score"] for row in ran.json["scores"]}
    assert found == pytest.approx(right, rel=1e-12)
    assert f"scored on the last {len(ROWS) - held:,}" in ran.err


def test_models_of_other_columns_are_not_compared(folder: Path) -> None:
    varimix("fit", "p.parquet", "--returns", "log", "--columns", "MSFT,AAPL", "-o", "b.vmx")
    ran = varimix("compare", "model.vmx", "b.vmx", "p.parquet")
    assert (ran.code, "different rows" in ran.err) == (2, True)


# ---- inspect ----


def test_inspect_shows_what_is_in_the_file() -> None:
    found = varimix("inspect", "model.vmx", "--json").json
    fitted = model()
    assert found["family"] == "NormalInverseGaussian"
    assert found["columns"] == list(NAMES)
    assert (found["rows"], found["returns"], found["passes"]) == (len(ROWS), "log", 1)
    assert found["rule"] == "NaturalGradientUpdate"
    assert found["files"] == [{"name": "p.parquet", "rows": len(ROWS)}]
    assert found["parameters"]["mu"] == fitted.mu.tolist()
    assert found["parameters"]["sigma"] == fitted.sigma().tolist()
    assert found["parameters"]["lam"] == fitted.lam
    text = varimix("inspect", "model.vmx").out
    for part in ("NormalInverseGaussian", "2,999 log returns", "p.parquet", "AAPL", "lam = "):
        assert part in text


def test_a_state_that_python_saved_is_inspected_without_names(folder: Path) -> None:
    OnlineEM(RETURNS).save(folder / "py.vmx")
    found = varimix("inspect", "py.vmx", "--json").json
    assert (found["columns"], found["returns"], found["rows"]) == (["0", "1"], None, 0)
    assert "no notes beside it" in varimix("inspect", "py.vmx").out


# ---- convert ----


def test_convert_and_back_loses_nothing(folder: Path) -> None:
    OnlineEM(RETURNS).save(folder / "fresh.vmx")  # its statistics and first row may be NaN
    for name in ("model.vmx", "fresh.vmx"):
        before = OnlineEM.load(name).to_bytes()
        for between in ("x.json", "x.cbor"):
            assert varimix("convert", name, between).code == 0
            assert varimix("convert", between, "back.vmx").code == 0
            assert OnlineEM.load("back.vmx").to_bytes() == before
    assert varimix("inspect", "back.vmx").code == 0


def test_json_and_cbor_hold_the_payload(folder: Path) -> None:
    ran = varimix("convert", "model.vmx", "x.json", "--json")
    assert ran.json["to"] == "x.json"
    varimix("convert", "model.vmx", "x.cbor")
    payload = cbor2.loads((folder / "x.cbor").read_bytes())
    assert payload == json.loads((folder / "x.json").read_text())
    assert payload["state"]["driving"]["mu"] == OnlineEM.load("model.vmx").driving_model.mu.tolist()


@pytest.mark.parametrize("text", ["", "xx", "[1]", "{}", '{"family": "NormalInverseGaussian"}'])
def test_what_is_no_state_is_refused(folder: Path, text: str) -> None:
    (folder / "x.json").write_text(text)
    ran = varimix("convert", "x.json", "y.vmx")
    assert (ran.code, "'x.json'" in ran.err) == (3, True)
    assert not (folder / "y.vmx").exists()


def test_numbers_that_are_not_finite_survive_json(folder: Path) -> None:
    state = OnlineEM(NormalInverseGaussian.default_init(ROWS), missing="exact")
    state.update(np.array([[np.nan, 0.01]]))
    state.save(folder / "hole.vmx")
    varimix("convert", "hole.vmx", "x.json")
    assert '"not_finite": "nan"' in (folder / "x.json").read_text()
    varimix("convert", "x.json", "back.vmx")
    assert OnlineEM.load("back.vmx").to_bytes() == state.to_bytes()
