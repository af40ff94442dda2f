"""A model knows the names of its columns, without the notes beside it too."""

from pathlib import Path

import numpy as np
import pytest
from command import NAMES, csv_of, log_returns, prices_of, varimix, write_parquet

from varimix import NormalInverseGaussian, OnlineEM, fit_stream

PRICES = prices_of(3000)
NEW = PRICES[2000:]
SWAPPED = NAMES[::-1]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_parquet(tmp_path / "p.parquet", PRICES[:2000])
    (tmp_path / "new.csv").write_text(csv_of(NEW))
    (tmp_path / "swapped.csv").write_text(csv_of(NEW[:, ::-1], SWAPPED))
    return tmp_path


def fitted(*options: str) -> OnlineEM:
    """Return the state of a fit whose notes are lost."""
    ran = varimix("fit", *(options or ("p.parquet",)))
    assert ran.code == 0, ran.err
    Path("model.vmx.source.json").unlink()
    return OnlineEM.load("model.vmx")


# ---- Which names ----


@pytest.mark.parametrize("options", [(), ("--returns", "log"), ("--to-maximum",)])
def test_a_fit_names_the_columns_of_its_model(options: tuple[str, ...]) -> None:
    assert fitted("p.parquet", *options).model.columns == NAMES


def test_names_are_in_the_order_asked_for() -> None:
    assert fitted("p.parquet", "-c", "MSFT,AAPL").columns == SWAPPED


@pytest.mark.parametrize("returns", ["none", "log"])
@pytest.mark.parametrize("way", ["array", "file", "pipe", "pipe to maximum"])
def test_data_without_names_give_none(folder: Path, way: str, returns: str) -> None:
    headless = csv_of(PRICES).partition("\n")[2]
    (folder / "h.csv").write_text(headless)
    np.save(folder / "a.npy", PRICES)
    options = {
        "array": ("a.npy", "-c", "1,0"),
        "file": ("h.csv", "--no-header"),
        "pipe": ("-", "--no-header"),
        "pipe to maximum": ("-", "--no-header", "--to-maximum"),
    }[way]
    stdin = headless.encode() if way.startswith("pipe") else None
    assert varimix("fit", *options, "--returns", returns, stdin=stdin).code == 0
    assert OnlineEM.load("model.vmx").columns is None


def test_a_piped_fit_names_them_too() -> None:
    for options in ((), ("--returns", "log"), ("--to-maximum",)):
        assert varimix("fit", "-", *options, stdin=csv_of(PRICES).encode()).code == 0
        assert OnlineEM.load("model.vmx").columns == NAMES, options


# ---- Without notes ----


def test_inspect_and_sample_know_the_names_of_the_model() -> None:
    fitted()
    assert varimix("inspect", "model.vmx", "--json").json["columns"] == list(NAMES)
    text = varimix("inspect", "model.vmx").out
    assert "AAPL" in text
    assert "returns are not known" in text
    assert varimix("sample", "model.vmx", "-n", 1).out.splitlines()[0] == '"AAPL","MSFT"'


def test_convert_keeps_the_names() -> None:
    before = fitted().to_bytes()
    for between in ("x.json", "x.cbor"):
        varimix("convert", "model.vmx", between)
        varimix("convert", between, "back.vmx")
        assert OnlineEM.load("back.vmx").to_bytes() == before


@pytest.mark.parametrize("data", [("swapped.csv",), ("new.csv", "-c", "MSFT,AAPL")])
def test_rows_are_put_into_the_order_of_the_model(data: tuple[str, ...]) -> None:
    state = fitted()
    ran = varimix("score", "model.vmx", *data, "--json")
    assert ran.json["log_score"] == pytest.approx(
        state.model.marginal_log_likelihood(NEW), rel=1e-12
    )
    assert "of which columns" not in ran.err
    assert varimix("update", "model.vmx", *data, "--returns", "none").code == 0
    fit_stream(state, NEW, batch_size=512)
    assert OnlineEM.load("model.vmx").model == state.model


def test_a_swapped_file_of_prices_gives_the_same_returns() -> None:
    state = fitted("p.parquet", "--returns", "log")
    assert varimix("update", "model.vmx", "swapped.csv", "--returns", "log").code == 0
    fit_stream(state, log_returns(NEW), batch_size=512)
    assert OnlineEM.load("model.vmx").model == state.model


def test_data_without_names_are_taken_in_the_order_of_the_model(folder: Path) -> None:
    state = fitted()
    right = state.model.marginal_log_likelihood(NEW)
    (folder / "h.csv").write_text(csv_of(NEW).partition("\n")[2])
    np.save(folder / "a.npy", NEW)
    np.save(folder / "b.npy", NEW[:, ::-1])
    for data in (("h.csv", "--no-header"), ("a.npy",), ("b.npy", "-c", "1,0")):
        ran = varimix("score", "model.vmx", *data, "--json")
        assert ran.code == 0, ran.err
        assert ran.json["log_score"] == pytest.approx(right, rel=1e-12), data


@pytest.mark.parametrize("command", ["score", "update", "compare"])
def test_a_missing_column_is_an_error_that_lists_both_sides(folder: Path, command: str) -> None:
    fitted()
    (folder / "o.csv").write_text(csv_of(NEW, ("AAPL", "IBM")))
    models = ("model.vmx", "model.vmx") if command == "compare" else ("model.vmx",)
    ran = varimix(command, *models, "o.csv", "--returns", "none")
    assert ran.code == 3
    for part in ("'MSFT'", "['AAPL', 'MSFT']", "'IBM' (double)"):
        assert part in ran.err
    assert "--columns names" not in ran.err


def test_columns_of_other_names_than_the_model_has_are_refused(folder: Path) -> None:
    before = fitted().to_bytes()
    (folder / "o.csv").write_text(csv_of(NEW, ("AAPL", "IBM")))
    for command in ("score", "update"):
        ran = varimix(command, "model.vmx", "o.csv", "-c", "AAPL,IBM", "--returns", "none")
        assert ran.code == 2
        assert "must have the columns ['AAPL', 'MSFT'], got ['AAPL', 'IBM']" in ran.err
    assert OnlineEM.load("model.vmx").to_bytes() == before


def test_models_of_other_names_are_not_compared_without_notes_either(folder: Path) -> None:
    fitted().save("a.vmx")
    fitted("p.parquet", "-c", "MSFT,AAPL")
    ran = varimix("compare", "a.vmx", "model.vmx", "new.csv")
    assert (ran.code, "different rows: columns AAPL, MSFT; columns MSFT, AAPL" in ran.err) == (
        2,
        True,
    )


# ---- Models without names ----


@pytest.fixture
def nameless() -> OnlineEM:
    state = OnlineEM(NormalInverseGaussian.default_init(PRICES))
    fit_stream(state, PRICES[:2000], batch_size=512)
    state.save("py.vmx")
    return state


def test_columns_are_named_in_the_order_of_a_model_without_names(nameless: OnlineEM) -> None:
    right = nameless.model.marginal_log_likelihood(NEW)
    ran = varimix("score", "py.vmx", "swapped.csv", "-c", "AAPL,MSFT", "--json")
    assert ran.json["log_score"] == pytest.approx(right, rel=1e-12)
    assert "of which columns, is not known" in ran.err


def test_notes_name_the_columns_of_a_model_without_names(folder: Path, nameless: OnlineEM) -> None:
    (folder / "py.vmx.source.json").write_text('{"columns": ["AAPL", "MSFT"]}')
    assert varimix("inspect", "py.vmx", "--json").json["columns"] == list(NAMES)
    right = nameless.model.marginal_log_likelihood(NEW)
    ran = varimix("score", "py.vmx", "swapped.csv", "--json")
    assert ran.json["log_score"] == pytest.approx(right, rel=1e-12)
    (folder / "o.csv").write_text(csv_of(NEW, ("A", "M")))
    assert "--columns names" in varimix("score", "py.vmx", "o.csv").err
    ran = varimix("score", "py.vmx", "o.csv", "-c", "A,M", "--json")
    assert ran.json["log_score"] == pytest.approx(right, rel=1e-12)


def test_an_update_gives_a_model_without_names_those_of_its_data(
    folder: Path, nameless: OnlineEM
) -> None:
    (folder / "py.vmx.source.json").write_text('{"columns": ["0", "1"]}')
    assert varimix("update", "py.vmx", "swapped.csv", "-c", "AAPL,MSFT").code == 0
    assert OnlineEM.load("py.vmx").columns == NAMES
    notes = (folder / "py.vmx.source.json").read_text()
    assert '"AAPL"' in notes
    fit_stream(nameless, NEW, batch_size=512)
    assert OnlineEM.load("py.vmx").model == nameless.model
